package decode

import "bytes"

const (
	// gapMost is how far apart two escapes of one run are at most: a token that is longer than that has no escapes around it that matter.
	gapMost = 512
	// unitMost is how long an escape is at most: half of \\ud83d\\ude00, twice.
	unitMost = 14
	// quotedMost is how long a line of quoted-printable is at most, with the end of the line.
	quotedMost = 78
)

// markerOf is the byte that the escapes of a kind start with; code points in words (U+0041) are told by their second byte.
var markerOf = [kinds]byte{Percent: '%', Escape: '\\', Entity: '&', QuotedPrintable: '='}

// mark looks at a place where an escape of a kind may start.
func (f *Finder) mark(k Kind, at int) {
	if !unitAt(k, f.data, at).escape {
		return // often
	}
	if k == Escape && at > max(0, f.marks[k]) {
		at = firstBackslash(f.data, at)
	}
	if k == QuotedPrintable && f.longLine(at) {
		return
	}
	for before := f.before(k, at); before >= 0; before = f.before(k, at) {
		at = before
	}
	f.chain(k, at, 0)
}

// before returns where the escape starts that is the one before that at data[at] in the same run; -1: that is the first.
func (f *Finder) before(k Kind, at int) int {
	least := max(0, f.marks[k], at-gapMost-unitMost)
	for i := at - 1; i >= least; i-- {
		switch b := f.data[i]; {
		case b == '\n' && k != QuotedPrintable:
			return -1
		case b == '\n':
			// The line before must go on in this one.
			if i > 0 && f.data[i-1] == '\r' {
				i--
			}
			if i == 0 || f.data[i-1] != '=' || f.longLine(i-1) {
				return -1
			}
		case b == markerOf[k], k == Escape && b == 'U':
			if u := unitAt(k, f.data, i); u.escape && i+u.size <= at && i+u.size >= at-gapMost {
				return max(firstBackslash(f.data, i), least)
			}
		}
	}
	return -1
}

// firstBackslash returns where the escape at data[at] starts: one place before if it has two backslashes.
func firstBackslash(data []byte, at int) int {
	if at > 0 && data[at] == '\\' && data[at-1] == '\\' && unitAt(Escape, data, at-1).escape {
		return at - 1
	}
	return at
}

// longLine reports whether the line of data[at] is too long for quoted-printable.
func (f *Finder) longLine(at int) bool {
	from, to := max(0, at-quotedMost-1), min(len(f.data), at+quotedMost+1)
	from += bytes.LastIndexByte(f.data[from:at], '\n') + 1
	if n := bytes.IndexByte(f.data[at:to], '\n'); n >= 0 {
		to = at + n
	}
	return to-from > quotedMost
}

// chain hands over the run of escapes that starts at data[from], in pieces.
func (f *Finder) chain(k Kind, from, first int) {
	for {
		if from >= f.limit {
			f.wait(k, rest{from: from, first: first})
			f.marks[k] = never
			return
		}
		l := links{kind: k, data: f.data, from: from}
		more := l.follow(f)
		f.marks[k] = l.to
		if l.matter() {
			run := Run{Kind: k, From: from, To: l.to, First: first, Next: never, Low: from - gapMost - unitMost, High: l.to + gapMost + unitMost}
			if more {
				run.Next = l.first
			}
			f.yield(run)
		}
		if !more {
			return
		}
		from, first = l.next, l.first
	}
}

// links is the escapes of a piece of a run.
type links struct {
	kind        Kind
	data        []byte
	from, to    int
	next, first int // where the next piece starts, and what is its own
	ascii       int // escapes for printable ASCII
	soft        int // line breaks of quoted-printable
	equals      int // escaped equals signs
}

// follow goes from escape to escape and reports whether the piece ends before the run does.
func (l *links) follow(f *Finder) (more bool) {
	at := l.from
	u := unitAt(l.kind, l.data, at)
	for {
		if behind := at - l.from; behind >= Most-pieceTail {
			if l.next == 0 {
				l.next = at
			}
			if l.first == 0 && behind >= Most-pieceTail+pieceLead {
				l.first = at
			}
		}
		if at+u.size-l.from > Most && l.first > 0 {
			return true
		}
		l.count(&u)
		at += u.size
		l.to = at
		if at, u = l.following(f, at); !u.escape {
			return false
		}
	}
}

func (l *links) count(u *unit) {
	switch {
	case u.n == 0:
		l.soft++
	case u.ascii:
		l.ascii++
	}
	if u.n == 1 && u.text[0] == '=' {
		l.equals++
	}
}

// matter reports whether the escapes are worth decoding. In a line of a program an equals sign before two digits is no quoted-printable.
func (l *links) matter() bool {
	if l.kind == QuotedPrintable {
		return l.equals > 0 || l.soft > 0 && l.ascii > 0
	}
	return l.ascii > 0
}

// following returns the next escape of the run behind data[at:], and where it starts; what it returns is no escape if there is none.
func (l *links) following(f *Finder, at int) (int, unit) {
	if at >= len(l.data) || l.kind == QuotedPrintable && f.longLine(at) {
		return at, unit{}
	}
	if u := unitAt(l.kind, l.data, at); u.escape {
		return at, u // often
	}
	end := min(len(l.data), at+gapMost)
	if n := bytes.IndexByte(l.data[at:end], '\n'); n >= 0 {
		end = at + n + 1
	}
	for i := at; i < end; i++ {
		if i = nextMarker(l.kind, l.data[:end], i); i == end {
			break
		}
		if u := unitAt(l.kind, l.data, i); u.escape {
			return i, u
		}
	}
	return at, unit{}
}

// nextMarker returns where in data[at:] an escape of a kind may start next; len(data): nowhere.
func nextMarker(k Kind, data []byte, at int) int {
	end := len(data)
	if n := bytes.IndexByte(data[at:], markerOf[k]); n >= 0 {
		end = at + n
	}
	if k == Escape {
		if n := bytes.Index(data[at:end], codePointMark); n >= 0 {
			end = at + n
		}
	}
	return end
}

var codePointMark = []byte("U+")
