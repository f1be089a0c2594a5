package judge

// declareMost is how long what stands between a name and its sign of equality is at most, in bytes: the size of an array, accessors.
const declareMost = 40

// declared reads what may stand between a name and its value in declarations, and the value's brackets: char key[32] = "x", $config{key} = "x",
// string Key { get; set; } = "x", std::string key{"x"}. Only a text in quotes, or a list, is surely the value there. p: behind the name, and end
// is where that ends.
func (f *finder) declared(c *Claim, p, end int) (int, bool) {
	if f.peek(p) == '{' && p == end && f.opens(f.prefix(p+1)) {
		c.Sep = Paren
		return p + 1, true
	}
	next := declaration(f.peek, p)
	if next == 0 {
		return 0, false
	}
	next = f.spaces(next)
	if called, _ := f.calls(next); called == next && f.peek(next) != '{' && !f.opens(f.prefix(next)) {
		return 0, false
	}
	c.Sep = Equals
	return next, true
}

// declaration returns where the sign of equality ends that follows at p behind brackets; 0 if none does.
func declaration(at func(int) byte, p int) int {
	first, from := at(p), p
	switch p++; first {
	case '[':
		for p-from < declareMost && isWord(at(p)) {
			p++
		}
		if at(p) != ']' {
			return 0
		}
		p++
	case '{':
		for p-from < declareMost && (isLetter(at(p)) || at(p) == ';' || isSpace(at(p))) {
			p++
		}
		if at(p) != '}' {
			return 0
		}
		p++
	case '}':
	default:
		return 0
	}
	for isSpace(at(p)) {
		p++
	}
	if at(p) != '=' || at(p+1) == '=' || at(p+1) == '>' {
		return 0
	}
	return p + 1
}

// mayDeclare reports whether declared may find a sign at p.
func (d *dismisser) mayDeclare(p int) bool {
	if d.at(p) == '{' {
		if c := d.at(p + 1); !isSpace(c) && !isLower(c) || c == 'b' || c == 'u' || c == 'r' || c == 'f' {
			return true // quotes, and letters before one
		}
	}
	return declaration(d.at, p) > 0
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
