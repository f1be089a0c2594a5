package openssh

import (
	"fmt"
	"slices"
	"strings"
)

const (
	stderrLimit = 64 << 10
	// outputLimit is the most that is taken from a program, in bytes. An authorized_keys file of 10,000 RSA keys is 7 MB.
	outputLimit = 16 << 20
)

// note keeps the beginning of what a program writes to it, and swallows the rest.
type note struct{ kept []byte }

// Write never fails: a program must not block or die because it has much to say.
func (n *note) Write(p []byte) (int, error) {
	if room := stderrLimit - len(n.kept); room > 0 {
		n.kept = append(n.kept, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

// idle are the beginnings of lines that help nobody: debugging, the version that ssh -v names, a frame around a warning, and
// what this program says to an ssh that asks it something that it must not answer.
var idle = []string{"debug1: ", "OpenSSH_", "@", "keysweep: " + ErrDeclined.Error()}

// String returns the text as it may be shown on a terminal: the few lines of it that say something.
func (n *note) String() string {
	const most = 6
	var lines []string
	for line := range strings.Lines(printable(string(n.kept))) {
		line = strings.TrimSpace(line)
		if line != "" && !slices.ContainsFunc(idle, func(start string) bool { return strings.HasPrefix(line, start) }) && len(lines) < most {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// forget returns the command with which ssh says that an old host key is forgotten, "" if it does not: it names the file, and
// the host by the name that the key is kept under.
func (n *note) forget() string {
	for line := range strings.Lines(printable(string(n.kept))) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "ssh-keygen -f ") && strings.Contains(line, " -R ") {
			return line
		}
	}
	return ""
}

// printable replaces what a server could send to harm a terminal or to mislead its reader: control characters other than line
// feed and tab, marks that turn the direction of text, and bytes that are not UTF-8.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return -1
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == '\uFFFD' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
			return '?'
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
}

// capped keeps what is written to it and fails beyond its limit, which ends the program that writes.
type capped struct {
	kept  []byte
	limit int
}

// Write fails when there is more than the limit.
func (c *capped) Write(p []byte) (int, error) {
	if len(c.kept)+len(p) > c.limit {
		return 0, fmt.Errorf("more than %d bytes of output", c.limit)
	}
	c.kept = append(c.kept, p...)
	return len(p), nil
}
