#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME (default 30s) each: "make fuzz". With arguments, only those of these packages. What a target
# finds is kept by go in the package's testdata/fuzz: commit it, it is a test from then on.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh
export CGO_ENABLED=0
time=${FUZZTIME:-30s}
if [ $# -eq 0 ]; then
  set -- ./...
  step "5,000 configurations compared with sshd -T" env KEYSWEEP_SSHD_ROUNDS=5000 go test -count=1 -timeout 30m -run '^TestLikeSSHD$' ./host/sshd
fi

for package in $(go list "$@"); do
  for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
    step "$package $target" go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package"
  done
done
closing "make fuzz, $time each"
