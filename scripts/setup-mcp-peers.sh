#!/bin/sh
# Puts the MCP servers that our clients are tested against into .tools/mcp-peers (git-ignored): mcp-server-motherduck and chroma-mcp, at fixed
# versions, each in a venv of its own, because chroma-mcp needs an old Python SDK and mcp-server-motherduck a new one.
# Exit code 3: there is no python3 with venv here.
set -eu
cd "$(dirname "$0")/.."
root="$PWD/.tools/mcp-peers"
if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
  echo "no python3 with venv here: apt-get install -y python3-venv" >&2
  exit 3
fi

# name of the venv, its stamp, then the requirements
peer() {
  venv="$root/$1"
  shift
  if [ -x "$venv/bin/python" ] && [ "$(cat "$venv/requirements.txt" 2>/dev/null)" = "$*" ]; then
    return
  fi
  echo "installing $* ..." >&2
  rm -rf "$venv"
  mkdir -p "$root"
  python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
  echo "$*" >"$venv/requirements.txt"
}

peer motherduck mcp-server-motherduck==1.1.0 duckdb==1.5.6
peer chroma chroma-mcp==0.2.6 chromadb==1.5.9 pydantic==2.11.10
