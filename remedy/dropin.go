package remedy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// dropIn is a file of ours: for each fix a line. It is made from the fixes alone, so that taking one back leaves it as it was without it.
type dropIn struct {
	header string
	lines  map[string]string // by the id of the fix
	footer string            // after them; "" in most files
}

const mark = "# fix: "

// text returns the file; "" if no fix is in it.
func (d dropIn) text() string {
	if len(d.lines) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(d.header)
	for _, id := range slices.Sorted(maps.Keys(d.lines)) {
		b.WriteString(mark + id + "\n" + d.lines[id] + "\n")
	}
	b.WriteString(d.footer)
	return b.String()
}

// parseDropIn reads the file back, in which a fix has at most so many lines. A file that is not exactly as we write it was changed by hand.
func parseDropIn(header, text string, most int) (dropIn, error) {
	d := dropIn{header: header, lines: map[string]string{}}
	body, ours := strings.CutPrefix(text, header)
	if text == "" {
		return d, nil
	}
	if !ours {
		return d, ErrEdited
	}
	id := ""
	for l := range strings.Lines(body) {
		l = strings.TrimSuffix(l, "\n")
		if next, ok := strings.CutPrefix(l, mark); ok {
			id = next
			continue
		}
		if _, more := d.lines[id]; more {
			l = d.lines[id] + "\n" + l
		}
		d.lines[id] = l
	}
	for _, l := range d.lines {
		if strings.Count(l, "\n") >= most {
			return d, ErrEdited
		}
	}
	if d.text() != text {
		return d, ErrEdited
	}
	return d, nil
}

// The lines around what is ours in a file of somebody else's.
const (
	blockBegin = "# begin keysweep: changed by \"keysweep fix\"; taken back by \"keysweep fix ID --revert\"\n"
	blockEnd   = "# end keysweep\n"
)

// cutBlock finds our block at the start of a file. rest is the file without it.
func cutBlock(text string) (d dropIn, rest string, err error) {
	d = dropIn{header: blockBegin, lines: map[string]string{}}
	if !strings.HasPrefix(text, blockBegin) {
		if strings.Contains(text, blockBegin) {
			return d, text, fmt.Errorf("our block is not at its start any more: %w", ErrEdited)
		}
		return d, text, nil
	}
	end := strings.Index(text, blockEnd)
	if end < 0 {
		return d, text, fmt.Errorf("our block in it has no end: %w", ErrEdited)
	}
	d, err = parseDropIn(blockBegin, text[:end], 1)
	return d, text[end+len(blockEnd):], err
}

// withBlock puts the block at the start of a file.
func (d dropIn) withBlock(rest string) string {
	if len(d.lines) == 0 {
		return rest
	}
	return d.text() + blockEnd + rest
}
