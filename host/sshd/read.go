package sshd

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"keysweep/host"
)

// Bounds of what is read of a configuration; sshd's own bound is the depth of 16 (SERVCONF_MAX_DEPTH).
const (
	maxDepth = 16
	maxFiles = 2000
	maxLines = 50_000
	maxBytes = 16 << 20
)

// Read reads the configuration at Path. The error says that its main file could not be read; what is wrong within stands in the Config.
func Read(src host.Source) (*Config, error) { return ReadFile(src, Path) }

// ReadFile reads the configuration at a path.
func ReadFile(src host.Source, path string) (*Config, error) { return ReadWith(src, path, Arguments{}) }

// ReadWith reads what holds for an sshd that is started with arguments. They may name another file than the path.
func ReadWith(src host.Source, path string, a Arguments) (*Config, error) {
	given := a.parse()
	path = cmp.Or(given.config, path)
	main, err := src.Read(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration of sshd: %w", err)
	}
	c := &Config{Path: path, Version: FindVersion(src), Arguments: a, keys: table()}
	r := reading{Config: c, src: src, parsed: map[string][]entry{}, globs: map[string]globbed{}}
	r.argue(given)
	r.parsed[path] = r.parse(path, main.Data)
	r.Files = append(r.Files, path)
	r.flatten(path, frame{})
	r.finish()
	return c, nil
}

// reading is the state of Read.
type reading struct {
	*Config
	src      host.Source
	parsed   map[string][]entry
	globs    map[string]globbed
	bytes    int
	services map[string]int
	full     bool // a bound was met; what follows is unknown

	portsFixed bool // by -p: other ports do not count
}

type globbed struct {
	paths []string
	err   error
}

// entry is a line of a file.
type entry struct {
	origin   host.Origin
	name     string // as it is written
	allowed  bool   // under Match
	setting  *Setting
	match    *condition
	includes []string // patterns
}

// sshdLines returns the lines of a file as sshd sees it: without white space at the start of lines, and each line up to a zero byte, which
// joins it with the next one.
func sshdLines(data []byte) []string {
	if bytes.IndexByte(data, 0) < 0 {
		return strings.Split(string(data), "\n")
	}
	var b strings.Builder
	for l := range bytes.SplitAfterSeq(data, []byte("\n")) {
		if i := bytes.IndexByte(l, 0); i >= 0 {
			l = l[:i]
		}
		b.Write(bytes.TrimLeft(l, " \t\r"))
	}
	return strings.Split(b.String(), "\n")
}

func (r *reading) parse(path string, data []byte) []entry {
	if r.bytes += len(data); r.bytes > maxBytes {
		r.full = true
		return nil
	}
	var list []entry
	for i, l := range sshdLines(data) {
		origin := host.Origin{Path: path, Line: i + 1, Text: shown(l)}
		if e, ok := r.parseLine(l, origin); ok {
			list = append(list, e)
		}
		if len(list) > maxLines {
			r.full = true
			return list
		}
	}
	return list
}

// shown is a line as it may be shown: without its end, and not longer than anybody reads.
func shown(l string) string {
	l = strings.TrimRight(l, space)
	if len(l) > 500 {
		l = strings.ToValidUTF8(l[:500], "")
	}
	return l
}

func (r *reading) problem(o host.Origin, fatal bool, format string, args ...any) {
	p := Problem{o, fmt.Sprintf(format, args...), fatal}
	if len(r.Problems) < 1000 && !slices.Contains(r.Problems, p) {
		r.Problems = append(r.Problems, p)
	}
}

