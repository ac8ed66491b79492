#!/bin/sh
# Installs Debian's Chromium for the browser tests, unless a Chromium or Chrome is there.
# Exit code 3: this machine has no apt, or we may not use it.
set -eu
for browser in chromium chromium-browser google-chrome; do
  [ -x "/usr/bin/$browser" ] && exit 0
done
if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
  echo "no Chromium, and no right to install it: apt-get install -y --no-install-recommends chromium" >&2
  exit 3
fi
echo "installing Chromium ..." >&2
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
