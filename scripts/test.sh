#!/usr/bin/env bash
# Runs the tests: "make test". Further arguments go to go test, as in: scripts/test.sh -run TestArrows
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh
export CGO_ENABLED=0

tests() { go test -json -timeout 20m "$@" ./... 2>&1 | go run ./internal/testsummary; }

# Vetting type-checks the tests too, building shows that the program links.
on() { GOOS=$1 go vet ./... && GOOS=$1 go build ./...; }

left_out() {
  local package program what
  echo "left out: the race detector (make race), fuzzing (make fuzz), benchmarks (make bench), long tests (make long), linters (make check)"
  echo "left out: running the tests on other systems than this one; for those they are only built"
  while read -r package program what; do
    case $package in '' | '#'*) continue ;; esac
    command -v "$program" >/dev/null || echo "left out: $what (install $package)"
  done <scripts/packages.txt
}

step "programs the tests need" scripts/setup.sh
step "go vet" go vet ./...
for system in linux darwin windows; do
  [ "$system" = "$(go env GOHOSTOS)" ] || step "build for $system" on "$system"
done
step "go test" tests "$@"
closing "make test" || failed=1
left_out
[ "$failed" = 0 ]
