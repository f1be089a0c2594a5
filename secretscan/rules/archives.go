package rules

import (
	"strconv"
	"time"
)

// ArchiveSettings are the keys of [scan] about containers. Zero values say nothing: flags and defaults decide.
type ArchiveSettings struct {
	Depth   *int          // how many containers may lie in one another; 0: none is opened; nil: not set
	Size    int64         // bytes that may come out of one
	Ratio   int64         // how many times its own size
	Members int           // how many members
	Time    time.Duration // how long it may take
}

// archiveTable is what the file says.
type archiveTable struct{ open, size, ratio, members, time text }

func (d decoder) archiveFields(t *archiveTable) []field {
	return []field{
		{"archives", func(n *node) { t.open = d.flagOrNumber(n) }},
		{"archive-size", func(n *node) { t.size = d.size(n) }},
		{"archive-ratio", func(n *node) { t.ratio = d.size(n) }},
		{"archive-members", func(n *node) { t.members = d.size(n) }},
		{"archive-time", func(n *node) { t.time = d.text(n) }},
	}
}

// flagOrNumber reads true, false, or a plain number.
func (d decoder) flagOrNumber(n *node) text {
	switch n.kind {
	case kindBool:
		return text{n.text, n.at}
	case kindInteger:
		return text{d.numberText(n), n.at}
	}
	d.wrongType(n, "true, false or a number")
	return text{at: n.at}
}

// archiveSettings checks what the file says about containers.
func (l *loader) archiveSettings(t archiveTable) (s ArchiveSettings) {
	switch t.open.value {
	case "", "true": // they are opened anyway, and how deep the default says
	case "false":
		s.Depth = new(0)
	default:
		depth, err := strconv.Atoi(t.open.value)
		if err != nil || depth < 0 {
			l.fail(t.open.at, "how many containers may lie in one another, or true or false", "%.80q is not a depth", t.open.value)
		}
		s.Depth = new(depth)
	}
	if t.size.value != "" {
		var ok bool
		if s.Size, ok = ParseSize(t.size.value); !ok {
			l.fail(t.size.at, `write it like "4GiB" or "500MB"`, "%.80q is not a size", t.size.value)
		}
	}
	s.Ratio = l.positive(t.ratio)
	s.Members = int(l.positive(t.members))
	if t.time.value != "" {
		var err error
		if s.Time, err = time.ParseDuration(t.time.value); err != nil || s.Time <= 0 {
			l.fail(t.time.at, `write it like "5m" or "90s"`, "%.80q is not a time", t.time.value)
		}
	}
	return s
}

// positive reads a number of 1 or more; 0 if there is none.
func (l *loader) positive(t text) int64 {
	if t.value == "" {
		return 0
	}
	n, err := strconv.ParseInt(t.value, 10, 32)
	if err != nil || n < 1 {
		l.fail(t.at, "a number from 1 on", "%.80q is not one", t.value)
	}
	return n
}
