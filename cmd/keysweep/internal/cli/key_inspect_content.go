package cli

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"keysweep/finding"
	"keysweep/keys"
	"keysweep/keys/authorized"
	"keysweep/keys/inventory"
)

// content is what a file, or standard input, holds.
type content struct {
	where    string // as the user would type it
	path     string // absolute; "" for standard input
	data     []byte
	sights   []*sight
	problems []finding.Problem
	notices  []finding.Notice
}

// noKeyError says that a file holds no key.
type noKeyError struct {
	what    string
	hint    string
	damaged bool // it seems to have been one
}

// Error says what it is instead.
func (e *noKeyError) Error() string { return e.what }

// Hint says what to do with it.
func (e *noKeyError) Hint() string { return e.hint }

// single reports whether the content is one key in one file, rather than a list of keys.
func (c *content) single() bool {
	return len(c.sights) == 1 && (c.sights[0].what == whatPrivate || c.sights[0].what == whatPublic || c.sights[0].what == whatCertificate)
}

// understand finds out what the data are.
func (c *content) understand() error {
	private, err := keys.Parse(c.data)
	if err == nil {
		s := privateSight(c.where, private)
		c.sights = []*sight{s}
		if c.path == "" { // of a file the inventory says it
			c.problems = s.problems
		}
		return nil
	}
	public, publicErr := keys.ParsePublicFile(c.data)
	if publicErr == nil {
		what := whatPublic
		if public.Public.IsCertificate() {
			what = whatCertificate
		}
		s := newSight(c.where, what, public.Public, public.Comment)
		s.path, s.format = c.path, string(public.Form)
		c.sights, c.problems = []*sight{s}, s.problems
		return nil
	}
	if c.lines() {
		return nil
	}
	return c.nothing(err, publicErr)
}

// nothing says why data hold no key.
func (c *content) nothing(private, public error) error {
	if stranger, ok := keys.Recognise(c.data); ok {
		return &noKeyError{what: "it is " + stranger.What + ", not an SSH key", hint: strings.ReplaceAll(stranger.Hint, "FILE", shellWord(c.where))}
	}
	if len(c.data) > keys.MaxFile {
		return &noKeyError{what: "it holds no key of a known format"}
	}
	name := filepath.Base(c.path)
	if !errors.Is(private, keys.ErrNoKey) || private.Error() != keys.ErrNoKey.Error() {
		return &noKeyError{what: private.Error(), hint: hintOf(private), damaged: true}
	}
	damaged := bytes.Contains(c.data, []byte("---- BEGIN SSH2 PUBLIC KEY")) || strings.HasSuffix(name, ".pub") && public.Error() != keys.ErrNoPublic.Error()
	if damaged {
		return &noKeyError{what: public.Error(), damaged: true}
	}
	if len(bytes.TrimSpace(c.data)) == 0 {
		return &noKeyError{what: "it is empty"}
	}
	return &noKeyError{what: "it holds no key of a known format"}
}

// lines reads the content as authorized_keys or known_hosts, whichever fits more of its lines. Lists without keys are told by
// their names.
func (c *content) lines() bool {
	if bytes.IndexByte(c.data, 0) >= 0 {
		return false
	}
	users, hosts := authorized.Parse(c.data), authorized.ParseKnownHosts(c.data)
	usable, named := 0, 0
	for i := range users {
		if users[i].Usable() {
			usable++
		}
		if hosts[i].Kind == authorized.Entry {
			named++
		}
	}
	name := filepath.Base(c.path)
	switch {
	case strings.HasPrefix(name, "authorized_keys"), !strings.Contains(name, "known_hosts") && usable > 0 && usable >= named:
		return c.authorized(users, name)
	case strings.Contains(name, "known_hosts"), named > 0:
		return c.knownHosts(hosts, name)
	}
	return false
}

// authorized takes the keys of an authorized_keys file. False says that there is nothing in it that looks like one.
func (c *content) authorized(lines []authorized.Line, name string) bool {
	for _, l := range lines {
		where := fmt.Sprintf("%s:%d", c.where, l.Number)
		switch l.Kind {
		case authorized.Unknown:
			c.unknown(where, l.Err, "sshd")
		case authorized.Entry:
			s := newSight(where, whatAuthorized, l.Public, l.Comment)
			s.before, s.options = l.OptionsText, l.Options
			_, s.authority = l.Options.Get("cert-authority")
			if l.Err != nil {
				s.refused = l.Err.Error()
			}
			s.key.Authorized = []inventory.Line{{Path: c.path, Number: l.Number, Comment: l.Comment, Options: l.OptionsText, CA: s.authority, Refused: l.Err != nil}}
			c.add(s)
		}
	}
	return c.list(name, "authorized_keys")
}

func (c *content) knownHosts(lines []authorized.HostLine, name string) bool {
	for _, l := range lines {
		where := fmt.Sprintf("%s:%d", c.where, l.Number)
		switch l.Kind {
		case authorized.Unknown:
			c.unknown(where, l.Err, "ssh")
		case authorized.Entry:
			s := newSight(where, whatHost, l.Public, l.Comment)
			s.before, s.hosts, s.hashed = strings.Join(l.Patterns, ","), l.Patterns, l.Hashed
			s.authority, s.revoked = l.Marker == authorized.CertAuthority, l.Marker == authorized.Revoked
			s.key.HostKey = true
			c.add(s)
		}
	}
	return c.list(name, "known_hosts")
}

func (c *content) add(s *sight) {
	c.sights = append(c.sights, s)
	c.problems = append(c.problems, s.problems...)
}

// unknown is a line that holds neither a key nor a comment.
func (c *content) unknown(where string, err error, program string) {
	_, text, ok := strings.Cut(err.Error(), ": ")
	if !ok {
		text = err.Error()
	}
	c.problems = append(c.problems, finding.Problem{Where: where, Op: "understand", Err: text,
		Hint: program + " passes over the line: mend it, or put # before it"})
}

// list ends the reading of a list of keys. One without keys counts if its name says what it is and all in it is comments.
func (c *content) list(name, kind string) bool {
	if len(c.sights) > 0 {
		return true
	}
	if !strings.Contains(name, kind) {
		c.problems = nil
		return false
	}
	c.notices = append(c.notices, finding.Notice{Kind: "empty", Where: c.where, Text: "it holds no keys"})
	return true
}
