package judge

import "bytes"

// program is one whose options take a password under a name that does not say so.
type program struct {
	name    string
	options []option
}

// option is one of a program.
type option struct {
	name   string
	joined bool // the password follows at once: -psecret
	spaced bool // it is the next word: -p secret
	user   bool // it stands behind the user and a colon: -u user:secret
}

// programs, by what their manuals say.
var programs = [...]program{
	{"sshpass", []option{{name: "-p", joined: true, spaced: true}}},
	{"curl", []option{{name: "-u", joined: true, spaced: true, user: true}, {name: "--user", spaced: true, user: true}, {name: "--proxy-user", spaced: true, user: true}}},
	{"mysql", []option{{name: "-p", joined: true}}},
	{"mariadb", []option{{name: "-p", joined: true}}},
	{"redis-cli", []option{{name: "-a", spaced: true}}},
	{"docker login", []option{{name: "-p", joined: true, spaced: true}}},
	{"ldapsearch", []option{{name: "-w", joined: true, spaced: true}}},
}

// isProgram reports whether one of Words is the name of a program, and no part of a key.
func isProgram(word []byte) bool {
	for i := range programs {
		if len(word) == len(programs[i].name) && hasFold(word, programs[i].name) {
			return true
		}
	}
	return false
}

// program returns which of the programs is called at at, and where its arguments begin; nil if none is. mysqldump and the like go as mysql.
func (f *finder) program(at int) (*program, int) {
	first := f.peek(at) | 0x20
	for i := range programs {
		if first != programs[i].name[0] || !f.has(at, programs[i].name) {
			continue
		}
		end := at + len(programs[i].name)
		for isWord(f.peek(end)) {
			end++
		}
		if isSpace(f.peek(end)) {
			return &programs[i], end
		}
	}
	return nil, 0
}

// command returns the claim, if any, of the first option with a password in a call of a program at at, whose arguments begin at p.
func (f *finder) command(called *program, at, p int) []Claim {
	for q := p; q < f.to && !contains("|;&\n", f.text[q]); q++ {
		if f.text[q] != '-' || !isSpace(f.peek(q-1)) {
			continue
		}
		for i := range called.options {
			if c := f.option(&called.options[i], at, q); c != nil {
				return c
			}
		}
	}
	return nil
}

// option returns the claim of an option that stands at q in a call of a program at at.
func (f *finder) option(o *option, at, q int) []Claim {
	if !bytes.HasPrefix(f.text[q:f.to], []byte(o.name)) { // -P is not -p
		return nil
	}
	p := q + len(o.name)
	switch spaced := isSpace(f.peek(p)) || f.peek(p) == '='; {
	case spaced && !o.spaced, !spaced && !o.joined:
		return nil
	case spaced:
		p = f.spaces(p + 1)
	}
	c := Claim{Lane: Password, Sep: Option}
	if !f.quoted(&c, p) && !f.bare(&c, p) {
		return nil
	}
	if o.user {
		colon := c.Start
		for colon < c.End && f.text[colon] != ':' {
			colon++
		}
		if colon == c.End {
			return nil
		}
		c.User, c.Start = string(f.text[c.Start:colon]), colon+1
	}
	if c.Start == c.End {
		return nil
	}
	c.Key = string(f.text[q : q+len(o.name)])
	f.fill(&c, at)
	return f.keep(nil, &c)
}
