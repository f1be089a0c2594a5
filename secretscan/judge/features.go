package judge

import "strings"

// FeaturesOf returns what holds for a claim in a text of a kind.
func FeaturesOf(c *Claim, kind Kind) *Features {
	var f Features
	f[bias] = true
	f.ofKey(c)
	f.ofForm(c, kind)
	s := shapeOf(c.Value)
	f.ofShape(c, s)
	f.ofAfter(c)
	f.ofContext(c)
	f.ofMeaning(c)
	return &f
}

// one sets one of a run of features that begins with first.
func (f *Features) one(first Feature, n int) { f[int(first)+n] = true }

func (f *Features) ofForm(c *Claim, kind Kind) {
	if c.Lane != URL {
		f.one(sepEquals, int(c.Sep))
	}
	f.one(quoteBare, int(c.Quote))
	if c.Quote == Bare && c.Lane != URL {
		f[bareIn(c, kind)] = true
	}
	switch {
	case c.Call == "":
		f[callNone] = true
	case c.Call == fallback:
		f[callDefault] = true
	case strings.Contains(strings.ToLower(c.Call), "decode") || strings.Contains(strings.ToLower(c.Call), "byte"):
		f[callDecode] = true
	default:
		f[callOther] = true
	}
	switch c.Scheme {
	case "":
	case "basic":
		f[schemeBasic] = true
	case "bearer":
		f[schemeBearer] = true
	default:
		f[schemeOther] = true
	}
}

// bareIn tells where a value without quotes stands. In code it is a name, but for comments and texts, and lists of numbers anywhere.
func bareIn(c *Claim, kind Kind) Feature {
	switch {
	case c.Value[0] < 'A' && strings.Count(c.Value, ",") >= numbersLeast-1 && bytesOf(c.Value) != nil:
		return bytesList
	case kind == Config:
		return bareConfig
	case kind == Prose:
		return bareProse
	case c.inComment():
		return bareComment
	case c.inString():
		return bareString
	case kind == Code:
		return bareCode
	}
	return bareUnknown
}

// comments are how lines begin that are comments.
var comments = [...]string{"//", "#", "*", "/*", "--", "<!--", ";"}

// inComment reports whether the line is a comment.
func (c *Claim) inComment() bool {
	line := strings.TrimLeft(c.Before, " \t")
	for _, mark := range comments {
		if rest, ok := strings.CutPrefix(line, mark); ok {
			pointer := mark == "*" && len(line) > 0 && (rest == "" || isWord(rest[0])) // *password = x
			return !pointer
		}
	}
	return false
}

// inExpression reports whether the line matches something with a regular expression, and the key and its value stand in it.
func (c *Claim) inExpression() bool {
	for _, open := range [...]string{"~r/", "=~ /", "!~ /", "match(/", "RegExp(", "re.compile(", "re.match(", "re.search(", "regexp.MustCompile(", "Regex.new(", "%r{"} {
		if strings.Contains(c.Before, open) {
			return true
		}
	}
	return false
}

// inString reports whether the key stands in a text in quotes.
func (c *Claim) inString() bool {
	for _, quote := range [...]string{"'", "`"} {
		if strings.Count(c.Before, quote)%2 == 1 && strings.Contains(c.After, quote) { // and no apostrophe
			return true
		}
	}
	return strings.Count(c.Before, `"`)%2 == 1
}

// ofAfter sets what holds for what stands behind a value.
func (f *Features) ofAfter(c *Claim) {
	after := strings.TrimLeft(c.After, "\"'`\\")
	if line, ok := strings.CutPrefix(c.After, `\"\n`); ok && c.Quote == Escaped { // the end of a line within a string
		after = strings.TrimLeft(line, "\"'`\\")
	}
	trimmed := strings.TrimLeft(after, " \t")
	switch {
	case strings.TrimRight(trimmed, ";\r ") == "", c.closes(trimmed):
		f[afterEnd] = true
	case trimmed[0] == ',':
		f[afterComma] = true
	case contains(")]}", trimmed[0]):
		f[afterClose] = true
	case trimmed[0] == '+' || strings.HasPrefix(trimmed, "..") || strings.HasPrefix(trimmed, "% "):
		f[afterPlus] = true
	case after[0] == '.' || after[0] == '[' || after[0] == '(':
		f[afterDot] = true
	case (isWord(trimmed[0]) || c.Quote == Bare && startsDash(trimmed)) && !startsSetting(trimmed):
		f[afterWord] = true
	}
	f[bareSentence] = c.Quote == Bare && f[afterWord]
	f[afterWords] = c.Quote == Bare && startsSentence(after)
}

