package hook

import (
	"path/filepath"
	"strings"
)

// mark is how a script of ours begins; what follows in the line is the hook's name.
const mark = "#!/bin/sh\n# keysweep hook 1 "

// keptSuffix names the hook that was there before, beside ours: in the same directory, because hooks look for their helpers
// there.
const keptSuffix = ".keysweep-kept"

// madeDirectory is the line of a script that was first in a hooks directory that did not exist before.
const madeDirectory = "# The directory was made for it.\n"

// script is what a hook of ours does.
type script struct {
	name    string
	exe     string // absolute path of keysweep
	global  bool   // it stands in the directory of the user's core.hooksPath
	replace string // global: the directory whose hooks run first; "" is the repository's own hooks directory
	pass    bool   // it only runs the other hook: core.hooksPath would hide that otherwise
	made    bool   // the hooks directory did not exist
}

const scriptHead = mark + `@NAME@
# Made by "keysweep hook install"; "keysweep hook uninstall" puts back what was here before.
`

// scriptKept finds the hook that was there before. A hook manager that is installed once more moves our script aside and runs
// it from its own hook, which may be the very one that ours has kept. That one is running already; the variable ends the circle
// if it looks different.
const scriptKept = `case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
kept=$here/@NAME@` + keptSuffix + `
case $0 in */@NAME@) ;; *) if cmp -s "$kept" "$here/@NAME@"; then kept=; fi ;; esac
if [ "$KEYSWEEP_KEPT" = "$PWD $kept" ]; then kept=; else export KEYSWEEP_KEPT="$PWD $kept"; fi
`

// scriptOwn finds the repository's own hook, which core.hooksPath hides.
const scriptOwn = `common=$(git rev-parse --git-common-dir) || exit
kept=$common/hooks/@NAME@
`

// scriptElsewhere finds the hook of the directory that core.hooksPath named before.
const scriptElsewhere = `kept=@DIR@/@NAME@
`

// scriptOnce leaves it all to the other hook if that is one of ours too, and does not call itself.
const scriptOnce = `if [ "$kept" -ef "$0" ]; then kept=; fi
if [ -x "$kept" ] && grep -q '^# keysweep hook 1 @NAME@$' "$kept"; then exec "$kept" "$@"; fi
`

const scriptPass = `if [ ! -x "$kept" ] || [ "$kept" -ef "$0" ]; then exit 0; fi
exec "$kept" "$@"
`

const scriptRun = `if [ -x "$kept" ]; then "$kept" "$@" || exit; fi
@FIND@exec "$keysweep" hook run @NAME@ "$@"
`

// scriptFeed is scriptRun for a hook that reads its standard input: both get it whole.
const scriptFeed = `input=$(cat)
feed() { if [ -n "$input" ]; then printf '%s\n' "$input" 2>/dev/null; fi; }
if [ -x "$kept" ]; then feed | "$kept" "$@" || exit; fi
@FIND@feed | "$keysweep" hook run @NAME@ "$@"
`

// scriptFind finds keysweep, and refuses without it.
const scriptFind = `keysweep=@EXE@
[ -x "$keysweep" ] || keysweep=$(command -v keysweep) || {
	echo "keysweep: @NAME@ refused: keysweep is neither at" @EXE@ "nor in PATH" >&2
	echo "hint: install keysweep again, then: keysweep hook install; or, to do without: remove $0" >&2
	exit 3
}
`

// text returns the script. It is for any POSIX shell, git's own on Windows included.
func (s script) text() []byte {
	var b strings.Builder
	b.WriteString(scriptHead)
	if s.made {
		b.WriteString(madeDirectory)
	}
	switch {
	case !s.global:
		b.WriteString(scriptKept)
	case s.replace != "":
		b.WriteString(scriptElsewhere)
	default:
		b.WriteString(scriptOwn)
	}
	if s.global && !s.pass {
		b.WriteString(scriptOnce)
	}
	switch {
	case s.pass:
		b.WriteString(scriptPass)
	case readsInput(s.name):
		b.WriteString(scriptFeed)
	default:
		b.WriteString(scriptRun)
	}
	text := strings.ReplaceAll(b.String(), "@FIND@", scriptFind)
	fill := strings.NewReplacer("@NAME@", s.name, "@EXE@", quote(s.exe), "@DIR@", quote(s.replace))
	return []byte(fill.Replace(text))
}

func readsInput(name string) bool { return name == "pre-push" || name == "pre-receive" }

// quote writes a path as one word of the shell. Git's shell on Windows wants slashes.
func quote(path string) string {
	return "'" + strings.ReplaceAll(filepath.ToSlash(path), "'", `'\''`) + "'"
}

// ours reports whether a file's content is a hook of keysweep's.
func ours(data []byte) bool { return strings.HasPrefix(string(data), mark) }

// hidden are the hooks that git looks for in core.hooksPath and would no longer find in a repository. push-to-checkout is not
// among them: that it exists turns off what git does itself.
func hidden() []string {
	return []string{
		"applypatch-msg", "commit-msg", "post-applypatch", "post-checkout", "post-commit", "post-index-change", "post-merge",
		"post-receive", "post-rewrite", "post-update", "pre-applypatch", "pre-auto-gc", "pre-commit", "pre-merge-commit",
		"pre-push", "pre-rebase", "pre-receive", "prepare-commit-msg", "proc-receive", "reference-transaction",
		"sendemail-validate", "update",
	}
}
