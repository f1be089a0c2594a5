# shellcheck shell=bash
# For scripts that take several steps: each runs even if one before it failed, and the end names them all. Source this file,
# call step for each, and end with closing.

steps=()
failed=0

# step NAME COMMAND...: runs a command under a name and notes how it went and how long it took.
step() {
  local name=$1 begin=$SECONDS how=ok
  shift
  printf '\n== %s\n' "$name"
  if ! "$@"; then
    how=FAILED
    failed=1
  fi
  steps+=("$(printf '%-7s %4d s  %s' "$how" $((SECONDS - begin)) "$name")")
}

# closing TITLE: prints how every step went and returns 1 if one failed.
closing() {
  printf '\n== %s\n' "$1"
  printf '%s\n' "${steps[@]}"
  return "$failed"
}
