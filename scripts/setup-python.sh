#!/bin/sh
# Puts a Python with the pinned LanceDB client into .tools/python (git-ignored), for the tests that read our tables from Python.
# Exit code 3: there is no python3 with venv here.
set -eu
version=0.40.0
cd "$(dirname "$0")/.."
venv="$PWD/.tools/python"
if [ -x "$venv/bin/python" ] && [ "$("$venv/bin/python" -c 'import lancedb; print(lancedb.__version__)' 2>/dev/null)" = "$version" ]; then
  exit 0
fi
if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
  echo "no python3 with venv here: apt-get install -y python3-venv" >&2
  exit 3
fi
echo "installing the LanceDB client $version for Python ..." >&2
rm -rf "$venv"
python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "lancedb==$version"
