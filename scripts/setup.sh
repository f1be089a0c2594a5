#!/usr/bin/env bash
# Installs the packages of scripts/packages.txt whose programs are missing, as root on Debian; elsewhere it says what to
# install. Ends with 0 even if something is missing, unless KEYSWEEP_REQUIRE_REAL is set: tests are skipped then, and say so.
set -euo pipefail
cd "$(dirname "$0")/.."

missing() { # prints the packages whose program is not there
  local package program rest
  while read -r package program rest; do
    case $package in '' | '#'*) continue ;; esac
    command -v "$program" >/dev/null || printf '%s\n' "$package"
  done <scripts/packages.txt
}

mapfile -t wanted < <(missing)
[ ${#wanted[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null; then
  echo "installing with apt-get: ${wanted[*]}"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  if ! { apt-get -q update && apt-get -q install -y --no-install-recommends "${wanted[@]}"; } </dev/null >"$log" 2>&1; then
    tail -n 20 "$log"
  fi
  hash -r
  mapfile -t wanted < <(missing)
fi
[ ${#wanted[@]} -gt 0 ] || exit 0

echo "not installed: ${wanted[*]} (on Debian, as root: apt-get install ${wanted[*]}); what needs them is left out"
[ -z "${KEYSWEEP_REQUIRE_REAL:-}" ]
