// Package cloud reads infrastructure as code, Terraform and CloudFormation, and states which ports it opens to every address of the
// internet. It evaluates literals, and variables and locals whose values stand in the same directory; what only the tool itself
// could work out is stated as unknown. It asks no cloud.
//
// Start at Read.
package cloud

import (
	"bytes"
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"
)

// MaxFile is the largest file that is read, in bytes.
const MaxFile = 4 << 20

// Opening is a rule that lets every address in.
type Opening struct {
	Path     string
	Line     int // of what names the addresses
	Column   int
	Resource string // "aws_security_group.web"
	Source   string // the addresses: "0.0.0.0/0", "::/0", "Internet"
	Protocol string // "tcp", "udp", "icmp", or "all"
	First    int    // the ports; 0 to 65535 is every one
	Last     int
}

// Doubt is a rule of which it cannot be said whom it lets in, or a file that cannot be read.
type Doubt struct {
	Path     string
	Line     int
	Column   int
	Resource string // "" for a file
	Why      string
}

// Readable reports whether a file is one that Read understands, by its name.
func Readable(name string) bool {
	return isTerraform(name) || slices.Contains([]string{".yaml", ".yml", ".json", ".template"}, path.Ext(name))
}

// Holds reports whether a file holds infrastructure as code: every file of Terraform, and templates with security groups.
func Holds(name string, data []byte) bool {
	return isTerraform(name) || bytes.Contains(data, []byte("AWS::EC2::SecurityGroup"))
}

func isTerraform(name string) bool { return path.Ext(name) == ".tf" || path.Ext(name) == ".tofu" }

// Read reads the files of one directory, by their names, and returns what they open and what cannot be known, in the order of files and
// lines. A file that is neither Terraform nor a template of CloudFormation has none of both.
func Read(files map[string][]byte) (open []Opening, doubts []Doubt) {
	r := reader{variables: map[string]value{}, locals: map[string]value{}}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	parsed := map[string]*block{}
	for _, name := range names {
		if !isTerraform(name) {
			r.path = name
			r.template(files[name])
			continue
		}
		file, err := parseHCL(string(files[name]))
		if err != nil {
			r.doubts = append(r.doubts, doubtOf(name, err))
		}
		parsed[name] = file
		r.learn(file)
	}
	for _, name := range names {
		if file := parsed[name]; file != nil {
			r.path = name
			r.terraform(file)
		}
	}
	slices.SortStableFunc(r.open, func(a, b Opening) int { return cmp.Or(cmp.Compare(a.Path, b.Path), a.Line-b.Line) })
	slices.SortStableFunc(r.doubts, func(a, b Doubt) int { return cmp.Or(cmp.Compare(a.Path, b.Path), a.Line-b.Line) })
	return r.open, r.doubts
}

func doubtOf(name string, err error) Doubt {
	d := Doubt{Path: name, Line: 1, Column: 1, Why: err.Error()}
	if e, ok := err.(*syntaxError); ok {
		d.Line, d.Column, d.Why = e.line, e.column, e.what
	}
	return d
}

// reader is a directory that is being read.
type reader struct {
	path      string // of the file at hand
	variables map[string]value
	locals    map[string]value
	open      []Opening
	doubts    []Doubt
}

// ports is a range of ports of a protocol.
type ports struct {
	protocol    string
	first, last int
}

const lastPort = 65535

// anyone reports whether addresses are all there are.
func anyone(source string) bool {
	s := strings.TrimSpace(source)
	return s == "0.0.0.0/0" || s == "::/0" || s == "0::/0" || s == "0.0.0.0" || s == "::"
}

// protocolName returns the name of a protocol, which providers also give as its number (IANA, "Protocol Numbers") or as "all".
func protocolName(s string) string {
	switch s = strings.ToLower(s); s {
	case "-1", "all", "any", "*", "":
		return "all"
	case "6":
		return "tcp"
	case "17":
		return "udp"
	case "1", "58", "icmpv6":
		return "icmp"
	}
	return s
}

// span reads a range of ports as providers write it: "22", "8000-9000", "*", "any", "".
func span(s string) (first, last int, ok bool) {
	switch s = strings.ToLower(strings.TrimSpace(s)); s {
	case "", "*", "any", "all", "-1":
		return 0, lastPort, true
	}
	from, to, several := strings.Cut(s, "-")
	if !several {
		from, to, several = strings.Cut(s, ":")
	}
	if !several {
		to = from
	}
	a, errA := strconv.Atoi(strings.TrimSpace(from))
	b, errB := strconv.Atoi(strings.TrimSpace(to))
	return a, b, errA == nil && errB == nil
}
