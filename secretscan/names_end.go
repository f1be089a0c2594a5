package secretscan

import (
	"regexp/syntax"
	"unicode/utf8"
)

// lastOf returns which ASCII characters a text can end with that a program matches, or nil if it may be any: most names are told apart by
// their last letter.
func lastOf(prog *syntax.Prog) *[utf8.RuneSelf]bool {
	if within, end := finishes(prog, uint32(prog.Start)); within || end { // a program has fewer instructions
		return nil
	}
	var last [utf8.RuneSelf]bool
	for i := range prog.Inst {
		inst := &prog.Inst[i]
		if !takes(inst, 0) && len(inst.Rune) == 0 {
			continue
		}
		within, end := finishes(prog, inst.Out)
		if within {
			return nil
		}
		for r := range last {
			last[r] = last[r] || end && takes(inst, rune(r))
		}
	}
	return &last
}

// finishes reports whether a program comes from an instruction to a match without another character: within a text, and at its end only.
func finishes(prog *syntax.Prog, pc uint32) (within, end bool) {
	type spot struct {
		pc    uint32
		ended bool // the text has to end here
	}
	seen, todo := map[spot]bool{}, []spot{{pc, false}}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[s] {
			continue
		}
		seen[s] = true
		switch inst := &prog.Inst[s.pc]; inst.Op {
		case syntax.InstMatch:
			within, end = within || !s.ended, end || s.ended
		case syntax.InstAlt, syntax.InstAltMatch:
			todo = append(todo, spot{inst.Out, s.ended}, spot{inst.Arg, s.ended})
		case syntax.InstCapture, syntax.InstNop:
			todo = append(todo, spot{inst.Out, s.ended})
		case syntax.InstEmptyWidth:
			todo = append(todo, spot{inst.Out, s.ended || syntax.EmptyOp(inst.Arg)&syntax.EmptyEndText != 0})
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL, syntax.InstFail:
		}
	}
	return within, end
}
