#!/bin/sh
# Installs Debian's Chromium for the browser tests, unless one is there.
# Exit code 3: this machine has no apt, or we may not use it.
set -eu
if [ -x /usr/bin/chromium ] || [ -x /usr/bin/chromium-browser ]; then
  exit 0
fi
if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
  echo "no Chromium, and no right to install it: apt-get install -y --no-install-recommends chromium" >&2
  exit 3
fi
echo "installing Chromium ..." >&2
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
