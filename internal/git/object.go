package git

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
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
func ParseCommit(data []byte) (c Commit, err error) {
	head, message := splitHead(data)
	c.Message = message
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch key {
		case "tree":
			c.Tree, err = ParseOID(value)
		case "parent":
			var parent OID
			parent, err = ParseOID(value)
			c.Parents = append(c.Parents, parent)
		case "author":
			c.Author, c.Email, c.Date = parsePerson(value)
		case "committer":
			if _, _, date := parsePerson(value); !date.IsZero() {
				c.Committed = date.Unix()
			}
		}
		if err != nil {
			return c, fmt.Errorf("parse commit: %w", err)
		}
	}
	if c.Tree.IsZero() {
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

// parsePerson reads "Name <email> seconds zone". What cannot be read is left empty.
func parsePerson(line string) (name, email string, date time.Time) {
	open, end := strings.IndexByte(line, '<'), strings.LastIndexByte(line, '>')
	if open < 0 || end < open {
		return strings.TrimSpace(line), "", date
	}
	name, email = strings.TrimSpace(line[:open]), line[open+1:end]
	seconds, zone, _ := strings.Cut(strings.TrimSpace(line[end+1:]), " ")
	unix, err := strconv.ParseInt(seconds, 10, 64)
	const last = 253402300799 // the end of the year 9999: later dates cannot be written in a report
	if err != nil || unix < 0 || unix > last {
		return name, email, date
	}
	offset, err := strconv.Atoi(zone)
	if err != nil || offset < -2400 || offset > 2400 {
		offset = 0
	}
	return name, email, time.Unix(unix, 0).In(time.FixedZone("", (offset/100*60+offset%100)*60))
}
