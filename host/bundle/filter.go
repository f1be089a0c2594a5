package bundle

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"keysweep/host"
)

// ErrWithheld is the answer where a private key was found: it never leaves its machine.
var ErrWithheld = fmt.Errorf("it holds a private key, which is never taken along: %w", host.ErrNotCollected)

// KeyMarks is what a private key has in it, as an extended regular expression that Go and grep -E read alike: PEM and OpenPGP's armour,
// PuTTY's files, age's identities, and OpenSSH's format without its frame.
const KeyMarks = `-----BEGIN [A-Z0-9 ]*PRIVATE KEY|PuTTY-User-Key-File|AGE-SECRET-KEY-|b3BlbnNzaC1rZXktdjE`

// keyNames are the names of files that hold a private key in a form that has no marks, as patterns of path.Match and of a shell's case.
const keyNames = `*.key *.p12 *.pfx *.jks *.der ssh_host_*_key id_rsa id_dsa id_ecdsa id_ed25519 id_ecdsa_sk id_ed25519_sk`

// KeyNames returns the patterns of names whose files are never taken along.
func KeyNames() []string { return strings.Fields(keyNames) }

// Group are the filters of some files. Of the groups in their order, the first one that fits a file is the one that counts.
type Group struct {
	// Files are patterns of a shell's case with " | " between them, where * stands for slashes, too. What a program says is looked for
	// under Said and its name.
	Files   string
	Filters []Filter
}

// Said stands before the name of a program where a file's path would stand.
const Said = "said-by:"

// Sed returns the group as a program for sed -E.
func (g Group) Sed() string {
	var list []string
	for _, f := range g.Filters {
		list = append(list, f.sed())
	}
	return strings.Join(list, "\n")
}

// Filter takes values out of lines that must not leave their machine. Where it names no lines of its own it is for all.
type Filter struct {
	find   string   // an extended regular expression (POSIX.1-2024) that Go and sed -E read alike
	with   string   // what is put in its place wherever it is found; \1 is the first group
	unless string   // lines that this expression finds stay
	needs  []string // one of which is in each line that find finds, in small letters; nil: nothing is
	lines  *several // instead of find
}

// several is a filter that looks at more than one line, twice: for sed -E, and for Go.
type several struct {
	sed    string
	reduce func([]byte) []byte
}

func (f Filter) sed() string {
	if f.lines != nil {
		return f.lines.sed
	}
	command := "s~" + f.find + "~" + f.with + "~g"
	if f.unless != "" {
		command = `\~` + f.unless + "~!" + command
	}
	return command
}

var keyMarks = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(KeyMarks) })

// ready is a group whose expressions are compiled.
type ready struct {
	files   string
	filters []compiledFilter
}

type compiledFilter struct {
	Filter
	find, unless *regexp.Regexp
	with         []byte
}

var groups = sync.OnceValue(func() (list []ready) {
	for _, g := range Groups() {
		r := ready{files: g.Files}
		for _, f := range g.Filters {
			c := compiledFilter{Filter: f, with: []byte(references().ReplaceAllString(strings.ReplaceAll(f.with, "$", "$$"), "$${$1}"))}
			if f.lines == nil {
				c.find = regexp.MustCompilePOSIX(f.find)
			}
			if f.unless != "" {
				c.unless = regexp.MustCompilePOSIX(f.unless)
			}
			r.filters = append(r.filters, c)
		}
		list = append(list, r)
	}
	return list
})

// references are those of sed: \1.
var references = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\\([0-9])`) })

// Reduce returns what may be taken along of a file, or ErrWithheld.
func Reduce(name string, data []byte) ([]byte, error) {
	for _, pattern := range KeyNames() {
		if ok, _ := path.Match(pattern, path.Base(name)); ok {
			return nil, ErrWithheld
		}
	}
	if keyMarks().Match(data) {
		return nil, ErrWithheld
	}
	return mask(name, data), nil
}

// mask does what the first group does that fits.
func mask(name string, data []byte) []byte {
	for _, g := range groups() {
		if !fits(g.files, name) {
			continue
		}
		for _, f := range g.filters {
			data = f.reduce(data)
		}
		return data
	}
	return data
}

func (f compiledFilter) reduce(data []byte) []byte {
	if f.lines != nil {
		return f.lines.reduce(data)
	}
	out := make([]byte, 0, len(data))
	for line := range bytes.Lines(data) {
		text, end := bytes.CutSuffix(line, []byte("\n"))
		if f.may(text) && (f.unless == nil || !f.unless.Match(text)) {
			text = f.find.ReplaceAll(text, f.with)
		}
		out = append(out, text...)
		if end {
			out = append(out, '\n')
		}
	}
	return out
}

// may is a quick look at whether the expression could be found.
func (f compiledFilter) may(line []byte) bool {
	if f.needs == nil {
		return true
	}
	small := bytes.ToLower(line)
	return slices.ContainsFunc(f.needs, func(word string) bool { return bytes.Contains(small, []byte(word)) })
}

// fits reports whether a name fits one of the patterns of a shell's case, in which nothing but * is special.
func fits(patterns, name string) bool {
	return slices.ContainsFunc(strings.Split(patterns, " | "), func(p string) bool { return likens(p, name) })
}

func likens(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	name, ok := strings.CutPrefix(name, parts[0])
	if !ok || len(parts) == 1 {
		return ok && name == ""
	}
	for _, part := range parts[1 : len(parts)-1] {
		_, rest, found := strings.Cut(name, part)
		if !found {
			return false
		}
		name = rest
	}
	return strings.HasSuffix(name, parts[len(parts)-1])
}

// cut returns what may be taken along of what a program said: all before a private key, without secrets. The error says that something
// was cut.
func cut(program string, said []byte) ([]byte, error) {
	if at := keyMarks().FindIndex(said); at != nil {
		return mask(Said+program, said[:bytes.LastIndexByte(said[:at[0]], '\n')+1]), ErrWithheld
	}
	return mask(Said+program, said), nil
}
