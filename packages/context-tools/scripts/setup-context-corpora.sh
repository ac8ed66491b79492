#!/bin/sh
# Fetches the corpora of the import oracles from PyPI and npm into .corpora/ (git-ignored).
# Pinned, so that every machine compares the same files. Needs python3 with pip, npm and tar.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
out="$here/.corpora"
mkdir -p "$out/python" "$out/typescript" "$out/download"

for wheel in rich==14.0.0 requests==2.32.3 flask==3.1.0 jinja2==3.1.6 werkzeug==3.1.3 click==8.1.8 networkx==3.4.2 httpx==0.28.1; do
  name=${wheel%%=*}
  [ -d "$out/python/$name" ] && continue
  python3 -m pip download --quiet --no-deps --only-binary=:all: --dest "$out/download" "$wheel"
  mkdir -p "$out/python/$name.part"
  python3 -m zipfile -e "$(ls "$out"/download/"$name"-*.whl | head -n 1)" "$out/python/$name.part"
  mv "$out/python/$name.part" "$out/python/$name"
done

for tarball in rxjs@7.8.2 effect@3.14.0 zod@4.1.0; do
  name=${tarball%@*}
  [ -d "$out/typescript/$name" ] && continue
  (cd "$out/download" && npm pack --silent "$tarball" >/dev/null)
  mkdir -p "$out/typescript/$name.part"
  tar -xzf "$(ls "$out"/download/"$name"-*.tgz | head -n 1)" -C "$out/typescript/$name.part" --strip-components 1
  mv "$out/typescript/$name.part" "$out/typescript/$name"
done
rm -rf "$out/download"
echo "python: $(find "$out/python" -name '*.py' | wc -l) files, typescript: $(find "$out/typescript" -name '*.ts' -path '*/src/*' | wc -l) files"
