#!/usr/bin/env bash
# How quiet scans are on trees that are known for no secrets: what is found for every 100,000 lines, outside test files and in them, by rule.
#   TREES="/usr/local/go/src ../conan" bash scripts/quiet.sh
# GITLEAKS, the path of a gitleaks, has it scan the same trees. Each place counts, so the same value in two lines counts twice. A test file is one
# that has test, tests, testdata, spec, specs, fixture or fixtures as a word of a directory's or of the file's name; words end at . _ and -.
# Lines are those of all text files; archives are not opened.
set -euo pipefail
cd "$(dirname "$0")/.."
trees=${TREES:?name the trees: TREES="DIR DIR"} gitleaks=${GITLEAKS:-}
test='(^|[/._-])(tests?|testdata|specs?|fixtures?)([/._-]|$)'
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
go build -o "$scratch/keysweep" ./cmd/keysweep

# rates TREE PROGRAM: from lines of "rule TAB path", what was found by rule, and the rates.
rates() {
  awk -F'\t' -v OFS='\t' -v root="$1/" '{ sub("^" root, "", $2); print }' | awk -F'\t' -v test="$test" -v program="$2" -v outside="$outside" -v inside="$inside" '
    { if ($2 ~ test) within[$1]++; else without[$1]++; rules[$1] }
    END {
      for (r in rules) { printf "| %s | %s | %d | %d |\n", program, r, without[r], within[r] | "sort"; o += without[r]; i += within[r] }
      close("sort")
      printf "| %s | **all** | **%d** | **%d** |\n", program, o, i
      printf "| %s | for 100,000 lines | %.2f | %.2f |\n", program, o * 100000 / (outside ? outside : 1), i * 100000 / (inside ? inside : 1)
    }'
}

for tree in $trees; do
  tree=$(realpath "$tree")
  read -r outside inside < <(cd "$tree" && find . -type f -not -path '*/.git/*' -print0 | xargs -0 grep -Ic '' /dev/null |
    awk -F: -v test="$test" '{ path = substr($0, 3, length($0) - length($NF) - 3); if (path ~ test) i += $NF; else o += $NF } END { print o + 0, i + 0 }')
  printf '\n%s: %d lines outside test files, %d in them\n\n| program | rule | outside | in tests |\n|---|---|--:|--:|\n' "$tree" "$outside" "$inside"
  "$scratch/keysweep" scan --no-ignore --no-archives --format json "$tree" >"$scratch/found" || [ $? -eq 1 ]
  jq -r '.items[].places[] | [.rule, .path] | @tsv' "$scratch/found" | rates "$tree" keysweep
  [ -z "$gitleaks" ] && continue
  "$gitleaks" dir --no-banner --log-level error -f json -r "$scratch/theirs" "$tree" || [ $? -eq 1 ]
  jq -r '.[] | [.RuleID, .File] | @tsv' "$scratch/theirs" | rates "$tree" gitleaks
done
