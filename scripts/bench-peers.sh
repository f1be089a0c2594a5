#!/usr/bin/env bash
# Side by side with gitleaks, on the same inputs, in alternation: wall time, CPU time and peak memory, and the ratios.
#   REPO1=/path/a REPO2=/path/b bash scripts/bench-peers.sh            everything
#   ONLY='hook|rescan' RUNS=9 bash scripts/bench-peers.sh              inputs whose key matches an expression
#   bash scripts/bench-peers.sh same                                   no times: does keysweep find the same by every way?
# Keys: tree-small tree-large history-1 history-2 history-deep hook-plain hook-clone rescan-1 rescan-2 rescan-deep.
#
# REPO1 and REPO2 (default: this repository and nothing) are complete clones, as PATH or NAME=PATH; they are copied, and never written
# to. REPOS, a list of them, stands for both and more. TREE1 and TREE2 (20 and 80 MB or more) are by default the commands and all sources of
# the Go distribution. A third history is made here: deep delta chains, few huge files. See bench-lib.sh for what is kept.
#
# gitleaks runs with its defaults, and with its decoding switched off (--max-decode-depth 0). It opens no archives by default, so
# keysweep is told not to either. It gets the flags that let it do nothing else: no banner, no log, and 0 as the exit code of findings.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/bench-lib.sh

mode=${1:-times} only=${ONLY:-.} runs=${RUNS:-5}
# What takes milliseconds needs more rounds, and has them soon.
short=${SHORT_RUNS:-$((runs * 6))}
case $mode in
  times) programs gitleaks ;;
  same) programs alone ;;
  *) echo "usage: bench-peers.sh [times|same]" >&2 && exit 2 ;;
esac
goroot=$(go env GOROOT)
tree1=${TREE1:-$goroot/src/cmd} tree2=${TREE2:-$goroot/src}
[ -n "${REPOS:-}" ] && read -ra repos <<<"$REPOS" || repos=("${REPO1:-$PWD}" ${REPO2:+"$REPO2"})
keysweep=$bench/keysweep
leaks=("$bench/gitleaks") calm=(--no-banner --log-level error --exit-code 0)
for i in "${!repos[@]}"; do
  path=$(realpath "${repos[i]#*=}")
  [[ ${repos[i]} = *=* ]] && name=${repos[i]%%=*} || name=$(basename "$path")
  repos[i]=$name=$path
done
cd "$bench" # no configuration of either tool is near

# wanted KEY...: is one of them asked for?
wanted() {
  local key
  for key; do [[ ! $key =~ ^($only) ]] || return 0; done
  return 1
}

# answers KEY TITLE ARG...: runs keysweep with the arguments as it is and with everything asked of git, and compares the items.
answers() {
  local key=$1 title=$2 dir=$3 a=$result/$1.fast.json b=$result/$1.slow.json
  shift 3
  items "$dir" "$a" "$@"
  KEYSWEEP_ASK_GIT=1 items "$dir" "$b" "$@"
  if cmp -s "$a" "$b"; then
    printf 'same     %-13s %6d items  %s\n' "$key" "$(jq length "$a")" "$title"
  else
    printf 'DIFFERS  %-13s diff %s %s  %s\n' "$key" "$a" "$b" "$title"
    differs=1
  fi
}

# items DIR FILE ARG...: the items of what a scan reports.
items() {
  local dir=$1 file=$2 code=0
  shift 2
  (cd "$dir" && exec "$keysweep" scan -q --no-progress --format json "$@") >"$file.all" || code=$?
  [ "$code" -le 1 ] || { echo "keysweep scan $* ended with $code" >&2 && exit 2; }
  jq -S .items "$file.all" >"$file"
  rm "$file.all"
}

tree() {
  local key=$1 dir=$2 title
  wanted "$key" || return 0
  title="tree $(basename "$(dirname "$dir")")/$(basename "$dir"): $(find "$dir" -type f | wc -l) files, $(megabytes "$dir") MB"
  if [ "$mode" = same ]; then
    answers "$key" "$title" "$dir" --no-ignore --no-archives .
    return
  fi
  rows "$key" "$title" "$runs" -- \
    keysweep "$keysweep" scan --no-ignore --no-archives -q "$dir" -- \
    gitleaks "${leaks[@]}" dir "$dir" "${calm[@]}" -- \
    "gitleaks, no decoding" "${leaks[@]}" dir "$dir" "${calm[@]}" --max-decode-depth 0
}

# about NAME: a repository's name and size, for a title.
about() { echo "$1: $(git -C "$copied" rev-list --all --count) commits, $(du -sm "$copied/objects" | cut -f1) MB of objects"; }

