package judge

import "strings"

// keywords are words of programming languages, shells and templates that another word follows: password = await ask(), PASS=x; export PASS.
var keywords = set(`await new not typeof return function func lambda yield async export local declare readonly index include lookup printf default required randalphanum
	var let const static final if unless else then sudo eval exec cast select from where`)

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
	}
	return false
}

// followed reports whether another word, or a variable, stands behind a value and a space.
func followed(after string) bool {
	rest := strings.TrimLeft(after, " \t")
	return len(rest) < len(after) && rest != "" && (isWord(rest[0]) || contains("$(.\"'", rest[0]))
}
