package deploy

import (
	"fmt"
	"strings"
)

// preamble makes the words of the script mean the same everywhere. NONCE stands before everything that is printed for us: a
// host may say other things too, from its shell's start-up files for instance.
const preamble = `LC_ALL=C; export LC_ALL; umask 077; unset CDPATH
say() { printf '\n%s %s\n' NONCE "$*"; }
answer() { say "$@"; exit 0; }
fail() { answer failed "$@"; }
enter() { # what cannot be entered looks empty
  [ ! -d "$1" ] || [ -x "$1" ] || fail "$1 cannot be entered: it lacks the mode bit x for its user"
}
`

// readScript prints the file.
const readScript = preamble + `main() {
  [ "$1" = whole ] || exit 74
  [ -n "$HOME" ] || fail "the account has no home directory"
  f=$HOME/.ssh/authorized_keys
  enter "$HOME" && enter "${f%/*}"
  if [ ! -e "$f" ] && [ ! -L "$f" ]; then answer absent; fi
  [ -f "$f" ] || [ ! -e "$f" ] || fail "$f is not a regular file"
  [ -e "$f" ] || answer absent
  say content
  cat "$f" || fail "$f cannot be read"
  answer read
}
main whole
`

// swapScript replaces the file. In the place of NEW comes a function put that prints the new content; OLD and DIGEST are
// patterns for the digests of the old and the new content, the pattern "absent" if there is to be no old file.
const swapScript = preamble + `NEW
digest() {
  if command -v sha256sum >/dev/null 2>&1; then set -- $(sha256sum <"$1") && echo "sha256:$1"
  elif command -v shasum >/dev/null 2>&1; then set -- $(shasum -a 256 <"$1") && echo "sha256:$1"
  elif command -v sha256 >/dev/null 2>&1; then echo "sha256:$(sha256 -q "$1")"
  elif command -v cksum >/dev/null 2>&1; then set -- $(cksum <"$1") && echo "cksum:$1:$2"
  else return 1
  fi
}
lock() {
  me=$$@$(uname -n) n=0
  until ln -s "$me" "$k" 2>/dev/null; do
    o=$(readlink "$k" 2>/dev/null)
    case $o in
    *@"${me#*@}") # of a process on this host, and a killed one cannot let go
      if ! kill -0 "${o%%@*}" 2>/dev/null && [ "$(readlink "$k" 2>/dev/null)" = "$o" ]; then rm -f "$k"; fi ;;
    esac
    n=$((n + 1))
    [ "$n" -lt 30 ] || answer busy "$k"
    [ "$n" -lt 3 ] || sleep 1
  done
  trap 'rm -f "$t" "$k"' EXIT
  trap 'exit 1' HUP INT PIPE TERM
}
place() {
  d=$HOME/.ssh
  enter "$HOME" && enter "$d"
  if [ ! -d "$d" ]; then
    m=$(mkdir "$d" 2>&1) || [ -d "$d" ] || fail "$d cannot be made: $m"
  fi
  f=$d/authorized_keys n=0
  while [ -L "$f" ]; do
    n=$((n + 1))
    [ "$n" -lt 20 ] || fail "the symbolic links from $d/authorized_keys lead nowhere"
    l=$(readlink "$f") || fail "$f: the symbolic link cannot be read"
    case $l in
    /*) f=$l ;;
    *) f=${f%/*}/$l ;;
    esac
  done
  t=$f.keysweep-new k=$f.keysweep-lock
  enter "${f%/*}"
  [ -d "${f%/*}" ] && [ -w "${f%/*}" ] || fail "nothing can be written in ${f%/*}"
}
check() {
  if [ ! -e "$f" ]; then s=absent; else
    [ -f "$f" ] || fail "$f is not a regular file"
    [ -O "$f" ] || [ "$(id -u)" = 0 ] || fail "$f belongs to another user: whoever looks after it must change it"
    set -- $(ls -ldn "$f")
    [ "$2" = 1 ] || fail "$f has $2 hard links: a change would tear them apart"
    s=$(digest "$f")
  fi
  case $s in
  OLD) ;;
  *) answer conflict ;;
  esac
}
write() {
  rm -f "$t" || fail "$t is in the way"
  if [ "$s" = absent ]; then (set -C; : >"$t") || fail "$t cannot be made"; else
    m=$(cp -p "$f" "$t" 2>&1) || fail "$t cannot be made: $m"
    if command -v chcon >/dev/null 2>&1; then chcon --reference="$f" "$t" 2>/dev/null; fi
  fi
  w=
  if [ ! -w "$t" ]; then w=1; chmod u+w "$t"; fi
  put >"$t" || fail "$t cannot be written"
  if [ -n "$w" ]; then chmod u-w "$t"; fi
  case $(digest "$t") in
  DIGEST) ;;
  *) fail "$t could not be written whole: is the disk full?" ;;
  esac
  sync "$t" 2>/dev/null || sync
}
main() {
  [ "$1" = whole ] || exit 74
  [ -n "$HOME" ] || fail "the account has no home directory"
  digest /dev/null >/dev/null || fail "the host has neither sha256sum nor cksum"
  place
  lock
  check
  write
  [ "$(readlink "$k")" = "$me" ] || answer conflict
  m=$(mv -f "$t" "$f" 2>&1) || fail "$f cannot be replaced: $m"
  answer done
}
main whole
`

// quoteForPrintf makes commands that print exactly these bytes, in every shell and every locale: all but harmless characters
// are written as octal escapes of printf's format (POSIX, printf, "\ddd").
func quoteForPrintf(data []byte) string {
	const most = 2000 // bytes a command: some shells have no printf of their own, and arguments of programs are limited
	var b strings.Builder
	for len(data) > 0 {
		n := min(len(data), most)
		b.WriteString("printf '")
		for i, c := range data[:n] {
			if i > 0 && isPlain(c) {
				b.WriteByte(c)
			} else {
				fmt.Fprintf(&b, "\\%03o", c)
			}
		}
		b.WriteString("' || return 1\n")
		data = data[n:]
	}
	return b.String()
}

func isPlain(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte(" +/=.,:;@_-#", c) >= 0
}
