#!/bin/sh
# Sees to a Chromium for the dashboard's browser tests: Debian's own package, where we may install it.
# It never fails; it says in one line what it found, and the browser tests say the rest.
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Chromium with apt-get, once (a minute or so)."
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1 </dev/null
fi
if ! command -v chromium >/dev/null 2>&1; then
  echo "No Chromium here. Install it (Debian, Ubuntu: sudo apt-get install chromium) for the browser tests."
fi
exit 0
