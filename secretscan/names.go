package secretscan

import (
	"regexp/syntax"
	"sync"
	"unicode/utf8"
)

// Suspects implements Sink.
func (r *run) Suspects(name []byte) bool { return r.engine.suspects(name) }

// Name implements Sink.
func (r *run) Name(b Blob) {
	if b.Deferred || !r.engine.Skips(b.Path) {
		r.desk.file(b, r.engine.byName(b.Path))
	}
}

// suspects reports whether a rule about names of files alone may match a path that ends with a name. Yes may be wrong, no is not.
func (e *Engine) suspects(name []byte) bool {
	for i := range e.named {
		if e.at(e.named[i].rule).path.mayEnd(name) {
			return true
		}
	}
	return false
}

// mayEnd reports whether some text that ends with a name may match.
func (l *lazyRegexp) mayEnd(name []byte) bool {
	l.onceEnd.Do(func() {
		tree, err := syntax.Parse(l.expr, syntax.Perl) // as the regexp package does
		if err != nil {
			return
		}
		if prog, err := syntax.Compile(tree.Simplify()); err == nil {
			l.end = newAnyPrefix(prog)
		}
	})
	return l.end == nil || l.end.matches(name)
}

// anyPrefix runs an expression over the end of a text of which the beginning is not known: it starts in every state in which any
// beginning could leave it.
type anyPrefix struct {
	prog *syntax.Prog
	last *[utf8.RuneSelf]bool // what a text ends with that matches; nil: with anything
	pool sync.Pool            // of *prefixRun
}

type prefixRun struct{ now, next instSet }

// instSet is a set of instructions, in the order in which they came in.
type instSet struct {
	list []uint32
	has  []bool
}

func (s *instSet) clear() {
	for _, pc := range s.list {
		s.has[pc] = false
	}
	s.list = s.list[:0]
}

func newAnyPrefix(prog *syntax.Prog) *anyPrefix {
	a := &anyPrefix{prog: prog, last: lastOf(prog)}
	a.pool.New = func() any {
		set := func() instSet { return instSet{has: make([]bool, len(prog.Inst))} }
		return &prefixRun{set(), set()}
	}
	return a
}

func (a *anyPrefix) matches(name []byte) bool {
	if n := len(name); n > 0 && a.last != nil && name[n-1] < utf8.RuneSelf && !a.last[name[n-1]] {
		return false
	}
	run := a.pool.Get().(*prefixRun) // the pool holds nothing else
	defer a.pool.Put(run)
	run.now.clear()
	if a.add(&run.now, uint32(a.prog.Start), len(name) == 0, true) { // a program has fewer instructions
		return true
	}
	for len(name) > 0 {
		r, size := utf8.DecodeRune(name)
		name = name[size:]
		run.next.clear()
		if a.add(&run.next, uint32(a.prog.Start), len(name) == 0, false) { // a match may start anywhere
			return true
		}
		for _, pc := range run.now.list {
			if inst := &a.prog.Inst[pc]; takes(inst, r) && a.add(&run.next, inst.Out, len(name) == 0, false) {
				return true
			}
		}
		run.now, run.next = run.next, run.now
	}
	return false
}

// takes reports whether an instruction consumes a character.
func takes(inst *syntax.Inst, r rune) bool {
	switch inst.Op {
	case syntax.InstRune, syntax.InstRune1:
		return inst.MatchRune(r)
	case syntax.InstRuneAny:
		return true
	case syntax.InstRuneAnyNotNL:
		return r != '\n'
	case syntax.InstAlt, syntax.InstAltMatch, syntax.InstCapture, syntax.InstEmptyWidth, syntax.InstMatch, syntax.InstFail, syntax.InstNop:
	}
	return false
}

// add adds what can be reached from an instruction without a character, or, if free, with any, and reports whether a match can.
// Conditions are taken to hold, but for the ends of the text, which are known.
func (a *anyPrefix) add(set *instSet, pc uint32, atEnd, free bool) (match bool) {
	todo := []uint32{pc}
	for len(todo) > 0 {
		pc := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if set.has[pc] {
			continue
		}
		set.has[pc] = true
		set.list = append(set.list, pc)
		switch inst := &a.prog.Inst[pc]; inst.Op {
		case syntax.InstMatch:
			return true
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, inst.Out, inst.Arg)
		case syntax.InstCapture, syntax.InstNop:
			todo = append(todo, inst.Out)
		case syntax.InstEmptyWidth:
			op := syntax.EmptyOp(inst.Arg)
			if (atEnd || op&syntax.EmptyEndText == 0) && (free || op&syntax.EmptyBeginText == 0) {
				todo = append(todo, inst.Out)
			}
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if free {
				todo = append(todo, inst.Out)
			}
		case syntax.InstFail:
		}
	}
	return false
}
