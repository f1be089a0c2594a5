package suppress

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"keysweep/finding"
)

// ParseError says what is wrong in a file, and where.
type ParseError struct {
	File string
	Line int    // from 1
	Msg  string // what is wrong; it quotes at most a few characters of the line
	Hint string // what to do about it
}

// Error gives "file:line: what", and the hint on a line of its own.
func (e *ParseError) Error() string {
	return fmt.Sprintf("%s:%d: %s\nhint: %s", e.File, e.Line, e.Msg, e.Hint)
}

// Parse reads a baseline. name is the file's name for messages and notices. Every error is a *ParseError.
func Parse(name string, data []byte) (*Baseline, error) {
	if len(data) > MaxSize {
		return nil, &ParseError{name, 1, fmt.Sprintf("baseline of %d bytes is over the limit of %d", len(data), MaxSize),
			"run \"keysweep baseline prune\" on an older version, or exclude the paths that hold so many secrets"}
	}
	p := parser{file: name, groups: map[finding.Fingerprint][]*Entry{}}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // some Windows editors put one there
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		p.at++
		if err := p.line(string(bytes.TrimSuffix(line, []byte("\r")))); err != nil {
			return nil, err
		}
	}
	b := &Baseline{name: name, salt: p.salt, entries: make(map[finding.Fingerprint]*Entry, len(p.groups))}
	for fp, lines := range p.groups {
		b.entries[fp] = combine(lines)
	}
	return b, nil
}

type parser struct {
	file   string
	at     int // number of the line
	paths  int // seen so far
	salt   []byte
	groups map[finding.Fingerprint][]*Entry
}

func (p *parser) fail(hint, format string, args ...any) error {
	return &ParseError{File: p.file, Line: p.at, Msg: fmt.Sprintf(format, args...), Hint: hint}
}

func (p *parser) line(line string) error {
	switch {
	case isConflictMarker(line):
		return p.fail("keep the lines of both sides, remove the markers, and put \"/"+FileName+
			" merge=union\" into .gitattributes so that git does it next time", "merge conflict marker %q", line[:7])
	case p.salt == nil || strings.HasPrefix(line, schema):
		return p.first(line)
	case line == "" || line[0] == '#':
		return nil
	}
	return p.entry(line)
}

// isConflictMarker knows the lines that git puts around conflicts; none can be an entry.
func isConflictMarker(line string) bool {
	for _, marker := range []string{"<<<<<<<", "|||||||", "=======", ">>>>>>>"} {
		if rest, ok := strings.CutPrefix(line, marker); ok && (rest == "" || rest[0] == ' ') {
			return true
		}
	}
	return false
}

// first reads the line with the salt. The same line again is what a union merge may leave; another salt is not.
func (p *parser) first(line string) error {
	const hint = "restore the file from git (git checkout -- " + FileName + "), or make a new one with \"keysweep baseline create\""
	digits, ok := strings.CutPrefix(line, schema)
	if !ok && strings.HasPrefix(line, "keysweep-baseline ") {
		return p.fail("update keysweep, or restore the file from git", "this version of keysweep reads only baselines of schema v1")
	}
	if !ok {
		return p.fail(hint, "a baseline starts with %q and 32 hexadecimal digits", schema)
	}
	salt, err := hex.DecodeString(digits)
	if err != nil || len(salt) != saltSize {
		return p.fail(hint, "the salt is not 32 hexadecimal digits")
	}
	if p.salt != nil && !bytes.Equal(salt, p.salt) {
		return p.fail("keep the file of one side and add the other side's findings with \"keysweep baseline add\"",
			"a second salt: two baselines that were made apart were merged, and the fingerprints of one mean nothing to the other")
	}
	p.salt = salt
	return nil
}

func (p *parser) entry(line string) error {
	const hint = "restore the line from git, or remove it and run \"keysweep baseline add\""
	parts := strings.Split(line, "\t")
	if len(parts) != fields {
		return p.fail(hint, "%d fields parted by tabs, want %d: fingerprint, rule, paths, reason, who, until", len(parts), fields)
	}
	if p.paths += 1 + strings.Count(parts[2], ","); p.paths > maxItems {
		return p.fail("write * for a secret that is known in very many places", "over %d paths in one baseline", maxItems)
	}
	e := &Entry{line: p.at}
	if err := e.Fingerprint.UnmarshalText([]byte(parts[0])); err != nil {
		return p.fail(hint, "the fingerprint is not 32 hexadecimal digits")
	}
	if err := decodePaths(e, parts[2]); err != nil {
		return p.fail(hint, "paths: %v", err)
	}
	for _, text := range []struct {
		field int
		name  string
		to    *string
	}{{1, "rule", &e.Rule}, {3, "reason", &e.Reason}, {4, "who", &e.Who}} {
		var err error
		if *text.to, err = decodeText(parts[text.field]); err != nil {
			return p.fail(hint, "%s: %v", text.name, err)
		}
	}
	if parts[5] != none {
		if err := CheckDate(parts[5]); err != nil {
			return p.fail("write the last day on which the entry counts, such as 2027-01-31, or - for no end", "until: %v", err)
		}
		e.Until = parts[5]
	}
	p.groups[e.Fingerprint] = append(p.groups[e.Fingerprint], e)
	return nil
}

// CheckDate reports whether s is a day of the calendar in the form YYYY-MM-DD.
func CheckDate(s string) error {
	if day, err := time.Parse(time.DateOnly, s); err != nil || day.Format(time.DateOnly) != s {
		return errors.New("that is not a day of the form YYYY-MM-DD")
	}
	return nil
}
