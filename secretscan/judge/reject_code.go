package judge

import "strings"

// keywords are words of programming languages, shells and templates that another word follows: password = await ask(), PASS=x; export PASS.
var keywords = set(`await new not typeof return function func lambda yield async export local declare readonly index include lookup printf default required randalphanum
	var let const static final if unless else then sudo eval exec cast select from where match use using`)

// code reports whether a value without quotes is part of a program: a keyword before another word, a name in a template's brackets, an option of a
// command.
func (c *Claim) code() bool {
	if c.Quote != Bare || c.Lane == URL || c.Lane == Header {
		return false
	}
	switch v := c.Value; {
	case keywords(strings.ToLower(v)) && followed(c.After):
		return true
	case strings.LastIndex(c.Before, "{{") > strings.LastIndex(c.Before, "}}"), strings.LastIndex(c.Before, "{%") > strings.LastIndex(c.Before, "%}"):
		return true
	case strings.HasPrefix(v, "--") && len(v) > 2 && isLetter(v[2]):
		return true
	case len(v) > 2 && v[0] == '\\' && contains("sSdDwWb", v[1]) && contains("*+?{", v[2]):
		return true
	}
	return false
}

// joins reports whether the quote before the value ends a text, and what follows is put behind it: 'password='.encode($x).”.
func (c *Claim) joins() bool {
	mark := ""
	switch c.Quote {
	case Double:
		mark = `"`
	case Single:
		mark = "'"
	default:
		return false
	}
	before := c.Before
	if c.Sep != Equals || c.Start != c.From+len(before)+len(c.Key)+len("='") {
		before = strings.TrimSuffix(before, mark) // the key's own
	}
	return strings.Count(before, mark)%2 == 1 && contains(" .+,)&|?:;", c.Value[0])
}

// followed reports whether another word, or a variable, stands behind a value and a space.
func followed(after string) bool {
	rest := strings.TrimLeft(after, " \t")
	return len(rest) < len(after) && rest != "" && (isWord(rest[0]) || contains("$(.\"'`", rest[0]))
}
