package secretscan

// searches remembers what expressions found in windows, for one goroutine: the same line comes again and again in the versions of a
// file, and most hits that are worth a window belong to few rules.
type searches struct{ known map[searchKey]match }

type searchKey struct {
	rule int32
	tail bool // the rule's tail was tried, not its whole expression
	text string
}

// match is where in a text an expression matches. The zero value is none: a tail's match is as long as a literal, and others start
// behind the text's first character.
type match struct{ start, end int32 }

// of returns what find finds in a text, which for a rule and one of its two ways always is the same.
func (s *searches) of(rule int32, tail bool, text []byte, find func([]byte) (start, end int, ok bool)) (start, end int, ok bool) {
	if len(text) > opinionText {
		return find(text)
	}
	known, ok := s.known[searchKey{rule, tail, string(text)}]
	if !ok {
		start, end, _ = find(text)
		if s.known == nil || len(s.known) >= opinionsMost {
			s.known = make(map[searchKey]match)
		}
		known = match{int32(start), int32(end)}
		s.known[searchKey{rule, tail, string(text)}] = known
	}
	return int(known.start), int(known.end), known != match{}
}
