package judge

import (
	"bytes"
	"strings"
)

// Documentation shows credentials that nobody uses. That alone says little: most that stand in documents are real. But an author who writes of
// a program that is called my_app, or warns that the value is only an example and goes on to use it, made the value up, too.

// How far from a value Illustrates looks, in bytes and in lines.
const (
	documentMost    = 4 << 10 // on either side of the value
	paragraphLines  = 8       // on either side, for what is said about the value
	codeLines       = 3       // on either side, for names in the example
	docStringBefore = 16 << 10
)

// warnings say that a value is not the reader's own.
var warnings = []string{"example value", "example key", "example token", "example secret", "example password", "sample value", "sample key", "will be different", "t use this", "not use this",
	"use your own", "with your own"}

// instances announce an example.
var instances = []string{"example:", "examples:", "for example", "for instance", "e.g."}

// inventedNames are those of programs and hosts that do not exist (RFC 2606, and custom).
var inventedNames = []string{"your_app", "your-app", "yourapp", "my_app", "my-app", "myapp", "example.com", "example.org", "example.net"}

// Surroundings returns the lines around the value at text[from:to] that can say that it is an example.
func Surroundings(text []byte, from, to int) []byte {
	return linesAround(text, from, to, paragraphLines)
}

// SpeaksOfExamples reports whether surroundings announce an example, or warn of one. Where they do not, nothing there illustrates.
func SpeaksOfExamples(surroundings []byte) bool {
	said := strings.ToLower(string(surroundings))
	return containsAny(said, warnings) || containsAny(said, instances)
}

// Illustrates reports whether the value at text[from:to], which has no form of its own, is part of an example that was made up: in a text that
// is a document, and in code, where documentation stands in texts of its own. Two signs are asked for: it stands among invented names and is called
// an example, or it comes again near by and the reader is warned of it. Its surroundings speak of examples.
func Illustrates(text []byte, from, to int) (inProse, inCode bool) {
	invented := containsAny(strings.ToLower(string(linesAround(text, from, to, codeLines))), inventedNames)
	if !invented && !(repeated(text, from, to) && containsAny(strings.ToLower(string(Surroundings(text, from, to))), warnings)) {
		return false, false
	}
	return true, inDocString(text, from)
}

// repeated reports whether the value at text[from:to] comes again near by.
func repeated(text []byte, from, to int) bool {
	value := text[from:to]
	return bytes.Contains(text[max(0, from-documentMost):from], value) || bytes.Contains(text[to:min(len(text), to+documentMost)], value)
}

// linesAround returns the lines that text[from:to] is in, and n on either side.
func linesAround(text []byte, from, to, n int) []byte {
	low, high := max(0, from-documentMost), min(len(text), to+documentMost)
	first, last := from, to
	for range n + 1 {
		if first = low + bytes.LastIndexByte(text[low:first], '\n'); first < low {
			break
		}
	}
	for range n + 1 {
		end := bytes.IndexByte(text[last:high], '\n')
		if end < 0 {
			last = high
			break
		}
		last += end + 1
	}
	return text[max(first, low):last]
}

// docStringMarks begin and end texts of documentation in code: those of Python and Elixir.
var docStringMarks = [...]string{`"""`, "'''"}

// inDocString reports whether text[at:] stands in such a text: the last mark before it opens one.
func inDocString(text []byte, at int) bool {
	before := text[max(0, at-docStringBefore):at]
	for _, mark := range docStringMarks {
		if open := lastOf(before, mark); open >= 0 && opensDocString(before[:open], len(before) < at) {
			return true
		}
	}
	return false
}

// lastOf is bytes.LastIndex for a mark that is rare: looking for it from the start takes a tenth of the time.
func lastOf(text []byte, mark string) int {
	last := -1
	for {
		n := bytes.Index(text[last+1:], []byte(mark))
		if n < 0 {
			return last
		}
		last += 1 + n
	}
}

// opensDocString reports whether three quotes behind a text open documentation: at the start of a file of Python or below what is documented, or
// behind the attribute of Elixir's that takes it. cut: something stands before the text.
func opensDocString(before []byte, cut bool) bool {
	head, line := bytes.TrimRight(before, "sSrRuUbB~"), []byte(nil)
	for {
		n := bytes.LastIndexByte(head, '\n')
		if line = bytes.TrimSpace(head[n+1:]); len(line) > 0 || n < 0 {
			break
		}
		head = head[:n]
	}
	switch {
	case len(line) == 0:
		return !cut
	case line[0] == '@':
		return bytes.Equal(line, []byte("@doc")) || bytes.Equal(line, []byte("@moduledoc")) || bytes.Equal(line, []byte("@typedoc"))
	}
	return line[len(line)-1] == ':' && (bytes.HasPrefix(line, []byte("def ")) || bytes.HasPrefix(line, []byte("async def ")) || bytes.HasPrefix(line, []byte("class ")) || line[0] == ')')
}
