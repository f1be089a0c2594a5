#!/usr/bin/env bash
# How the cost of scanning a history grows: with new unique bytes, and with commits that bring nothing new.
#   RUNS=5 bash scripts/bench-scaling.sh
# First 500 commits that each add a file that nothing else resembles, of 32 KiB, 64, 128 and 256 KiB. Then 16 MB of contents
# that stay the same under 4,000, 8,000, 16,000 and 32,000 commits. Each history is made once (internal/benchrepo).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/bench-lib.sh
programs alone
runs=${RUNS:-5} keysweep=$bench/keysweep
cd "$bench"

# curve KIND TIMES TITLE
curve() {
  local kind=$1 times=$2 title=$3
  made "$kind-$times" -kind "$kind" -times "$times"
  rows "scaling-$kind-$times" "$title" "$runs" -C "$copied" -- \
    keysweep "$keysweep" scan --history --no-cache -q -- \
    "git rev-list --all" git rev-list --all -- \
    "git log -p -U0 --full-history --all" git log -p -U0 --full-history --all
}

# grown KIND FIRST UNIT: a table of the median CPU times, and how much each unit takes that a history has more than the one before.
grown() {
  local kind=$1 first=$2 unit=$3 times
  printf '\n| %s | CPU | less that of git rev-list --all | of each more |\n|--:|--:|--:|--:|\n' "$unit"
  for times in 1 2 4 8; do
    jq -rs '.[1:] | [map(.[0].cpu), map(.[1].cpu)] | map(sort | .[(length - 1) / 2 | floor]) | @tsv' "$result/scaling-$kind-$times.jsonl"
  done | awk -v n="$first" '{
    more = NR == 1 ? "" : sprintf("%.3f ms", ($1 - before) * 1000 / (n / 2))
    printf "| %d | %.0f ms | %.0f ms | %s |\n", n, $1 * 1000, ($1 - $2) * 1000, more
    before = $1; n *= 2
  }'
}

surroundings
echo && table
for times in 1 2 4 8; do curve unique "$times" "$((times * 500 * 32768 / 1000000)) MB of unique contents in 500 commits"; done
for times in 1 2 4 8; do curve same "$times" "16 MB of contents under $((times * 4000)) commits"; done
grown unique 16 "MB of unique contents"
grown same 4000 "commits over the same contents"
