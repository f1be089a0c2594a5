package rules

import (
	"regexp/syntax"
	"strings"
	"unicode"
)

// maxContainSteps bounds the work of canContain for one keyword: states of the expression times characters of the keyword.
const maxContainSteps = 1 << 20

// canContain reports whether some text that an expression matches contains a keyword in any case. It walks the expression's
// program beside the automaton that looks for the keyword, and takes anchors and word boundaries for always true: it may say
// yes for no, never no for yes. known is false if the expression is too large to tell.
func canContain(re *syntax.Regexp, keyword string) (possible, known bool) {
	word := []rune(strings.ToLower(keyword))
	if len(word) == 0 {
		return true, true
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil || len(prog.Inst)*len(word) > maxContainSteps {
		return false, false
	}
	w := &containWalk{prog: prog, word: word, fail: borders(word), seen: make([]bool, len(prog.Inst)*len(word))}
	w.push(uint32(prog.Start), 0)
	for len(w.todo) > 0 {
		at := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		if w.step(at) {
			return true, true
		}
	}
	return false, true
}

// containWalk is the walk of canContain. A state is an instruction and how much of the word stands directly before it.
type containWalk struct {
	prog *syntax.Prog
	word []rune
	fail []int
	seen []bool
	todo []containState
}

type containState struct {
	pc      uint32
	matched int
}

func (w *containWalk) push(pc uint32, matched int) {
	if i := int(pc)*len(w.word) + matched; !w.seen[i] {
		w.seen[i] = true
		w.todo = append(w.todo, containState{pc, matched})
	}
}

// step follows the instruction of a state; it reports whether the whole word has been seen.
func (w *containWalk) step(at containState) bool {
	inst := &w.prog.Inst[at.pc]
	switch inst.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		w.push(inst.Out, at.matched)
		w.push(inst.Arg, at.matched)
	case syntax.InstCapture, syntax.InstEmptyWidth, syntax.InstNop:
		w.push(inst.Out, at.matched)
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		w.push(inst.Out, 0) // some character that is not in the word; if there is none, this only makes for a yes
		for n := at.matched; ; n = w.fail[n] {
			if w.matches(inst, w.word[n]) {
				if n+1 == len(w.word) {
					return true
				}
				w.push(inst.Out, n+1)
			}
			if n == 0 {
				break
			}
		}
	}
	return false
}

// matches reports whether an instruction takes a character in any case.
func (w *containWalk) matches(inst *syntax.Inst, r rune) bool {
	if inst.MatchRune(r) || inst.MatchRune(unicode.ToUpper(r)) {
		return true
	}
	for folded := unicode.SimpleFold(r); folded != r; folded = unicode.SimpleFold(folded) {
		if inst.MatchRune(folded) {
			return true
		}
	}
	return false
}

// borders returns for each n the length of the longest proper prefix of word[:n] that it also ends in (Knuth, Morris, Pratt).
func borders(word []rune) []int {
	fail := make([]int, len(word)+1)
	for n, k := 1, 0; n < len(word); n++ {
		for k > 0 && word[k] != word[n] {
			k = fail[k]
		}
		if word[k] == word[n] {
			k++
		}
		fail[n+1] = k
	}
	return fail
}
