#!/bin/sh
# Puts the pinned actionlint into .tools/bin, built by the Go module proxy's ordinary client (checksums come with it).
# Exit code 3: there is no Go here.
set -eu
version=v1.7.12
cd "$(dirname "$0")/.."
bin="$PWD/.tools/bin"
if [ -x "$bin/actionlint" ] && "$bin/actionlint" -version 2>/dev/null | head -n 1 | grep -qx "${version#v}\|$version"; then
  exit 0
fi
# Where Go's own installer puts it; a non-interactive shell does not always have it on its path.
PATH="$PATH:/usr/local/go/bin"
if ! command -v go >/dev/null 2>&1; then
  echo "no Go here: cannot build actionlint $version" >&2
  exit 3
fi
mkdir -p "$bin"
echo "building actionlint $version ..." >&2
GOBIN=$bin GOFLAGS=-mod=mod go install "github.com/rhysd/actionlint/cmd/actionlint@$version"