// startsDash reports whether a text goes on behind a dash, as sentences do.
func startsDash(s string) bool {
	return strings.HasPrefix(s, "— ") || strings.HasPrefix(s, "– ")
}

// closes reports whether a text behind a value ends what holds it: an element, a tag, a cell of a table.
func (c *Claim) closes(after string) bool {
	switch c.Sep {
	case Element:
		return strings.HasPrefix(after, "</")
	case Pair:
		return after[0] == '>' || strings.HasPrefix(after, "/>")
	case Space:
		return after[0] == '|' || strings.HasPrefix(after, "is ") && entry(strings.TrimLeft(c.Before, " \t"))
	}
	return false
}

// entry reports whether a line starts as one of .fetchmailrc, in which "is", and who gets the mail, follows a password.
func entry(line string) bool {
	word, _, _ := strings.Cut(line, " ")
	return word == "poll" || word == "skip" || word == "user" || word == "username"
}

// startsSetting reports whether a text begins with a name and =, as the next one of a list of settings or attributes.
func startsSetting(s string) bool {
	rest := strings.TrimLeft(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-")
	return len(rest) > 1 && rest[0] == '=' && rest[1] > ' ' && rest[1] != '='
}

// startsSentence reports whether a text goes on with two words in small letters after spaces.
func startsSentence(s string) bool {
	for range 2 {
		rest := strings.TrimLeft(s, " \t")
		word := strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyzT") // This, That, The
		if rest == s || word == rest {
			return false
		}
		s = strings.TrimLeft(word, ",.")
	}
	return true
}

// ofContext sets what holds for what stands before a key, and for a URL's user and host.
func (f *Features) ofContext(c *Claim) {
	before := strings.ToLower(c.Before)
	line := strings.TrimLeft(before, " \t")
	f[beforeNothing] = strings.Trim(line, "\"'- \t{") == ""
	f[beforeComment] = c.inComment()
	for _, group := range contextWords {
		f[group.feature] = containsAny(before, group.words)
	}
	if c.User != "" {
		user, value := strings.ToLower(c.User), strings.ToLower(c.Value)
		f[userExample] = containsAny(user, []string{"user", "name", "test", "foo", "example"})
		f[userEquals] = user == value
	}
	if c.Lane == URL {
		f.ofURL(c, before)
	}
}

// ofURL sets what holds for the rest of a URL, and for what it is given to. before is what stands before its mark, in lower case.
func (f *Features) ofURL(c *Claim, before string) {
	host := strings.ReplaceAll(strings.ToLower(c.After), "localhost", "")
	f[hostExample] = containsAny(host, []string{"example", "host", "server", "foo", "my", "test", "hst"})
	f[userNone] = c.User == ""
	rest := strings.TrimRight(before, "abcdefghijklmnopqrstuvwxyz0123456789+.-")
	scheme, _, _ := strings.Cut(before[len(rest):], "+")
	f[urlService] = services(scheme)
	name := strings.TrimRight(strings.TrimRight(rest, "\"'` "), ":=(, \"'")
	f[urlSetting] = len(name) < len(strings.TrimRight(rest, "\"'`")) && containsAny(name[max(0, len(name)-7):], []string{"url", "uri", "dsn", "backend", "broker", "queue", "conn"})
}

// services are schemes of databases and queues.
var services = set(`postgres postgresql mysql mariadb mssql sqlserver oracle mongodb mongodb+srv redis rediss amqp amqps nats kafka cassandra clickhouse cockroachdb couchdb db2 elasticsearch
	influxdb memcached neo4j bolt ldap ldaps mqtt mqtts stomp smtp smtps`)

var contextWords = [...]struct {
	feature Feature
	words   []string
}{
	{beforeTest, []string{"assert", "expect", "should", "test", "mock", "same(", "stub"}},
	{beforePrint, []string{"print", "log", "echo", "write"}},
	{beforeError, []string{"throw", "raise", "error", "exception"}},
	{beforePrompt, []string{"getpass", "prompt", "input(", "readline", "ask"}},
	{beforeImport, []string{"import ", "require", "include ", "package "}},
	{beforeFunction, []string{"function", "def ", "func ", "fn ", "sub "}},
	{beforeReturn, []string{"return"}},
	{beforeType, []string{"interface", "class ", "type ", "enum ", "struct "}},
	{beforeLabel, []string{"label", "placeholder", "title", "descr", "hint", "text", "message"}},
	{beforeUser, []string{"user", "login", "account", "email"}},
	{beforeExample, []string{"example", "e.g.", "sample", "such as"}},
	{beforePublic, []string{"public", "pubkey"}},
	{beforeHeader, []string{"header", "authorization", "curl"}},
	{beforeStatement, statementsOfUsers[:]},
}
