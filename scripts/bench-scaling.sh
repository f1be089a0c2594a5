#!/usr/bin/env bash
# How the cost of scanning a history grows: with new unique bytes, and with commits that bring nothing new.
#   RUNS=5 bash scripts/bench-scaling.sh
# First 500 commits that each add a file that nothing else resembles, of 32 KiB, 64, 128 and 256 KiB. Then 16 MB of contents
# that stay the same under 4,000, 8,000, 16,000 and 32,000 commits. Each history is made once (internal/benchrepo).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/bench-lib.sh
programs alone
runs=${RUNS:-5}
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

surroundings
echo && table
keysweep=$bench/keysweep
for times in 1 2 4 8; do curve unique "$times" "$((times * 500 * 32768 / 1000000)) MB of unique contents in 500 commits"; done
for times in 1 2 4 8; do curve same "$times" "16 MB of contents under $((times * 4000)) commits"; done
