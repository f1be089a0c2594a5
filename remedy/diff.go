package remedy

import (
	"fmt"
	"strings"
)

// context is how many equal lines stand around a change.
const around = 3

// Diff returns the change as a unified diff. A directory, and a change of the mode alone, are a line of their own.
func (c Change) Diff() string {
	old, changed := "/dev/null", "/dev/null"
	var before, after []string
	if c.Before != nil {
		old, before = "a"+c.Path, lines(c.Before.Data)
	}
	if c.After != nil {
		changed, after = "b"+c.Path, lines(c.After.Data)
	}
	var b strings.Builder
	switch {
	case c.modes:
		fmt.Fprintf(&b, "mode of %s: %04o -> %04o\n", c.Path, c.Before.Mode.Perm(), c.After.Mode.Perm())
		return b.String()
	case c.After != nil && c.After.Mode.IsDir():
		fmt.Fprintf(&b, "new directory %s, mode %04o\n", c.Path, c.After.Mode.Perm())
		return b.String()
	case c.Before != nil && c.Before.Mode.IsDir():
		return "remove directory " + c.Path + "\n"
	case c.Before != nil && c.After != nil && c.Before.Mode != c.After.Mode:
		fmt.Fprintf(&b, "mode of %s: %04o -> %04o\n", c.Path, c.Before.Mode.Perm(), c.After.Mode.Perm())
	}
	if hunks := unified(before, after); hunks != "" {
		fmt.Fprintf(&b, "--- %s\n+++ %s\n%s", old, changed, hunks)
	}
	return b.String()
}

func lines(data []byte) []string {
	if len(data) == 0 {
		return nil
	}
	return strings.SplitAfter(strings.TrimSuffix(string(data), "\n"), "\n")
}

// unified compares two texts that are equal but for one place, as all of ours are: their common start and end are found, and the rest is
// one hunk.
func unified(a, b []string) string {
	start := 0
	for start < len(a) && start < len(b) && trim(a[start]) == trim(b[start]) {
		start++
	}
	end := 0
	for end < len(a)-start && end < len(b)-start && trim(a[len(a)-1-end]) == trim(b[len(b)-1-end]) {
		end++
	}
	if start == len(a) && start == len(b) {
		return ""
	}
	from := max(start-around, 0)
	tail := min(end, around)
	var out strings.Builder
	fmt.Fprintf(&out, "@@ -%s +%s @@\n", span(from, len(a)-end+tail), span(from, len(b)-end+tail))
	part(&out, " ", a[from:start])
	part(&out, "-", a[start:len(a)-end])
	part(&out, "+", b[start:len(b)-end])
	part(&out, " ", a[len(a)-end:len(a)-end+tail])
	return out.String()
}

func span(from, to int) string {
	if from == to {
		return fmt.Sprintf("%d,0", from)
	}
	return fmt.Sprintf("%d,%d", from+1, to-from)
}

func part(out *strings.Builder, sign string, list []string) {
	for _, l := range list {
		out.WriteString(sign + trim(l) + "\n")
	}
}

func trim(l string) string { return strings.TrimSuffix(l, "\n") }
