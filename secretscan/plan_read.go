package secretscan

import (
	"encoding/binary"
	"sync"
)

// plans are written plans; see planWriter.
type plans struct {
	text string
	sets func() []byteSet

	reading sync.Mutex
	known   map[int]step // what was read before and has sequences of its own, by its place: rules of one form share it
}

// newPlans returns the plans of a text, or nil if there is none.
func newPlans(text string) *plans {
	if text == "" {
		return nil
	}
	p := &plans{text: text, known: make(map[int]step)}
	r := planReader{plans: p}
	sets := r.number()
	r.at += sets * len(byteSet{}) * 8
	p.text = text[r.at:]
	p.sets = sync.OnceValue(func() []byteSet {
		all, from := make([]byteSet, sets), []byte(text[:r.at])
		from = from[r.at-sets*len(byteSet{})*8:]
		for i := range all {
			for k := range all[i] {
				all[i][k], from = binary.LittleEndian.Uint64(from), from[8:]
			}
		}
		return all
	})
	return p
}

// planReader reads from a place on. The zero value stands for no plans.
type planReader struct {
	*plans
	at int
}

func (r *planReader) number() (n int) {
	for shift := 0; ; shift += 7 {
		b := r.text[r.at]
		r.at++
		if n |= int(b&0x7f) << shift; b < 0x80 {
			return n
		}
	}
}

func (r *planReader) string() string {
	n := r.number()
	r.at += n
	return r.text[r.at-n : r.at]
}

// brief returns what briefOf does.
func (r *planReader) brief() (most int, expr string) {
	if most = r.number(); most > 0 {
		expr = r.string()
	}
	return most, expr
}

// plan returns the plan that starts here, of an expression with these anchors.
func (r planReader) plan(anchors []Anchor) *plan {
	r.reading.Lock()
	defer r.reading.Unlock()
	r.brief()
	p := &plan{whole: r.sequence(), most: r.number() - 1, needs: needed{length: r.number()}}
	p.needs.set = r.sets()[r.number()]
	for range anchors {
		p.anchors = append(p.anchors, newSteps(r.sequence(), r.sequence(), r.inner()))
	}
	p.tail.make = func() *tail { return r.tail(anchors) }
	return p
}

func (r *planReader) inner() *inner {
	n := r.number()
	if n == 0 {
		return nil
	}
	before, literals := r.sequence(), make([]string, n)
	for i := range literals {
		literals[i] = r.string()
	}
	return newInner(before, literals)
}

func (r *planReader) tail(anchors []Anchor) *tail {
	n := r.number()
	if n == 0 {
		return nil
	}
	most, class := r.number(), make(runeSet, n)
	for i := range class {
		class[i] = rune(r.number())
	}
	return newTail(class, most, &lazyRegexp{expr: r.string(), written: *r}, anchors[0].Literals)
}

// sequence returns the sequence that is written at the number that comes here.
func (r *planReader) sequence() sequence {
	there := planReader{r.plans, r.number()}
	seq := make(sequence, 0, there.length())
	for {
		switch mark := there.mark(); mark {
		case writtenEnd:
			if len(seq) == 0 {
				return nil
			}
			return seq
		case writtenByte:
			seq = append(seq, step{op: stepClass, min: 1, max: 1, set: there.set()})
		case writtenStep + byte(stepAlt), writtenStep + byte(stepRepeat):
			seq = append(seq, there.shared(stepOp(mark-writtenStep)))
		default:
			seq = append(seq, there.step(stepOp(mark-writtenStep)))
		}
	}
}

// length returns how many steps come.
func (r planReader) length() (n int) {
	for ; ; n++ {
		switch mark := r.mark(); mark {
		case writtenEnd:
			return n
		case writtenByte:
			r.number()
		default:
			r.skip(stepOp(mark - writtenStep))
		}
	}
}

// mark returns the next mark but a jump, which it follows.
func (r *planReader) mark() byte {
	for {
		mark := r.text[r.at]
		if r.at++; mark != writtenJump {
			return mark
		}
		r.at = r.number()
	}
}

func (r *planReader) set() *byteSet { return &r.sets()[r.number()] }

// shared returns a step that is not read a second time.
func (r *planReader) shared(op stepOp) step {
	at := r.at
	s, ok := r.known[at]
	if ok {
		r.skip(op)
		return s
	}
	s = r.step(op)
	r.known[at] = s
	return s
}

func (r *planReader) step(op stepOp) step {
	s := step{op: op}
	switch op {
	case stepClass:
		s.min, s.max, s.chars = int32(r.number()), int32(r.number()-1), int32(r.number())
		s.set = r.set()
	case stepRepeat:
		s.min, s.max = int32(r.number()), int32(r.number()-1)
		s.alts = []sequence{r.sequence()}
	case stepAlt:
		s.alts = make([]sequence, r.number())
		for i := range s.alts {
			s.alts[i] = r.sequence()
		}
		s.first, s.starts = firstsOf(s.alts)
	case stepWord, stepNoWord, stepEnd, stepFree:
	}
	return s
}

// skip goes past what belongs to a step.
func (r *planReader) skip(op stepOp) {
	n := 0
	switch op {
	case stepClass:
		n = 4
	case stepRepeat:
		n = 3
	case stepAlt:
		n = r.number()
	case stepWord, stepNoWord, stepEnd, stepFree:
	}
	for range n {
		r.number()
	}
}
