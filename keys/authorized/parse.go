package authorized

import (
	"bytes"
	"fmt"

	"keysweep/keys"
)

// Kind says what a line is.
type Kind string

// The kinds of lines.
const (
	Blank   Kind = "blank"
	Comment Kind = "comment"
	Entry   Kind = "key"
	Unknown Kind = "unknown" // sshd and ssh pass over it
)

// Line is one line of an authorized_keys file.
type Line struct {
	Raw    []byte // the whole line with its ending; part of the input, not a copy
	Number int    // from 1
	Kind   Kind

	// Of an Entry:
	Public      keys.Public
	OptionsText string  // as it stands there; "" if there are none
	Options     Options // nil if they are wrong
	Comment     string

	// Err says why nobody can use the line: of an Unknown one why it holds no key, of an Entry what is wrong with its options,
	// for which sshd refuses the key. Nil otherwise.
	Err error
}

// Parse splits an authorized_keys file into lines. Their Raw parts, joined, are the data.
func Parse(data []byte) []Line {
	var lines []Line
	for raw := range bytes.Lines(data) {
		lines = append(lines, parseLine(raw, len(lines)+1))
	}
	return lines
}

// Join is the other way round.
func Join(lines []Line) []byte {
	var data []byte
	for _, l := range lines {
		data = append(data, l.Raw...)
	}
	return data
}

// Usable reports whether sshd lets the key of the line in, as far as the line alone says.
func (l Line) Usable() bool { return l.Kind == Entry && l.Err == nil }

func parseLine(raw []byte, number int) Line {
	l := Line{Raw: raw, Number: number}
	text := bytes.Trim(raw, " \t\r\n")
	switch {
	case len(text) == 0:
		l.Kind = Blank
	case text[0] == '#':
		l.Kind = Comment
	default:
		l.readEntry(text)
	}
	return l
}

// readEntry reads a key, or options and a key: options are what stands before the first white space outside quotes, if the
// line does not begin with a key.
func (l *Line) readEntry(text []byte) {
	l.Kind = Entry
	if l.Public, l.Comment, l.Err = keys.ParsePublicLine(text); l.Err == nil {
		return
	}
	options, rest := cutOptions(text)
	if public, comment, err := keys.ParsePublicLine(rest); err == nil {
		l.Public, l.Comment, l.OptionsText = public, comment, string(options)
		l.Options, l.Err = ParseOptions(l.OptionsText)
		return
	} else if looksLikeKey(rest) {
		l.Err = err // the first word is options: the second is what is wrong
	} else if !looksLikeKey(text) {
		l.Err = fmt.Errorf("%w, and no comment either", keys.ErrNoPublic)
	}
	l.Kind, l.Err = Unknown, fmt.Errorf("line %d: %w", l.Number, l.Err)
}

// cutOptions cuts the options off. A backslash before a quotation mark takes its meaning away, within quotes and without.
func cutOptions(text []byte) (options, rest []byte) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text) && text[i+1] == '"':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ' ' || c == '\t'):
			return text[:i], bytes.TrimLeft(text[i:], " \t")
		}
	}
	return text, nil
}

// looksLikeKey reports whether text begins with the name of a key's algorithm.
func looksLikeKey(text []byte) bool {
	for _, start := range []string{"ssh-", "ecdsa-", "sk-"} {
		if bytes.HasPrefix(text, []byte(start)) {
			return true
		}
	}
	return false
}
