package secretscan

// reach returns a position that no match of seq starting at data[at] or before can end after. A run of bytes of a class is
// followed as far as it goes, so the answer is finite for expressions without a bound, too: at most len(data).
//
// It holds for starts before at as well because each step answers for all of them: a run that began earlier either ended
// before at, or crosses it and is the run that is followed here.
func (seq sequence) reach(data []byte, at int) int {
	for i := range seq {
		switch s := &seq[i]; s.op {
		case stepClass:
			at = s.runRight(data, at)
		case stepAlt:
			far := at
			for _, alt := range s.alts {
				far = max(far, alt.reach(data, at))
			}
			at = far
		case stepRepeat:
			for n := int32(0); n != s.max; n++ {
				next := s.alts[0].reach(data, at)
				if next == at {
					break
				}
				at = next
			}
		}
	}
	return at
}

func (s *step) runRight(data []byte, at int) int {
	end := len(data)
	if most := int(s.mostIn(within(data, at, at+int(s.chars)))); most >= 0 && most < end-at {
		end = at + most
	}
	for at < end && s.set.has(data[at]) {
		at++
	}
	return at
}

// lead returns a position before which no match can start that has seq matched right before data[at].
func (seq sequence) lead(data []byte, at int) int {
	for i := len(seq) - 1; i >= 0; i-- {
		switch s := &seq[i]; s.op {
		case stepClass:
			at = s.runLeft(data, at)
		case stepAlt:
			far := at
			for _, alt := range s.alts {
				far = min(far, alt.lead(data, at))
			}
			at = far
		case stepRepeat:
			for n := int32(0); n != s.max; n++ {
				next := s.alts[0].lead(data, at)
				if next == at {
					break
				}
				at = next
			}
		}
	}
	return at
}

func (s *step) runLeft(data []byte, at int) int {
	start := 0
	if s.max >= 0 && int(s.max) < at {
		start = at - int(s.max)
	}
	for at > start && s.set.has(data[at-1]) {
		at--
	}
	return at
}
