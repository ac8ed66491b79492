#!/bin/sh
# Puts an S3 server into .tools/bin (git-ignored), for the tests of the object stores: versitygw, built by Go from its module proxy.
# It checks signatures and checksums and knows conditional writes. Exit code 3: there is no Go here.
set -eu
version=v1.8.0
cd "$(dirname "$0")/.."
bin="$PWD/.tools/bin"
if [ -x "$bin/versitygw-$version" ]; then exit 0; fi
if ! command -v go >/dev/null 2>&1; then
  echo "no Go here: install Go 1.24 or newer" >&2
  exit 3
fi
echo "building versitygw $version (2 minutes) ..." >&2
mkdir -p "$bin"
GOBIN="$bin/build" GOFLAGS= go install "github.com/versity/versitygw/cmd/versitygw@$version"
mv "$bin/build/versitygw" "$bin/versitygw-$version"
rmdir "$bin/build"
