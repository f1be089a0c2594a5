package git

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"keysweep/internal/odb"
)

// Commit is a parsed commit.
type Commit struct {
	Tree    OID
	Parents []OID
	Author  string
	Email   string
	Date    time.Time // author date; zero if the commit has none that can be read
	// Committed is the committer date, in seconds since 1970; 0 if the commit has none that can be read.
	Committed int64
	Message   []byte // as it is stored, in whatever encoding
}

// Tag is a parsed annotated tag.
type Tag struct {
	Object  OID
	Type    string // of the object
	Name    string
	Tagger  string
	Email   string
	Date    time.Time
	Message []byte
}

// ParseCommit parses the content of a commit (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects). Unknown header lines
// are passed over; one without a tree is an error.
func ParseCommit(data []byte) (Commit, error) {
	links, err := ParseCommitLinks(data)
	c := Commit{Tree: links.Tree, Parents: links.Parents, Committed: links.Committed, Message: links.Message}
	head, _ := splitHead(data)
	for line := range strings.Lines(head) {
		if person, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "author "); ok {
			c.Author, c.Email, c.Date = parsePerson(person)
		}
	}
	return c, err
}

// CommitLinks is what a commit says of others.
type CommitLinks struct {
	Tree      OID
	Parents   []OID
	Committed int64  // committer date, in seconds since 1970; 0 if the commit has none that can be read
	Message   []byte // part of the content
}

// ParseCommitLinks parses as much of a commit. It takes no memory but for the parents: histories have very many commits.
func ParseCommitLinks(data []byte) (c CommitLinks, err error) {
	head, message, _ := bytes.Cut(data, []byte("\n\n"))
	c.Message = message
	for len(head) > 0 && err == nil {
		var line []byte
		line, head, _ = bytes.Cut(head, []byte("\n"))
		key, value, _ := bytes.Cut(line, []byte(" "))
		switch string(key) {
		case "tree":
			c.Tree, err = odb.ParseIDBytes(value)
		case "parent":
			var parent OID
			parent, err = odb.ParseIDBytes(value)
			c.Parents = append(c.Parents, parent)
		case "committer":
			seconds, _, _ := bytes.Cut(bytes.TrimSpace(value[bytes.LastIndexByte(value, '>')+1:]), []byte(" "))
			c.Committed, _ = parseSeconds(string(seconds))
		}
	}
	switch {
	case err != nil:
		return c, fmt.Errorf("parse commit: %w", err)
	case c.Tree.IsZero():
		return c, errors.New("parse commit: it names no tree")
	}
	return c, nil
}

// Subject returns the first line of the message that is not blank.
func (c Commit) Subject() string {
	for line := range bytes.Lines(c.Message) {
		if text := bytes.TrimSpace(line); len(text) > 0 {
			return string(text)
		}
	}
	return ""
}

// ParseTag parses the content of an annotated tag.
func ParseTag(data []byte) (t Tag, err error) {
	head, message := splitHead(data)
	t.Message = message
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch key {
		case "object":
			if t.Object, err = ParseOID(value); err != nil {
				return t, fmt.Errorf("parse tag: %w", err)
			}
		case "type":
			t.Type = value
		case "tag":
			t.Name = value
		case "tagger":
			t.Tagger, t.Email, t.Date = parsePerson(value)
		}
	}
	if t.Object.IsZero() {
		return t, errors.New("parse tag: it names no object")
	}
	return t, nil
}

func splitHead(data []byte) (head string, message []byte) {
	h, m, _ := bytes.Cut(data, []byte("\n\n"))
	return string(h), m
}

// parseSeconds reads a date, and reports whether it can be shown.
func parseSeconds(digits string) (unix int64, ok bool) {
	unix, err := strconv.ParseInt(digits, 10, 64)
	const last = 253402300799 // the end of the year 9999: later dates cannot be written in a report
	if err != nil || unix < 0 || unix > last {
		return 0, false
	}
	return unix, true
}

// parsePerson reads "Name <email> seconds zone". What cannot be read is left empty.
func parsePerson(line string) (name, email string, date time.Time) {
	open, end := strings.IndexByte(line, '<'), strings.LastIndexByte(line, '>')
	if open < 0 || end < open {
		return strings.TrimSpace(line), "", date
	}
	name, email = strings.TrimSpace(line[:open]), line[open+1:end]
	seconds, zone, _ := strings.Cut(strings.TrimSpace(line[end+1:]), " ")
	unix, ok := parseSeconds(seconds)
	if !ok {
		return name, email, date
	}
	offset, err := strconv.Atoi(zone)
	if err != nil || offset < -2400 || offset > 2400 {
		offset = 0
	}
	return name, email, time.Unix(unix, 0).In(time.FixedZone("", (offset/100*60+offset%100)*60))
}