// parseLine reads a line; ok is false if there is nothing on it that counts.
func (r *reading) parseLine(raw string, o host.Origin) (e entry, ok bool) {
	l := strings.TrimLeft(raw, " \t\r")
	if l == "" {
		return e, false
	}
	l = l[:1] + strings.TrimRight(l[1:], space+"\f")
	name, rest, more, ok := cutDelim(l)
	if ok && name == "" && more {
		name, rest, more, ok = cutDelim(rest)
	}
	if !ok || name == "" || name[0] == '#' {
		return e, false
	}
	if !more || rest == "" {
		r.problem(o, true, "no argument after %s", name)
		return e, false
	}
	split, err := splitWords(rest)
	if r.Version.before(8, 7) && !strings.EqualFold(name, "SetEnv") {
		split, err = splitOld(rest), nil
	}
	if err != nil {
		r.problem(o, true, "%s", err)
		return e, false
	}
	before := raw[:len(raw)-len(strings.TrimLeft(raw, " \t\r"))+len(l)-len(rest)]
	if len(split) > 0 {
		before += rest[:split[0].at]
	}
	o.Column = utf8.RuneCountInString(before) + 1
	e.origin = o
	return r.understand(e, name, rest, split)
}

// understand finds out what a keyword does.
func (r *reading) understand(e entry, name, rest string, split []word) (entry, bool) {
	small := strings.ToLower(name)
	list := make([]string, 0, len(split))
	for _, w := range split {
		list = append(list, w.text)
	}
	switch small {
	case "match":
		criteria, err := parseMatch(rest, split, r.Version)
		e.match = &condition{criteria: criteria, broken: err != nil, origin: e.origin}
		if err != nil {
			r.problem(e.origin, !r.Version.Newer(), "%s", err)
		}
		return e, true
	case "include":
		if release(802).in(r.Version) {
			return r.include(e, list)
		}
	}
	key, scope, known := r.lookUp(small)
	e.name, e.allowed = name, scope.allows(r.Version)
	if key == nil && !known {
		r.problem(e.origin, !r.Version.Newer(), "%s is not a keyword of %s", name, r.Version)
		return e, false
	}
	if key == nil {
		r.problem(e.origin, false, "%s does nothing", name)
		return e, true
	}
	words, err := key.read(arguments{list, rest, key.name, r.service, r.Version})
	if err != nil {
		r.problem(e.origin, true, "%s: %s", name, err)
		return e, false
	}
	e.setting = &Setting{Keyword: key.name, Name: name, Words: words, Origin: e.origin}
	return e, true
}

// lookUp finds a keyword by its name or an alias. known without a keyword is one that does nothing.
func (r *reading) lookUp(name string) (k *keyword, scope matchScope, known bool) {
	if a, ok := aliases()[name]; ok && a.since.in(r.Version) {
		k := r.keys[a.name]
		return k, a.match, true
	}
	if scope, ok := ignored()[name]; ok {
		return nil, scope, true
	}
	k = r.keys[name]
	if k == nil || !k.since.in(r.Version) || !k.named.in(r.Version) || name == "challengeresponseauthentication" && !r.Version.before(8, 7) {
		return nil, 0, false
	}
	return k, k.match, true
}

func (r *reading) include(e entry, patterns []string) (entry, bool) {
	if len(patterns) == 0 || slices.Contains(patterns, "") {
		r.problem(e.origin, true, "Include without a file")
		return e, false
	}
	for _, p := range patterns {
		if !strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "~") {
			p = "/etc/ssh/" + p
		}
		e.includes = append(e.includes, p)
	}
	return e, true
}

// service finds the port of a service in services(5).
func (r *reading) service(name string) (int, bool) {
	if r.services == nil {
		r.services = map[string]int{}
		f, err := r.src.Read("/etc/services")
		if err != nil {
			return 0, false
		}
		for l := range strings.Lines(string(f.Data)) {
			l, _, _ = strings.Cut(l, "#")
			fields := strings.Fields(l)
			if len(fields) < 2 {
				continue
			}
			number, ok := strings.CutSuffix(fields[1], "/tcp")
			if n, err := strict(number, 65535); ok && err == nil {
				for _, alias := range slices.Concat(fields[:1], fields[2:]) {
					if _, twice := r.services[alias]; !twice {
						r.services[alias] = int(n)
					}
				}
			}
		}
	}
	p, ok := r.services[name]
	return p, ok
}
