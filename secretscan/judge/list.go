package judge

// more returns the claims of the other values of a list that begins with a claim's: "tokens": ["a", "b"].
func (f *finder) more(first *Claim) []Claim {
	if first.Quote == Bare || first.Quote == Escaped || first.Sep == Second {
		return nil
	}
	p := first.Start
	for p > f.from && contains("\"'`bru ", f.text[p-1]) {
		p--
	}
	if !contains("[{(", f.peek(p-1)) {
		return nil
	}
	var out []Claim
	c, key := *first, f.from+len(first.Before)
	for range 32 {
		q := f.spaces(f.behind(&c))
		if f.peek(q) != ',' {
			break
		}
		next := c
		if !f.quoted(&next, f.prefix(f.spaces(q+1))) {
			break
		}
		f.fill(&next, key)
		out, c = f.keep(out, &next), next
	}
	return out
}

// numbersLeast is how many numbers a list of bytes has at least that could be a key: 64 bits.
const numbersLeast = 8

// numbers reads a list of bytes as numbers, with its brackets before p or at p: {0x12, 0x34, ...}, [18, 52, ...].
func (f *finder) numbers(c *Claim, p int) bool {
	if contains("[{(", f.peek(p)) {
		p = f.spaces(p + 1)
	} else if !contains("[{( ", f.peek(p-1)) {
		return false
	}
	if f.countNumbers(p) < numbersLeast {
		return false
	}
	end := p
	for q := p; q < f.to; {
		next := f.numberEnd(q)
		if next == q {
			break
		}
		end = next
		if q = f.spaces(next); f.peek(q) != ',' {
			break
		}
		q = f.spaces(q + 1)
	}
	c.Quote, c.Start, c.End = Bare, p, end
	return true
}

// countNumbers returns how many numbers that fit into a byte stand in a list at p, up to numbersLeast.
func (f *finder) countNumbers(p int) (n int) {
	for n < numbersLeast {
		next := f.numberEnd(p)
		if next == p {
			return n
		}
		n++
		if p = f.spaces(next); f.peek(p) != ',' {
			return n
		}
		p = f.spaces(p + 1)
	}
	return n
}

// numberEnd returns where the number at p ends; p if there is none that fits into a byte.
func (f *finder) numberEnd(p int) int {
	q, most := p, 3
	if f.has(p, "0x") {
		q, most = p+2, 2
	} else if f.peek(p) == '-' {
		q++
	}
	start := q
	for q-start <= most && (isDigit(f.peek(q)) || most == 2 && isHex(f.peek(q))) {
		q++
	}
	if q == start || q-start > most {
		return p
	}
	return q
}

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
