package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Document is a text of a few sections that people read, and pass on: what happened in an incident, for instance. Programs get the same by a
// Table.
type Document struct {
	Title    string
	Mark     string   // a line that stands above all and below all, as that it is a drill; "" for none
	About    []string // a sentence each
	Sections []DocumentSection
}

// DocumentSection is a part of a Document.
type DocumentSection struct {
	Title string
	Lines []DocumentLine
	Empty string // what stands there if there are no lines; "": then the section is left out
}

// DocumentLine is an entry of a list.
type DocumentLine struct {
	Head string // what begins it, as a time or a name; may be empty
	Text string // may have several lines
	Box  Box
}

// Box is what stands before an entry that is to be ticked off.
type Box uint8

// The boxes.
const (
	NoBox Box = iota
	EmptyBox
	TickedBox
)

// mark is the box in text and Markdown.
func (b Box) mark() string { return [...]string{"", "[ ] ", "[x] "}[min(b, TickedBox)] }

// DocumentFormats returns the names that WriteDocument takes.
func DocumentFormats() []string { return []string{"text", "markdown"} }

// WriteDocument writes d to w in the named format. It fails if the format is unknown, before anything is written, or if w does. Text from outside is
// shown as it is: it is no markup, and no control characters.
func WriteDocument(w io.Writer, format string, d *Document) error {
	b := bufio.NewWriter(w)
	switch format {
	case "text":
		d.write(b, visible, func(title string, level int) string {
			return title + "\n" + strings.Repeat(string("=-"[level-1]), len([]rune(title))) + "\n"
		}, "%s:  %s")
	case "markdown":
		d.write(b, func(s string) string { return inline(visible(s)) }, func(title string, level int) string {
			return strings.Repeat("#", level) + " " + title + "\n"
		}, "**%s**: %s")
	default:
		return fmt.Errorf("unknown report format %q\nhint: use one of %s", format, strings.Join(DocumentFormats(), ", "))
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write document as %s: %w", format, err)
	}
	return nil
}

// write writes the document. shown makes text harmless, heading makes a heading, and head puts what begins an entry before the rest. A bufio.Writer
// keeps its first error.
func (d *Document) write(b *bufio.Writer, shown func(string) string, heading func(string, int) string, head string) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(b, format, args...) }
	mark := func(format string) {
		if d.Mark != "" {
			say(format, shown(d.Mark))
		}
	}
	mark("%s\n\n")
	say("%s\n", heading(shown(d.Title), 1))
	for _, line := range d.About {
		say("%s\n", shown(line))
	}
	for _, s := range d.Sections {
		if len(s.Lines) == 0 && s.Empty == "" {
			continue
		}
		say("\n%s\n", heading(shown(s.Title), 2))
		if len(s.Lines) == 0 {
			say("%s\n", shown(s.Empty))
		}
		for _, l := range s.Lines {
			say("- %s%s\n", l.Box.mark(), l.text(shown, head))
		}
	}
	mark("\n%s\n")
}

// text is an entry, its further lines indented.
func (l *DocumentLine) text(shown func(string) string, head string) string {
	var lines []string
	for line := range strings.Lines(l.Text) {
		lines = append(lines, shown(strings.TrimRight(line, "\r\n")))
	}
	text := strings.Join(lines, "\n  ")
	switch {
	case l.Head == "":
		return text
	case text == "":
		return shown(l.Head)
	}
	return fmt.Sprintf(head, shown(l.Head), text)
}
