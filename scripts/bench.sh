#!/usr/bin/env bash
# Runs the Go benchmarks and compares them with docs/bench/baseline.txt by benchstat, which tools/go.mod pins.
#   bash scripts/bench.sh                              all, against the stored baseline
#   PACKAGES=./internal/odb COUNT=10 bash scripts/bench.sh
#   bash scripts/bench.sh baseline                     store what is measured as the baseline
# Figures of two machines, or of one machine under two loads, do not compare: the heads of both files say what they were taken on.
set -euo pipefail
cd "$(dirname "$0")/.."
baseline=docs/bench/baseline.txt new=.cache/bench/new.txt
mkdir -p "$(dirname "$baseline")" "$(dirname "$new")"
all="./secretscan ./internal/inflate ./internal/odb ./internal/gitindex ./cmd/keysweep ./report ./rotation ./rotation/snapshot"
read -ra packages <<<"${PACKAGES:-$all}"
# Without the packs that a variable names, this one has nothing to do.
skip='^BenchmarkPacks$'
unset "${!KEYSWEEP_@}" "${!GIT_@}"
{
  echo "date: $(date +%F)"
  echo "commit: $(git describe --always --dirty)"
  echo "load: $(uptime | sed 's/.*load average[s]*: //')"
  echo "toolchain: $(go version | cut -d' ' -f3)"
  go test -run '^$' -bench "${BENCH:-.}" -skip "$skip" -benchmem -count "${COUNT:-6}" -benchtime "${BENCHTIME:-0.3s}" -p 1 "${packages[@]}"
} | tee "$new.part"
mv "$new.part" "$new"
if [ "${1:-}" = baseline ]; then
  cp "$new" "$baseline"
  exit
fi
echo
go tool -modfile=tools/go.mod benchstat -ignore date,commit,load,toolchain,cpu "$baseline" "$new"
