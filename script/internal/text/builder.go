package text

// Builder makes a text out of parts of another one.
type Builder struct {
	from *Text
	text Text
}

// From starts a text that is made of parts of another one.
func From(t *Text) *Builder { return &Builder{from: t, text: Text{outer: t.outer}} }

// Copy adds Data[from:to] of the text that this one is made of.
func (b *Builder) Copy(from, to int) {
	from, to = max(0, from), min(to, len(b.from.Data))
	for from < to {
		r := b.from.find(from)
		stop := to
		if next := b.next(from); next < stop {
			stop = next
		}
		if r.exact {
			b.add(run{len(b.text.Data), r.out + from - r.in, r.out + stop - r.in, true})
		} else {
			b.add(run{len(b.text.Data), r.out, r.end, false})
		}
		b.text.Data = append(b.text.Data, b.from.Data[from:stop]...)
		from = stop
	}
}

// next returns where the run behind the one that holds an offset starts.
func (b *Builder) next(at int) int {
	low, high := 0, len(b.from.runs)
	for low < high {
		if mid := (low + high) / 2; b.from.runs[mid].in > at {
			high = mid
		} else {
			low = mid + 1
		}
	}
	if low == len(b.from.runs) {
		return len(b.from.Data)
	}
	return b.from.runs[low].in
}

// Put adds bytes that stand for Data[from:to] of the text that this one is made of.
func (b *Builder) Put(data []byte, from, to int) {
	if len(data) == 0 {
		return
	}
	start, end := b.from.Range(from, to)
	b.add(run{len(b.text.Data), start, end, false})
	b.text.Data = append(b.text.Data, data...)
}

// Add adds all of another text of the same outer file.
func (b *Builder) Add(t *Text) {
	at := len(b.text.Data)
	for _, r := range t.runs {
		b.add(run{r.in + at, r.out, r.end, r.exact})
	}
	b.text.Data = append(b.text.Data, t.Data...)
}

// add adds a run, or makes the last one longer if it goes on there.
func (b *Builder) add(r run) {
	if n := len(b.text.runs); n > 0 {
		last := &b.text.runs[n-1]
		same := !r.exact && !last.exact && r.out == last.out && r.end == last.end
		if same {
			return
		}
		if r.exact && last.exact && last.end == r.out && last.out+r.in-last.in == r.out {
			last.end = r.end
			return
		}
	}
	b.text.runs = append(b.text.runs, r)
}

// Len returns how many bytes there are so far.
func (b *Builder) Len() int { return len(b.text.Data) }

// Text returns the text. The builder must not be used any more.
func (b *Builder) Text() *Text {
	if len(b.text.runs) == 0 {
		b.text.runs = []run{{}}
	}
	return &b.text
}

// Part returns Data[from:to] of a text.
func Part(t *Text, from, to int) *Text {
	b := From(t)
	b.Copy(from, to)
	return b.Text()
}

// Decoded returns data as what was made of Data[from:to] of a text by taking an encoding off.
func Decoded(t *Text, from, to int, data []byte) *Text {
	b := From(t)
	b.Put(data, from, to)
	return b.Text()
}
