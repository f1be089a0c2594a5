package secretscan

// needed is what stands somewhere in every match of an expression: length bytes of a set in a row. It is for expressions without
// an anchor, such as \b[0-9a-f]{40}\b: where there is no such run, nothing needs to be tried. Length 0: nothing is known.
type needed struct {
	set    byteSet
	length int
}

// needs returns the longest run that a sequence cannot do without.
func (seq sequence) needs() (best needed) {
	for i := range seq {
		var n needed
		switch s := &seq[i]; s.op {
		case stepClass:
			if s.min > 0 {
				n = needed{*s.set, int(s.min)}
			}
		case stepAlt:
			n = needsOfAll(s.alts)
		case stepRepeat:
			if s.min > 0 {
				n = s.alts[0].needs()
			}
		}
		if n.length > best.length {
			best = n
		}
	}
	return best
}

// needsOfAll returns what each of the choices needs: a byte of one of their sets, as often in a row as the most modest of them.
func needsOfAll(alts []sequence) (all needed) {
	for i, alt := range alts {
		n := alt.needs()
		if i == 0 || n.length < all.length {
			all.length = n.length
		}
		all.set.union(&n.set)
	}
	return all
}

// in reports whether there is such a run in data. It looks where a run would have to end, and goes back from there.
func (n *needed) in(data []byte) bool {
	if n.length == 0 {
		return true
	}
	for end := n.length - 1; end < len(data); {
		i := end
		for i > end-n.length && n.set.has(data[i]) {
			i--
		}
		if i == end-n.length {
			return true
		}
		end = i + n.length
	}
	return false
}
