package collect

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"keysweep/host/bundle"
	"keysweep/host/plan"
)

//go:embed collector.sh
var functions string

// Script returns the collector for a POSIX shell. It prints what package plan lists, so far as it may look, in the form that Parse reads; nonce
// is a word that nothing on the machine can know beforehand. With sudo, a user who may become root without being asked does so.
func Script(nonce string, sudo bool) []byte {
	var s strings.Builder
	s.WriteString("shell=sh\n")
	if sudo {
		s.WriteString("if [ \"$(id -u)\" != 0 ] && sudo -n true </dev/null >/dev/null 2>&1; then shell='sudo -n sh'; fi\n")
	}
	// The shell that reads what follows gets all of it as its input: the first one may have read ahead, and would not give it back.
	s.WriteString("exec $shell -s <<'KEYSWEEP-END'\n")
	fmt.Fprintf(&s, "nonce='%s'\n", nonce)
	s.WriteString(filled())
	for _, item := range plan.Files() {
		s.WriteString(fileCall(item))
	}
	for _, c := range plan.Commands() {
		if c.Fixed() {
			fmt.Fprintf(&s, "p %d %s\n", c.Seconds, quoted(c.Argv))
		}
	}
	s.WriteString("printf 'Z %s\\n' \"$nonce\"\nexit 0\nKEYSWEEP-END\n")
	return []byte(s.String())
}

// filled is the functions with the filters in them.
func filled() string {
	return strings.NewReplacer("KEYNAMES", keyNames(), "KEYMARKS", bundle.KeyMarks, "KEYMARK1", firstMark(), "\tFILTERS) ;;\n", filters(), "SAID", bundle.Said, "LEVELS", strconv.Itoa(plan.Levels)).Replace(functions)
}

func keyNames() string {
	var list []string
	for _, name := range bundle.KeyNames() {
		if !strings.HasPrefix(name, "*") {
			name = "*/" + name
		}
		list = append(list, name)
	}
	return strings.Join(list, " | ")
}

// firstMark is the mark of private keys that a program could print, as a basic regular expression: what it says is cut there.
func firstMark() string {
	mark, _, _ := strings.Cut(bundle.KeyMarks, "|")
	return mark
}

// filters are branches of a case: what is taken out of the files that fit.
func filters() string {
	var branches strings.Builder
	for _, g := range bundle.Groups() {
		fmt.Fprintf(&branches, "\t%s) sed -E -e \"$end\" -e '%s' -e 's/^/|/' ;;\n", g.Files, strings.ReplaceAll(g.Sed(), "'", `'\''`))
	}
	return branches.String()
}

// fileCall is the line that collects an item.
func fileCall(i plan.Item) string {
	call := fmt.Sprintf(`i %s "$x"`, i.Kind)
	switch rest, home := strings.CutPrefix(i.Path, "~"); {
	case i.Kind == plan.Sockets:
		return fmt.Sprintf("k %s\n", i.Path)
	case i.Kind == plan.Lines:
		return fmt.Sprintf("g %s\n", i.Path)
	case home:
		return fmt.Sprintf("cut -d: -f6 /etc/passwd 2>/dev/null | sort -u | head -n 4096 | while IFS= read -r x; do case $x in //* | / | '') ;; /*) x=\"${x%%/}%s\"; %s ;; esac; done\n", rest, call)
	case plan.Pattern(i.Path):
		return fmt.Sprintf("for x in %s; do if [ -e \"$x\" ] || [ -L \"$x\" ]; then %s; fi; done\n", i.Path, call)
	}
	return fmt.Sprintf("i %s '%s'\n", i.Kind, i.Path)
}

func quoted(words []string) string {
	var list []string
	for _, w := range words {
		list = append(list, "'"+strings.ReplaceAll(w, "'", `'\''`)+"'")
	}
	return strings.Join(list, " ")
}
