# shellcheck shell=bash
# For the scripts that measure whole processes: programs, scratch copies of repositories, rows of a table. Source this file.
#
# Everything is kept under .cache/bench: what was made once is not made again, and what was measured with the same programs is not
# measured again (FRESH=1 measures all anew). PROGRAM=/path/to/keysweep measures that one and builds none. What is measured sees
# a HOME of its own, without the settings of whoever runs it. WARM is how many rounds come before those that count (default 1).

bench=$PWD/.cache/bench
mkdir -p "$bench/home"

# programs alone|gitleaks: builds what is measured, and installs the peer if wanted, in the version that go.mod names.
programs() {
  local version
  command -v jq >/dev/null || { echo "jq is missing: install it" >&2 && return 2; }
  export CGO_ENABLED=0
  if [ -n "${PROGRAM:-}" ]; then
    install "$PROGRAM" "$bench/keysweep"
  else
    go build -trimpath -ldflags "-s -w" -o "$bench/keysweep" ./cmd/keysweep
    settled keysweep
  fi
  go build -o "$bench/" ./internal/benchpair ./internal/benchrepo
  printf 'package main\n\nfunc main() {}\n' >"$bench/empty.go"
  go build -trimpath -ldflags "-s -w" -o "$bench/empty" "$bench/empty.go"
  settled empty
  if [ "$1" = gitleaks ]; then
    version=$(go list -m -f '{{.Version}}' github.com/zricethezav/gitleaks/v8)
    GOBIN=$bench go install "github.com/zricethezav/gitleaks/v8@$version"
    settled gitleaks
  fi
  export HOME=$bench/home
  unset "${!XDG_@}" "${!GIT_@}" "${!KEYSWEEP_@}"
  result=$bench/results/$(sha256sum "$bench/keysweep" | cut -c1-12)
  [ -z "${FRESH:-}" ] || rm -rf "$result"
  mkdir -p "$result"
}

# settled PROGRAM: puts a copy in the place of a program that was built. A file that the linker wrote, in pieces, starts more slowly
# than one that was written from its beginning to its end, as every installed program was.
settled() { cp "$bench/$1" "$bench/$1.copy" && mv "$bench/$1.copy" "$bench/$1"; }

load() { uptime | sed 's/.*load average[s]*: //'; }

# surroundings: what the figures depend on, in a line or two.
surroundings() {
  local model
  model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -1) || true
  printf '%s, %s processors (%s), load %s\n' "$(date +%F\ %H:%M)" "$(getconf _NPROCESSORS_ONLN)" "${model:-unknown}" "$(load)"
  printf '%s, %s, keysweep %s\n' "$(go version | cut -d' ' -f3-)" "$(git --version)" "$(git describe --always --dirty 2>/dev/null)"
}

# table: the head of the table that measured rows belong to.
table() { "$bench/benchpair" -head; }

# rows KEY TITLE ROUNDS [BENCHPAIR FLAG...] -- NAME COMMAND...: measures and prints rows. KEY names the file that keeps them.
rows() {
  local key=$1 title=$2 rounds=$3
  shift 3
  printf '%s  %s, load %s\n' "$(date +%T)" "$title" "$(load)" >&2
  "$bench/benchpair" -n "$rounds" -warm "${WARM:-1}" -title "$title" -keep "$result/$key.jsonl" "$@"
}

# copy REPO: a bare copy of a repository with all its refs, made once; sets $copied to it. A copy that lacks objects is refused: other
# scanners stop there early, and no ratio means anything.
copy() {
  local missing
  copied=$bench/repos/$(printf '%s' "$1" | sha256sum | cut -c1-12).git
  [ ! -d "$copied" ] || return 0
  mkdir -p "$bench/repos"
  rm -rf "$copied.new"
  git clone -q --mirror --local --no-hardlinks "$1" "$copied.new"
  missing=$(git -C "$copied.new" rev-list --objects --all --missing=print | grep -c '^?') || true
  if [ "$missing" != 0 ]; then
    echo "$1 lacks $missing objects: give a complete clone" >&2
    return 2
  fi
  mv "$copied.new" "$copied"
}

# made NAME BENCHREPO FLAG...: a repository that benchrepo makes, with long chains of deltas; sets $copied to it.
made() {
  local name=$1
  shift
  copied=$bench/repos/$name.git
  [ ! -d "$copied" ] || return 0
  echo "making $name (some minutes, once)" >&2
  mkdir -p "$bench/repos"
  rm -rf "$copied.new"
  git init -q --bare -b main "$copied.new"
  "$bench/benchrepo" "$@" | git -C "$copied.new" fast-import --quiet --depth=250
  git -C "$copied.new" repack -adfq --depth=250 --window=10
  mv "$copied.new" "$copied"
}

# megabytes DIR: the size of the files of a tree, in MB of a million bytes.
megabytes() { find "$1" -type f -exec cat {} + | wc -c | awk '{ printf "%.0f", $1 / 1e6 }'; }
