package main

import (
	"bufio"
	"fmt"
)

// stream writes what git fast-import reads (https://git-scm.com/docs/git-fast-import). What goes wrong with writing is told by
// the writer's Flush.
type stream struct {
	out     *bufio.Writer
	marks   int
	commits int
}

// change is a file's new content, by the blob's mark.
type change struct {
	path string
	mark int
}

// blob writes a content made of lines and returns its mark.
func (s *stream) blob(lines []string) int {
	size := 0
	for _, line := range lines {
		size += len(line)
	}
	s.marks++
	s.say("blob\nmark :%d\ndata %d\n", s.marks, size)
	for _, line := range lines {
		_, _ = s.out.WriteString(line)
	}
	s.say("\n")
	return s.marks
}

// commit writes a commit on top of the one before it, an hour later.
func (s *stream) commit(message string, changes []change) {
	const start = 1_600_000_000 // seconds since 1970: 2020-09-13
	s.say("commit refs/heads/main\ncommitter Bench <bench@example.com> %d +0000\ndata %d\n%s\n", start+3600*s.commits, len(message), message)
	for _, c := range changes {
		s.say("M 100644 :%d %s\n", c.mark, c.path)
	}
	s.say("\n")
	s.commits++
}

func (s *stream) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format, args...) }
