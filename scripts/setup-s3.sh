#!/bin/sh
# For the tests of the object stores, into .tools (git-ignored): an S3 server (versitygw, built by Go from its module proxy; it checks
# signatures and checksums and knows conditional writes), and a DuckDB with its httpfs extension (from PyPI) that reads from it.
# Exit code 3: there is no Go, or no python3 with venv, here.
set -eu
version=v1.8.0
duckdb=1.5.5
cd "$(dirname "$0")/.."
bin="$PWD/.tools/bin"
venv="$PWD/.tools/duckdb-httpfs"
if [ ! -x "$bin/versitygw-$version" ]; then
  # Where Go's own installer puts it; a non-interactive shell does not always have it on its path.
  PATH="$PATH:/usr/local/go/bin"
  if ! command -v go >/dev/null 2>&1; then
    echo "no Go here: install Go 1.24 or newer" >&2
    exit 3
  fi
  echo "building versitygw $version (2 minutes) ..." >&2
  mkdir -p "$bin"
  GOBIN="$bin/build" GOFLAGS= go install "github.com/versity/versitygw/cmd/versitygw@$version"
  mv "$bin/build/versitygw" "$bin/versitygw-$version"
  rmdir "$bin/build"
fi
if [ -x "$venv/bin/python" ] && [ "$("$venv/bin/python" -c 'import duckdb; print(duckdb.__version__)' 2>/dev/null)" = "$duckdb" ]; then
  exit 0
fi
if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
  echo "no python3 with venv here: apt-get install -y python3-venv" >&2
  exit 3
fi
echo "installing DuckDB $duckdb with httpfs for Python ..." >&2
rm -rf "$venv"
python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "duckdb==$duckdb" "duckdb-extension-httpfs==$duckdb"
