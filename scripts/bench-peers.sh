#!/usr/bin/env bash
# Side by side with gitleaks on the same inputs, in alternation: wall time, CPU time and peak memory as ratios.
#   TREE=/path REPO=/path RUNS=5 bash scripts/bench-peers.sh
# TREE is a directory (default: the sources of the Go distribution), REPO a git repository (default: this one). gitleaks runs with
# its defaults for TREE_DECODE=5; 0, the default here, switches off its decoding, which keysweep does not do yet.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=$PWD/.cache/bench
mkdir -p "$cache"
version=$(go list -m -f '{{.Version}}' github.com/zricethezav/gitleaks/v8)
GOBIN=$cache go install "github.com/zricethezav/gitleaks/v8@$version"
go version -m "$cache/gitleaks" | sed -n 's/^\tmod\t/peer: /p'
CGO_ENABLED=0 go build -trimpath -o "$cache/keysweep" ./cmd/keysweep
go build -o "$cache/benchpair" ./internal/benchpair

tree=${TREE:-$(go env GOROOT)/src} repo=${REPO:-$PWD} runs=${RUNS:-3} decode=${TREE_DECODE:-0}
pair() { echo "== $1"; shift; "$cache/benchpair" -n "$runs" -- "$@"; }
cd "$cache" # neither tool's configuration is near

pair "tree $tree ($(find "$tree" -type f | wc -l) files, $(du -sm "$tree" | cut -f1) MB)" \
  "$cache/keysweep" scan --no-ignore -q "$tree" -- \
  "$cache/gitleaks" dir "$tree" --no-banner --log-level error --max-decode-depth "$decode" --exit-code 0
pair "history of $repo ($(git -C "$repo" rev-list --all --count) commits)" \
  sh -c "cd '$repo' && exec '$cache/keysweep' scan --history -q" -- \
  "$cache/gitleaks" git "$repo" --log-opts=--all --no-banner --log-level error --max-decode-depth "$decode" --exit-code 0

staged=$(mktemp -d); trap 'rm -rf "$staged"' EXIT
git -C "$staged" init -q
for i in 1 2 3; do seq 1 200 | sed "s/^/line of file $i: /" >"$staged/file$i.txt"; done
git -C "$staged" add -A
pair "staged hook, 3 files" \
  sh -c "cd '$staged' && exec '$cache/keysweep' scan --staged -q" -- \
  "$cache/gitleaks" git "$staged" --pre-commit --staged --no-banner --log-level error --max-decode-depth "$decode" --exit-code 0