past() {
  local key=history-$1 title
  wanted "$key" || return 0
  title="history $(about "$2")"
  if [ "$mode" = same ]; then
    answers "$key" "$title" "$copied" --history --no-cache
    return
  fi
  rows "$key" "$title" "$runs" -C "$copied" -- \
    keysweep "$keysweep" scan --history --no-cache -q -- \
    gitleaks "${leaks[@]}" git "$copied" "${calm[@]}" -- \
    "gitleaks, no decoding" "${leaks[@]}" git "$copied" "${calm[@]}" --max-decode-depth 0 -- \
    "git log -p -U0 --full-history --all" git log -p -U0 --full-history --all
}

# rescan KEY NAME: a whole scan fills the memory; then, before each round, a commit that changes one small file is added to a copy.
rescan() {
  local key=rescan-$1 title whole=$copied
  wanted "$key" || return 0
  title="rescan after one commit, $(about "$2")"
  copied=$bench/repos/$key.git
  rm -rf "$copied"
  cp -r "$whole" "$copied"
  (cd "$copied" && "$keysweep" scan --history -q >/dev/null) || [ $? = 1 ]
  local add
  add=$(
    cat <<'ADD'
head=$(git rev-parse HEAD)
blob=$(echo "$head" | git hash-object -w --stdin)
tree=$({ git ls-tree HEAD | grep -v 'bench-rescan.txt$'; printf '100644 blob %s\tbench-rescan.txt\n' "$blob"; } | git mktree)
commit=$(git -c user.name=Bench -c user.email=bench@example.com commit-tree -p "$head" -m 'one more' "$tree")
git update-ref HEAD "$commit"
ADD
  )
  if [ "$mode" = same ]; then
    (cd "$copied" && sh -ec "$add")
    remembered "$key" "$title"
  else
    rows "$key" "$title" "$short" -C "$copied" -before "$add" -- \
      keysweep "$keysweep" scan --history -q -- \
      "git rev-list --all" git rev-list --all -- \
      "gitleaks, told the commit" "${leaks[@]}" git "$copied" --log-opts=-1 "${calm[@]}"
  fi
  rm -rf "$copied"
  copied=$whole
}

# remembered KEY TITLE: a scan that remembers the commits before the last one finds what one finds that looks at everything.
remembered() {
  local a=$result/$1.memory.json b=$result/$1.whole.json
  items "$copied" "$a" --history
  items "$copied" "$b" --history --no-cache
  if cmp -s "$a" "$b"; then
    printf 'same     %-13s %6d items  %s\n' "$1" "$(jq length "$a")" "$2"
  else
    printf 'DIFFERS  %-13s diff %s %s  %s\n' "$1" "$a" "$b" "$2"
    differs=1
  fi
}

# hook KEY TITLE DIR: three small files are staged in a repository.
hook() {
  local key=$1 title=$2 dir=$3 i
  for i in 1 2 3; do seq 1 200 | sed "s/^/line of file $i: /" >"$dir/bench-staged-$i.txt"; done
  git -C "$dir" add -- bench-staged-{1,2,3}.txt
  if [ "$mode" = same ]; then
    # What is found must not be nothing, or there would be little to compare.
    printf 'aws_access_key_id = %s%s\n' AKI AQ3EGPXMVBTZ5W7JK >>"$dir/bench-staged-2.txt"
    git -C "$dir" add -- bench-staged-2.txt
    answers "$key" "$title" "$dir" --staged
    return
  fi
  rows "$key" "$title" "$short" -C "$dir" -- \
    keysweep "$keysweep" scan --staged -q -- \
    gitleaks "${leaks[@]}" git --pre-commit --staged "${calm[@]}" -- \
    "gitleaks, no decoding" "${leaks[@]}" git --pre-commit --staged "${calm[@]}" --max-decode-depth 0 -- \
    "git diff --cached" git diff --cached -- \
    "an empty Go program" "$bench/empty"
}

hooks() {
  local dir=$bench/repos/hook
  if wanted hook-plain; then
    rm -rf "$dir"
    git init -q "$dir"
    hook hook-plain "hook, 3 small files staged in a new repository" "$dir"
  fi
  if wanted hook-clone; then
    rm -rf "$dir"
    git clone -q --local "$copied" "$dir"
    hook hook-clone "hook, 3 small files staged in a clone of $1: $(git -C "$dir" ls-files | wc -l) files" "$dir"
  fi
  rm -rf "$dir"
}

surroundings
differs=0 n=0
if [ "$mode" = times ]; then
  echo "peer: $(go version -m "$bench/gitleaks" | sed -n 's/^\tmod\t//p' | cut -f1,2 | tr '\t' ' ')"
  echo && table
fi
tree tree-small "$tree1"
tree tree-large "$tree2"
for repo in "${repos[@]}"; do
  n=$((n + 1)) name=${repo%%=*} path=${repo#*=}
  wanted "history-$n" "rescan-$n" hook-plain hook-clone || continue
  copy "$path"
  past "$n" "$name"
  rescan "$n" "$name"
  [ "$n" != 1 ] || hooks "$name"
done
if wanted history-deep rescan-deep; then
  made deep -kind deep
  past deep "few huge files"
  rescan deep "few huge files"
fi
exit "$differs"
