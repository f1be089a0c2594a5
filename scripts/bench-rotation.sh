#!/usr/bin/env bash
# Figures of rotate-due, run and prompt as whole processes: 10,000 credentials in files, 300 in gnome-keyring on a bus of its own.
#   RUNS=40 ONLY=keyring/run bash scripts/bench-rotation.sh
# Each line has the least and the median of the runs, and beside it /bin/true, which was run in turn: on a machine that others use
# wall time says little, and CPU time (with that of children, without that of the keyring's daemon) and the least say more. "besides
# the keyring" is run less /bin/true and less what the keyring's own calls take, as a tap on the bus sees them.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${RUNS:-10} only=${ONLY:-.}
export CGO_ENABLED=0 # as it is released
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg), processors: $(nproc)"
go test ./cmd/keysweep/internal/acceptance -run '^$' -bench "^BenchmarkRotation\$/$only" -benchtime "${runs}x" -timeout 30m | awk '
  !/^Benchmark/ { if (/FAIL|Error|_test.go/) { print; failed = 1 }; next }
  {
    split("", m)
    for (i = 3; i < NF; i += 2) m[$(i + 1)] = $i
    if (!("min-ms-wall" in m)) next
    sub(/^BenchmarkRotation\//, "", $1); sub(/-[0-9]+$/, "", $1)
    if (!head++) printf "%-42s %21s %21s   %s\n", "ms, least / median", "wall", "CPU", "/bin/true wall"
    printf "%-42s %10.1f %10.1f %10.1f %10.1f   %.1f / %.1f\n", $1, m["min-ms-wall"], m["mid-ms-wall"], m["min-ms-cpu"], m["mid-ms-cpu"], m["min-ms-wall-true"], m["mid-ms-wall-true"]
  }
  END { exit failed }'
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
