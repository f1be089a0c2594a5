package secretscan

import (
	"encoding/binary"
	"regexp/syntax"
	"unicode/utf8"
)

// byteSet is a set of byte values.
type byteSet [4]uint64

func (s *byteSet) has(b byte) bool { return s[b>>6]>>(b&63)&1 != 0 }

func (s *byteSet) addRange(lo, hi byte) {
	for b := int(lo); b <= int(hi); b++ {
		s[b>>6] |= 1 << (b & 63)
	}
}

func (s *byteSet) union(o *byteSet) {
	for i := range s {
		s[i] |= o[i]
	}
}

// within returns data[from:to], or as much of it as there is.
func within(data []byte, from, to int) []byte {
	to = min(to, len(data))
	return data[min(from, to):to]
}

// asciiOnly reports whether there are only ASCII characters in text.
func asciiOnly(text []byte) bool {
	const high = 0x8080808080808080
	for ; len(text) >= 8; text = text[8:] {
		if binary.LittleEndian.Uint64(text)&high != 0 {
			return false
		}
	}
	for _, b := range text {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// runeSet is a set of runes as the syntax tree has it: pairs of inclusive bounds.
type runeSet []rune

// bytes returns the bytes that an encoding of a member can hold. For members beyond ASCII, and for bytes that are not valid
// UTF-8 (the regexp package reads each as U+FFFD), it is every byte from 0x80: more than needed, never less.
func (s runeSet) bytes() *byteSet {
	set := new(byteSet)
	for i := 0; i < len(s); i += 2 {
		if lo, hi := s[i], min(s[i+1], utf8.RuneSelf-1); lo <= hi {
			set.addRange(byte(lo), byte(hi))
		}
		if s[i+1] >= utf8.RuneSelf {
			set.addRange(utf8.RuneSelf, 0xff)
		}
	}
	return set
}

// width returns the length in bytes of the longest member.
func (s runeSet) width() int {
	widest := 1
	for i := 1; i < len(s); i += 2 {
		for n, last := range [utf8.UTFMax]rune{1<<7 - 1, 1<<11 - 1, 1<<16 - 1, utf8.MaxRune} {
			if s[i] <= last {
				widest = max(widest, n+1)
				break
			}
		}
	}
	return widest
}

// runesOf returns the runes that a node of one character stands for, or nil if it is no such node.
func runesOf(re *syntax.Regexp) runeSet {
	switch re.Op {
	case syntax.OpCharClass:
		return re.Rune
	case syntax.OpAnyChar:
		return runeSet{0, utf8.MaxRune}
	case syntax.OpAnyCharNotNL:
		return runeSet{0, '\n' - 1, '\n' + 1, utf8.MaxRune}
	case syntax.OpLiteral:
		if len(re.Rune) == 1 {
			return foldRune(re.Rune[0], re.Flags&syntax.FoldCase != 0)
		}
	case syntax.OpCapture:
		return runesOf(re.Sub[0])
	}
	return nil
}

// isWord reports whether b is a word character in the sense of \b, which knows ASCII only.
func isWord(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
}

// boundary reports whether \b matches before data[i].
func boundary(data []byte, i int) bool {
	before := i > 0 && isWord(data[i-1])
	after := i < len(data) && isWord(data[i])
	return before != after
}
