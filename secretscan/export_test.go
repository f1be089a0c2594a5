package secretscan

// Scan returns the candidates of a content as Run would find them.
func (e *Engine) Scan(data []byte) []Candidate { return newReader(e).bytes(data, "", true) }

// ScanInBlocks is Scan with blocks of a given shape.
func (e *Engine) ScanInBlocks(data []byte, size, ahead, behind int) []Candidate {
	r := newReader(e)
	r.blocks = blocks{size, ahead, behind}
	return r.bytes(data, "", true)
}

// Reference is Scan with every fast path off: each rule whose keyword is in the content is run over all of it.
func (e *Engine) Reference(data []byte) []Candidate {
	r := newReader(e)
	s := r.scan
	s.reset("", true)
	s.data, s.to = data, len(data)
	for i := range e.rules {
		if r := &e.rules[i]; r.content != nil && (len(r.Keywords) == 0 || hasKeyword(data, r.Keywords)) && s.ruleApplies(int32(i)) {
			s.runWhole(int32(i), 0)
		}
	}
	s.sort()
	m := &maker{engine: e, data: data, allows: newAllowIndex(data, lineCounter{}, nil)}
	return m.make(s.raw, 0)
}

// Unanchored returns the ids of the rules that are run over everything because no literal stands in all their matches.
func (e *Engine) Unanchored() (ids []string) {
	for i := range e.rules {
		if e.rules[i].content != nil && e.rules[i].anchors == nil {
			ids = append(ids, e.rules[i].ID)
		}
	}
	return ids
}

// Anchors returns the literals of a rule's anchors.
func (e *Engine) Anchors(id string) (all []string) {
	for _, a := range e.rules[e.byID[id]].anchors {
		for _, l := range a.literals {
			all = append(all, l.text)
		}
	}
	return all
}
