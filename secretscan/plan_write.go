package secretscan

import (
	"encoding/binary"
	"regexp/syntax"
	"strings"
)

// Plans are written as text once and for all for the default rules: to make one takes longer than to scan some hundred kilobytes. A
// text starts with the sets of bytes that steps have, each once, and is then read from the places that analyses name. Numbers are
// unsigned varints as those of package encoding/binary.
//
// A sequence is written as its steps and an end, or a jump to another sequence with the same rest: expressions that share a form
// mostly end alike.

// The marks before what a sequence consists of. A step other than a single byte of a class has writtenStep and its op.
const (
	writtenEnd  = iota
	writtenJump // to the place where the rest is written
	writtenByte // a class once: its set
	writtenStep
)

// planWriter writes plans.
type planWriter struct {
	text      []byte
	sets      []byteSet
	setAt     map[byteSet]int
	sequences map[string]int // where what such steps lead to is written
}

func newPlanWriter() *planWriter {
	return &planWriter{text: []byte{0}, setAt: make(map[byteSet]int), sequences: make(map[string]int)} // no plan is at 0
}

// plan writes what an expression needs, and returns where it starts.
func (w *planWriter) plan(expr string, anchors []Anchor) uint32 {
	re := (&lazyRegexp{expr: expr}).tree()
	p := newPlan(re, anchors)
	whole := w.sequence(p.whole)
	var around []byte
	for i, branch := range branchesOf(re)[:len(anchors)] {
		around = w.steps(around, flatten(branch), anchors[i].At)
	}
	start := len(w.text)
	w.brief(expr)
	w.numbers(whole, p.most+1, p.needs.length, w.set(p.needs.set))
	w.text = append(w.text, around...)
	w.tail(p.tail.get())
	return uint32(start)
}

// steps appends to out where the sequences around an anchor are written.
func (w *planWriter) steps(out []byte, elements []*syntax.Regexp, at int) []byte {
	lead, follow := aroundAnchor(elements, at)
	out = binary.AppendUvarint(out, uint64(w.sequence(lead)))
	out = binary.AppendUvarint(out, uint64(w.sequence(follow)))
	in := innerOf(follow, elements[at:])
	if in == nil {
		return append(out, 0)
	}
	out = binary.AppendUvarint(out, uint64(len(in.literals)))
	out = binary.AppendUvarint(out, uint64(w.sequence(in.before)))
	for _, l := range in.literals {
		out = append(binary.AppendUvarint(out, uint64(len(l))), l...)
	}
	return out
}

func (w *planWriter) tail(t *tail) {
	if t == nil {
		w.numbers(0)
		return
	}
	w.numbers(len(t.class), t.most)
	for _, r := range t.class {
		w.numbers(int(r))
	}
	w.string(t.anchor.expr)
	w.brief(t.anchor.expr)
}

// brief writes what lazyRegexp.in would find out.
func (w *planWriter) brief(expr string) {
	most, brief := briefOf(expr)
	if w.numbers(most); most > 0 {
		w.string(brief)
	}
}

func (w *planWriter) string(s string) {
	w.numbers(len(s))
	w.text = append(w.text, s...)
}

func (w *planWriter) numbers(list ...int) {
	for _, n := range list {
		w.text = binary.AppendUvarint(w.text, uint64(n))
	}
}

// set returns the number of a set.
func (w *planWriter) set(set byteSet) int {
	n, ok := w.setAt[set]
	if !ok {
		n = len(w.sets)
		w.sets, w.setAt[set] = append(w.sets, set), n
	}
	return n
}

// sequence writes a sequence, as far as its end is not written yet, and returns where it starts.
func (w *planWriter) sequence(seq sequence) int {
	codes := make([]string, len(seq))
	for i := range seq {
		codes[i] = string(w.step(&seq[i]))
	}
	known := 0
	for ; known < len(codes); known++ {
		if at, ok := w.sequences[strings.Join(codes[known:], "")]; ok {
			if known == 0 {
				return at
			}
			break
		}
	}
	start := len(w.text)
	for i, code := range codes[:known] {
		w.sequences[strings.Join(codes[i:], "")] = len(w.text)
		w.text = append(w.text, code...)
	}
	if known == len(codes) {
		w.text = append(w.text, writtenEnd)
	} else {
		w.text = append(w.text, writtenJump)
		w.numbers(w.sequences[strings.Join(codes[known:], "")])
	}
	return start
}

// step returns how a step is written. What firstsOf and withGaps add is not: they are called again.
func (w *planWriter) step(s *step) []byte {
	if s.op == stepClass && s.min == 1 && s.max == 1 {
		return binary.AppendUvarint([]byte{writtenByte}, uint64(w.set(*s.set)))
	}
	out := []byte{writtenStep + byte(s.op)}
	add := func(n int) { out = binary.AppendUvarint(out, uint64(n)) }
	switch s.op {
	case stepClass, stepRepeat:
		add(int(s.min))
		add(int(s.max) + 1)
		if s.op == stepClass {
			add(int(s.chars))
			add(w.set(*s.set))
		} else {
			add(w.sequence(s.alts[0]))
		}
	case stepAlt:
		add(len(s.alts))
		for _, alt := range s.alts {
			add(w.sequence(alt))
		}
	case stepWord, stepNoWord, stepEnd, stepFree:
	}
	return out
}

// all returns the whole text: the number of sets, the sets, and what was written.
func (w *planWriter) all() string {
	out := binary.AppendUvarint(nil, uint64(len(w.sets)))
	for _, set := range w.sets {
		for _, word := range set {
			out = binary.LittleEndian.AppendUint64(out, word)
		}
	}
	return string(out) + string(w.text)
}
