package secretscan

import (
	"bytes"
	"slices"
)

// allowMarkLen is the length of what starts an allow comment: allowMarker and gitleaksMarker are as long.
const allowMarkLen = len(allowMarker)

// allowMarksIn adds to list where in data[from:to] one of the two markers of allow comments stands, as a whole.
func allowMarksIn(list []int32, data []byte, from, to int) []int32 {
	const head = allowMarkLen - len(":allow")
	for at := from + head; at < to; {
		i := indexAllow(data[at:to])
		if i < 0 {
			break
		}
		start := at + i - head
		if mark := data[start : start+allowMarkLen]; string(mark) == allowMarker || string(mark) == gitleaksMarker {
			list = append(list, int32(start))
		}
		at += i + len(":allow")
	}
	return list
}

// indexAllow returns the place of the first ":allow" in data, or -1. It goes by the w, which is rare beside a colon.
func indexAllow(data []byte) int {
	const mark = ":allow"
	for at := len(mark) - 1; at < len(data); at++ {
		n := bytes.IndexByte(data[at:], 'w')
		if n < 0 {
			return -1
		}
		if at += n; string(data[at+1-len(mark):at+1]) == mark {
			return at + 1 - len(mark)
		}
	}
	return -1
}

// allowMarks returns where all markers stand in a content. They go into its trace, if it leaves one: of a content that is made from it
// by a delta only what is new is searched for them. They are not looked for before somebody asks, for few contents have candidates.
func (n *notes) allowMarks(data []byte) []int32 {
	if n == nil {
		return allowMarksIn(nil, data, 0, len(data))
	}
	if !n.marked {
		n.marks, n.marked = allowMarksIn(n.marks, data, 0, len(data)), true
	}
	return n.marks
}

// carryMarks finds the markers of a content whose base's are known: those that are copied as a whole, and those that have a part in
// what is new.
func (n *notes) carryMarks(data []byte, base *Trace) {
	if base == nil || !base.marked {
		return
	}
	n.marked = true
	pos := 0
	for i := range n.copied {
		c := &n.copied[i]
		n.newMarks(data, pos, c.to)
		first, _ := slices.BinarySearch(base.marks, int32(c.from))
		for _, m := range base.marks[first:] {
			if m += int32(c.to - c.from); int(m)+allowMarkLen > c.end {
				break
			}
			n.marks = append(n.marks, m)
		}
		pos = c.end
	}
	n.newMarks(data, pos, len(data))
}

// newMarks finds the markers that have a part in data[from:to], of which those before the last may be known already.
func (n *notes) newMarks(data []byte, from, to int) {
	if len(n.marks) > 0 {
		from = max(from, int(n.marks[len(n.marks)-1])+allowMarkLen)
	}
	n.marks = allowMarksIn(n.marks, data, max(0, from-allowMarkLen+1), min(len(data), to+allowMarkLen-1))
}
