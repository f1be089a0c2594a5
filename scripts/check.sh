#!/usr/bin/env bash
# Checks everything that is not a test: "make check". The linters are pinned in tools/go.mod and built by go itself.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/steps.sh
export CGO_ENABLED=0

sources() { git ls-files -z --cached --others --exclude-standard -- "$@"; }

formatted() {
  local names
  names=$(sources '*.go' ':!:*/testdata/*' | xargs -0 -r gofmt -l) || return 1
  [ -n "$names" ] || return 0
  printf 'gofmt -w would change:\n%s\n' "$names"
  return 1
}

linter() { go tool -modfile=tools/go.mod "$@"; }

# What is only built for another system is looked at as that system sees it.
static() {
  local program system
  program=$(linter -n staticcheck) || return 1
  for system in linux darwin windows; do
    GOOS=$system "$program" ./... || {
      echo "(as $system)"
      return 1
    }
  done
}

errors() { linter errcheck -ignoretests -exclude tools/errcheck.txt ./...; }

# A function is dead if no system's program or tests reach it. A file for one system only is seen by that system only, and
# counts as alive here; staticcheck looks at those.
dead() {
  local program system names
  program=$(linter -n deadcode) || return 1
  names=$(for system in linux darwin windows; do GOOS=$system "$program" -test ./... || exit 1; done) || return 1
  names=$(printf '%s\n' "$names" | sort | uniq -c | sed -n 's/^ *3 //p')
  [ -n "$names" ] || return 0
  printf '%s\n' "$names"
  return 1
}

scripts() { sources '*.sh' .ci/run | xargs -0 -r shellcheck -x; }

contents() { sources | xargs -0 sha256sum 2>/dev/null; }

# The files are left as they were made anew: commit them.
generated() {
  local before after
  before=$(contents)
  go generate ./... || return 1
  after=$(contents)
  diff <(printf '%s\n' "$before") <(printf '%s\n' "$after") || {
    echo "go generate changed files: commit them"
    return 1
  }
}

step gofmt formatted
step "go vet" go vet ./...
step "staticcheck, as linux, darwin and windows" static
step errcheck errors
step "deadcode" dead
step "house rules" go test -count=1 ./internal/house
step "generated files" generated
if command -v shellcheck >/dev/null || [ -n "${KEYSWEEP_REQUIRE_REAL:-}" ]; then
  step shellcheck scripts
else
  steps+=("left out      shellcheck (not installed)")
fi
closing "make check"
