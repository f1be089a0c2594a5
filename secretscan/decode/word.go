package decode

// word looks at a word whose first letters and digits, as many as there must be, end with data[last]. It returns where to go on.
//
// A word is written in base64 as a whole, from its start, or from where its letters and digits begin: behind the last slash of a path.
//
//	host/path/cGFzc3dvcmQ9aHVudGVyMg
//	^         ^
func (f *Finder) word(last int) int {
	data, from := f.data, last+1-wordLeast
	for from > 0 && classes[data[from-1]]&wordClass != 0 { // where the finder began within a word
		from--
	}
	if behind := codeStart(data, from); behind > from {
		if from = behind; from+wordLeast > last+1 && (last+1 >= len(data) || classes[data[last+1]]&wordClass == 0) {
			return last
		}
	}
	start, least := from, 0
	if f.words.to < from {
		least = max(0, f.words.to)
	}
	for start > least && classes[data[start-1]]&codeClass != 0 {
		start--
	}
	if start < from && start == f.words.to {
		start = f.words.from
	} else {
		start = codeStart(data, start)
	}
	known := start == f.words.from
	f.words.from, f.words.to = start, last+1
	if !known && start < from && start >= f.words.done {
		f.head(start)
	}
	if from >= f.words.done {
		f.head(from)
	}
	return f.settled(last)
}

// settled returns where to go on from at: the end of the last run, before its padding, which may be the start of something else.
func (f *Finder) settled(at int) int {
	if f.words.done > len(f.data) {
		return len(f.data)
	}
	end := f.words.done
	for end > at && f.data[end-1] == '=' {
		end--
	}
	return max(end, at)
}

// head looks for a run that starts at data[at], where there are letters and digits enough.
func (f *Finder) head(at int) {
	if isHexText(f.data[at:]) {
		f.hex(at, endOfWord(f.data, at))
		return
	}
	switch form := formOf(f.data, at); form {
	case noForm:
	case derKey, sshKey:
		f.key(at, form)
	default:
		f.text64(rest{from: at, line: at, form: form})
	}
}

// found hands a run of base64 or hex over.
func (f *Finder) found(r Run) {
	f.words.done = max(f.words.done, r.To)
	lines := f.measure(r)
	// What is before the first line and behind the last decides that those are not part of it.
	r.Low, r.High = lines.from-2*indentMost, lines.to+2*indentMost
	if r.form == noForm {
		r.form = plainText
	}
	f.yield(r)
}

// measure returns the lines of base64 that a run is in, which decide together what is a run in them.
func (f *Finder) measure(r Run) span {
	if r.From >= f.lines.from && r.To <= f.lines.to {
		return f.lines
	}
	s := span{from: f.words.from, to: 0}
	for {
		end := lineBefore(f.data, s.from)
		if end >= 0 && end >= f.lines.from && end <= f.lines.to {
			s.from = f.lines.from
			break
		}
		if end < 0 {
			break
		}
		start := codeFrom(f.data, end, 0)
		if end-start < lineLeast {
			break
		}
		s.from = start
	}
	end := endOfCode(f.data, r.To)
	s.to = f.lineEnd(codeFrom(f.data, r.To, 0), end)
	if long := s.to - codeFrom(f.data, s.to, 0); long >= lineLeast {
		s.to += long // it was looked whether the next line is longer
	}
	f.lines = s
	return s
}

// text64 hands over the pieces of a text in base64.
func (f *Finder) text64(r rest) {
	for {
		if r.from >= f.limit {
			f.wait(Base64, r)
			f.words.done = never
			return
		}
		run := Run{Kind: Base64, From: r.from, First: r.first, Next: never, form: r.form}
		next, more := f.piece64(&run, r)
		f.found(run)
		if !more {
			return
		}
		next.form = r.form
		r = next
	}
}

const (
	// textChunk is how much is decoded at once to see whether it is text.
	textChunk = 3 << 10
	// Where the next piece starts and what is its own, in bytes that are decoded, whole groups of four characters of base64 and whole
	// characters of UTF-16 too.
	pieceMost  = Most / 6 * 6
	pieceNext  = (Most - pieceTail) / 6 * 6
	pieceFirst = pieceNext + pieceLead/6*6
)

// piece64 finds where a piece ends, and where the next one starts if there is one.
func (f *Finder) piece64(run *Run, r rest) (next rest, more bool) {
	pos, line, n := r.from, r.line, 0
	run.To = pos
	for f.carry = 0; ; {
		end := endOfCode(f.data[:min(len(f.data), pos+(pieceMost-n)/3*4)], pos)
		to := f.text(pos, end, r.form)
		for _, step := range [...]struct {
			most int
			at   *int
		}{{pieceNext, &next.from}, {pieceFirst, &next.first}} {
			if left := (step.most - n) / 3 * 4; left >= 0 && left < to-pos {
				*step.at = pos + left
				if step.most == pieceNext {
					next.line = line
				}
			}
		}
		if n += (to - pos) / 4 * 3; to > pos {
			run.To = to
		}
		if to < end {
			return next, false
		}
		if n >= pieceMost {
			run.Next = next.first
			return next, true
		}
		following := codeLine(f.data, line, end)
		if following == 0 {
			run.To = padded(f.data, end)
			return next, false
		}
		pos, line = following, following
	}
}

// text returns where what is written in data[from:to] stops to be text.
func (f *Finder) text(from, to int, as form) int {
	for from < to {
		n, used := decodeInto(f.buf[f.carry:f.carry+textChunk], f.data[from:to])
		if used == 0 {
			return from
		}
		b := f.buf[:f.carry+n]
		length := textLength
		if as == wideText {
			length = wideLength
		}
		text, whole := length(b)
		if text < len(b) {
			return from + max(0, text-f.carry)/3*4
		}
		f.carry = copy(f.buf[:], b[whole:])
		from += used
	}
	return to
}

// key hands over a private key, unless it stands in PEM armour.
func (f *Finder) key(at int, form form) {
	run := Run{Kind: Base64, From: at, Next: never, form: form}
	need := (keyMost + 2) / 3 * 4
	if form == derKey {
		var head [headMost]byte
		n, _ := decodeInto(head[:], f.data[at:min(len(f.data), at+headMost/3*4)])
		need = (derLength(head[:n])*4 + 2) / 3
	}
	for pos := at; ; {
		end := endOfCode(f.data[:min(len(f.data), pos+need)], pos)
		need -= end - pos
		run.To = end
		if need == 0 {
			break
		}
		if pos = codeLine(f.data, pos, end); pos == 0 {
			break
		}
	}
	run.To = padded(f.data, run.To)
	if form == derKey && need > 0 || armored(f.data, at) {
		return
	}
	f.found(run)
}
