package accounts

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"keysweep/host"
)

// Sudo is who may become root by sudo.
type Sudo struct {
	Rules []SudoRule
	Err   error // why they are not known; with fs.ErrNotExist there is no sudo
	Gaps  []error
}

// SudoRule is a user specification that lets somebody run any command as root.
type SudoRule struct {
	Who        string // a user, "%group", "#uid", "%#gid" or "ALL"; with a leading "!" one who is left out
	NoPassword bool
	Origin     host.Origin
}

// Known reports whether all rules could be read.
func (s *Sudo) Known() bool { return (s.Err == nil || host.Missing(s.Err)) && len(s.Gaps) == 0 }

// Root reports whether a user may become root by sudo, whether a password is asked for, and the rule that says so. The last rule counts.
func (s *Sudo) Root(u User) (may, noPassword bool, by host.Origin) {
	for _, r := range s.Rules {
		who, denied := strings.CutPrefix(r.Who, "!")
		if r.fits(u, who) {
			may, noPassword, by = !denied, r.NoPassword && !denied, r.Origin
		}
	}
	return may, noPassword, by
}

func (r SudoRule) fits(u User, who string) bool {
	switch {
	case who == "ALL":
		return true
	case strings.HasPrefix(who, "%#"):
		return who[2:] == strconv.Itoa(u.GID)
	case strings.HasPrefix(who, "%"):
		return slices.Contains(u.Groups, who[1:])
	case strings.HasPrefix(who, "#"):
		return who[1:] == strconv.Itoa(u.UID)
	}
	return who == u.Name
}

const (
	sudoersFile  = "/etc/sudoers"
	maxSudoFiles = 200
	maxSudoRules = 20_000
)

// sudoers is the state of reading.
type sudoers struct {
	src     host.Source
	files   int
	aliases map[string][]string // USERS, COMMANDS and RUNAS by name
	out     Sudo
}

func lookSudo(src host.Source) Sudo {
	s := sudoers{src: src, aliases: map[string][]string{}}
	s.file(sudoersFile, true)
	return s.out
}

func (s *sudoers) file(name string, main bool) {
	if s.files++; s.files > maxSudoFiles {
		s.gap(fmt.Errorf("%s: more files than are read", name))
		return
	}
	text, err := read(s.src, name)
	switch {
	case err == nil:
		s.lines(name, text)
	case main:
		s.out.Err = err
	case !host.Missing(err):
		s.gap(err)
	}
}

func (s *sudoers) gap(err error) {
	if len(s.out.Gaps) < maxSudoFiles {
		s.out.Gaps = append(s.out.Gaps, err)
	}
}

// lines reads a file; a backslash at the end joins a line with the next one.
func (s *sudoers) lines(name, text string) {
	number, start, joined := 0, 0, ""
	for l := range strings.Lines(text) {
		number++
		if joined == "" {
			start = number
		}
		l = strings.TrimRight(l, "\r\n")
		if more, ok := strings.CutSuffix(l, `\`); ok && len(joined) < 1<<16 {
			joined += more + " "
			continue
		}
		s.line(strings.TrimSpace(joined+l), host.Origin{Path: name, Line: start})
		joined = ""
	}
	s.line(strings.TrimSpace(joined), host.Origin{Path: name, Line: start})
}

// line reads a whole line.
func (s *sudoers) line(l string, o host.Origin) {
	word, arg, _ := strings.Cut(strings.ReplaceAll(l, "\t", " "), " ")
	arg = strings.Trim(strings.TrimSpace(arg), `"`)
	switch word {
	case "#include", "@include":
		s.file(s.absolute(arg, o), false)
		return
	case "#includedir", "@includedir":
		s.directory(s.absolute(arg, o))
		return
	case "User_Alias", "Cmnd_Alias", "Cmd_Alias", "Runas_Alias":
		s.alias(arg)
		return
	case "Host_Alias":
		return
	}
	if strings.HasPrefix(l, "#") && (len(l) == 1 || l[1] < '0' || l[1] > '9') || l == "" || strings.HasPrefix(word, "Defaults") {
		return
	}
	o.Text = l
	s.rule(uncomment(l), o)
}

// uncomment cuts a comment off; "#" before a digit is a user by number.
func uncomment(l string) string {
	for i := 1; i < len(l); i++ {
		if l[i] == '#' && l[i-1] != '\\' && l[i-1] != '%' && (i+1 == len(l) || l[i+1] < '0' || l[i+1] > '9') {
			return l[:i]
		}
	}
	return l
}

func (s *sudoers) absolute(name string, o host.Origin) string {
	if !strings.HasPrefix(name, "/") {
		name = path.Join(path.Dir(o.Path), name)
	}
	return path.Clean(name)
}

// directory reads the files of a directory in the order of their names; those with a dot or a ~ at the end are left out.
func (s *sudoers) directory(dir string) {
	entries, err := s.src.List(dir)
	if err != nil && !host.Missing(err) {
		s.gap(err)
	}
	for _, e := range entries {
		if !strings.Contains(e.Name, ".") && !strings.HasSuffix(e.Name, "~") && !e.Mode.IsDir() {
			s.file(path.Join(dir, e.Name), false)
		}
	}
}

// alias reads NAME = a, b : NAME2 = c.
func (s *sudoers) alias(text string) {
	for part := range strings.SplitSeq(text, ":") {
		name, list, ok := strings.Cut(part, "=")
		if ok && len(s.aliases) < maxSudoRules {
			s.aliases[strings.TrimSpace(name)] = splitNames(list)
		}
	}
}

func splitNames(list string) []string {
	var names []string
	for n := range strings.SplitSeq(list, ",") {
		if n = strings.Trim(strings.TrimSpace(n), `"`); n != "" {
			names = append(names, n)
		}
	}
	return names
}
