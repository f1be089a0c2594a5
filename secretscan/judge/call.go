package judge

// fallback is the Call of a value that is the default of a setting: what is taken if the environment does not say otherwise.
const fallback = "default"

// calls skips functions and types that the value is handed to right where it stands, if a value in quotes or a list of numbers
// follows: String("x"), []string{"x"}, and the default of what is asked of the environment: os.getenv("NAME", "x"). It returns
// where the value begins and what it is handed to.
func (f *finder) calls(p int) (int, []byte) {
	q := p
	for range 3 {
		start := q
		for q-start < 60 && (isWord(f.peek(q)) || contains(".:<>[]&*", f.peek(q))) {
			q++
		}
		end := q
		switch q = f.spaces(q); {
		case contains("({", f.peek(q)):
			q = f.spaces(q + 1)
		case end == start || f.text[end-1] != '[':
			return p, nil
		}
		if f.opens(f.prefix(q)) {
			if next, ok := f.otherwise(q, f.text[p:end]); ok {
				return next, []byte(fallback)
			}
			return q, f.text[p:end]
		}
		if f.countNumbers(q) >= numbersLeast {
			return q, f.text[p:end]
		}
	}
	return p, nil
}

// alternatives come between the name of a variable and the value that it has if it is not set.
var alternatives = [...]string{",", "||", "??", "?:", "or ", ".or_else(", ".unwrap_or("}

// otherwise finds the second text where the first is the name of a variable: getenv("NAME", "x"), ENV["NAME"] || "x".
func (f *finder) otherwise(p int, call []byte) (int, bool) {
	if !holdsFold(call, "env") && !endsFold(call, ".get") && !endsFold(call, ".fetch") {
		return 0, false
	}
	var first Claim
	if !f.quoted(&first, f.prefix(p)) {
		return 0, false
	}
	q := f.spaces(f.behind(&first))
	for contains(")]", f.peek(q)) {
		q = f.spaces(q + 1)
	}
	for _, sign := range alternatives {
		if !f.has(q, sign) {
			continue
		}
		if q = f.prefix(f.spaces(q + len(sign))); f.opens(q) {
			return q, true
		}
	}
	return 0, false
}

func endsFold(text []byte, lower string) bool {
	return len(text) >= len(lower) && hasFold(text[len(text)-len(lower):], lower)
}

// pairCalls are words in the names of functions and settings that take a user and a password, in this order, and how many
// arguments come before the password.
var pairCalls = [...]struct {
	word   string
	before int
}{
	{"auth", 1}, {"cred", 1}, {"login", 1}, {"userpass", 1}, {"connect", 2}, {"mysqli", 2}, {"pdo", 2},
}

// second reads the argument behind the user's, if the key takes a user and a password: SetBasicAuth("u", "p"), auth=("u", "p").
func (f *finder) second(c *Claim, key []byte, p int) bool {
	listed := false
	if c.Sep != Paren {
		p = f.spaces(p)
		if listed = f.peek(p) == '['; !listed && f.peek(p) != '(' {
			return false
		}
		p++
	}
	for i := range pairCalls {
		if holdsFold(key, pairCalls[i].word) {
			return f.argument(c, p, pairCalls[i].before) && !(listed && f.peek(f.spaces(f.behind(c))) == ',')
		}
	}
	return false
}

// opened returns by how many square brackets more are open behind a byte.
func opened(c byte) int {
	switch c {
	case '[':
		return 1
	case ']':
		return -1
	}
	return 0
}

// argument reads a text in quotes that stands behind so many arguments. The one before it is the user.
func (f *finder) argument(c *Claim, p, before int) bool {
	var user Claim
	for range before {
		user = Claim{}
		if p = f.prefix(f.spaces(p)); f.quoted(&user, p) {
			p = f.behind(&user)
		} else {
			open := 0
			for p < f.to && f.text[p] > ' ' && !contains(",()\"'`", f.text[p]) && open >= 0 {
				if open += opened(f.text[p]); open >= 0 {
					p++
				}
			}
		}
		if p = f.spaces(p); f.peek(p) != ',' {
			return false
		}
		p++
	}
	if !f.quoted(c, f.prefix(f.spaces(p))) {
		return false
	}
	c.User, c.Sep = string(f.text[user.Start:user.End]), Second
	return true
}
