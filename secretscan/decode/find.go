package decode

// Finder finds the runs of a text. It goes through the text from its start to its end, in one call of Find or in several, for parts of
// it; Reset prepares for another text. It is for one goroutine.
type Finder struct {
	data  []byte
	limit int // pieces that start here or after wait for the next call
	yield func(Run)

	clean   int         // everything before was gone through
	words   word        // the base64 or hex that was looked at last
	lines   span        // the lines of base64 that were measured last, which go on in each other
	marks   [kinds]int  // where the last run of escapes ends
	rests   [kinds]rest // of runs that go on behind limit
	resting bool        // there are some
	buf     [textChunk + 8]byte
	carry   int // bytes at the start of buf that wait for the rest of their character
	masks   gateMasks
}

type span struct{ from, to int }

// word is a stretch of base64's characters.
type word struct {
	span     // as far as it was looked at
	done int // what starts before is settled
}

// rest is a run that goes on: its next piece.
type rest struct {
	on          bool
	from, first int
	line        int // of base64: where the line starts that from is in
	form        form
}

// Reset prepares for a text from its start.
func (f *Finder) Reset() {
	f.clean, f.words, f.lines = 0, word{span: span{-1, -1}}, span{-1, -1}
	f.marks, f.rests, f.resting, f.carry = [kinds]int{}, [kinds]rest{}, false, 0
}

// Find hands over the runs that data[from:to] has a part of, of escapes if it lies there as a whole, in no order; those that touch what was
// gone through before are not handed over again. Pieces that start at limit or after wait for the next call, since data may end in the
// middle of them: len(data) if it does not.
func (f *Finder) Find(data []byte, from, to, limit int, yield func(Run)) {
	f.data, f.limit, f.yield = data, limit, yield
	if f.resting {
		f.goOn()
	}
	at, end := f.startOf(from-unitMost), f.endOf(to+1)
	f.scan(at, end)
	f.clean = max(f.clean, end)
	f.data, f.yield = nil, nil
}

// goOn goes on with the runs that wait.
func (f *Finder) goOn() {
	f.resting = false
	for i, r := range f.rests {
		k := Kind(i)
		if !r.on {
			continue
		}
		f.rests[k].on, f.marks[k], f.words.done = false, r.from, min(f.words.done, r.from)
		if k == Base64 {
			f.text64(r)
		} else {
			f.chain(k, r.from, r.first)
		}
	}
}

// wait keeps a run for the next call.
func (f *Finder) wait(k Kind, r rest) {
	r.on = true
	f.rests[k], f.resting = r, true
}

// Shift tells the finder that the first cut bytes of the text are gone.
func (f *Finder) Shift(cut int) {
	f.clean -= cut
	f.words.from, f.words.to, f.words.done = f.words.from-cut, f.words.to-cut, f.words.done-cut
	f.lines.from, f.lines.to = f.lines.from-cut, f.lines.to-cut
	for k := range f.rests {
		r := &f.rests[k]
		r.from, r.first, r.line = r.from-cut, r.first-cut, r.line-cut
		f.marks[k] -= cut
	}
}

// startOf returns where to begin so that all is seen that has a part behind from.
func (f *Finder) startOf(from int) int {
	if from <= f.clean {
		return f.clean
	}
	at := f.lineAt(from)
	return max(f.lineStart(codeFrom(f.data, at, f.clean)), f.clean)
}

// endOf returns where to end so that all is seen that has a part before to.
func (f *Finder) endOf(to int) int {
	if to >= len(f.data) {
		return len(f.data)
	}
	at := f.lineAt(to)
	end := endOfCode(f.data, at)
	if end == len(f.data) || classes[f.data[end]]&breakClass == 0 {
		return end // nearly always
	}
	return f.lineEnd(codeFrom(f.data, at, f.clean), end)
}

// lineAt returns where the line starts at the end of the one before that data[at] is in, if they are base64; else it returns at.
func (f *Finder) lineAt(at int) int {
	if at > 0 && f.data[at-1] != 'n' && classes[f.data[at-1]]&classes[f.data[at]]&codeClass != 0 {
		return at // within a word
	}
	for i := at; i < min(len(f.data), at+indentMost+8); i++ {
		switch class := classes[f.data[i]]; {
		case class&(codeClass|breakClass) == 0:
			return at
		case class&codeClass == 0:
			continue
		}
		start := codeStart(f.data, i)
		if end := lineBefore(f.data, start); end >= 0 && end <= at {
			return start
		}
		if start == i {
			break
		}
	}
	return at
}

// lineEnd returns where the last of the lines ends that the line of base64 in data[start:end] goes on in.
func (f *Finder) lineEnd(start, end int) int {
	for next := codeLine(f.data, start, end); next > 0; next = codeLine(f.data, start, end) {
		start, end = next, endOfCode(f.data, next)
	}
	return end
}

// lineStart returns where the first of the lines starts that a line of base64 at data[at:] may be the continuation of, as far as they were not
// gone through.
func (f *Finder) lineStart(at int) int {
	for at > f.clean {
		end := lineBefore(f.data, at)
		if end < 0 {
			break
		}
		start := codeFrom(f.data, end, max(0, f.clean))
		if end-start < lineLeast {
			break
		}
		at = start
	}
	return at
}

// codeFrom returns where the word of base64 starts that ends at data[at] or goes on there; not before least.
func codeFrom(data []byte, at, least int) int {
	start := at
	for start > least && classes[data[start-1]]&codeClass != 0 {
		start--
	}
	return min(at, codeStart(data, start))
}

// lineBefore returns where the characters of base64 end that stand before the line's end and the indentation before data[at]; -1: there
// are none.
func lineBefore(data []byte, at int) int {
	if at < 2 || data[at-1] != 'n' && classes[data[at-1]]&breakClass == 0 {
		return -1
	}
	return lineBeforeBreak(data, at)
}

func lineBeforeBreak(data []byte, at int) int {
	i := at
	for n := 0; n < indentMost && i > 0 && (data[i-1] == ' ' || data[i-1] == '\t'); n++ {
		i--
	}
	if i <= 1 {
		return -1
	}
	from := i - 1
	switch data[from] {
	case '\n':
		if data[from-1] == '\r' {
			from--
		}
	case 'n':
		if from = escapedBreak(data[:i]); from < 0 {
			return -1
		}
	default:
		return -1 // nearly always
	}
	if from > 0 && classes[data[from-1]]&codeClass != 0 && lineBreak(data, from) == at-from {
		return from
	}
	return -1
}

// escapedBreak returns where the line's end starts, written as an escape, that data ends with; -1: it ends with none.
func escapedBreak(data []byte) int {
	for _, escape := range [...]string{`\\r\\n`, `\r\n`, `\\n`, `\n`} {
		if len(data) >= len(escape) && string(data[len(data)-len(escape):]) == escape {
			return len(data) - len(escape)
		}
	}
	return -1
}

// escape looks at a place where the gate says that an escape may start.
func (f *Finder) escape(at int) {
	k := Escape
	switch f.data[at] {
	case '%':
		k = Percent
	case '&':
		k = Entity
	case '=':
		k = QuotedPrintable
	}
	if at >= f.marks[k] {
		f.mark(k, at)
	}
}
