package cli

import (
	"cmp"
	"fmt"

	"keysweep/finding"
	"keysweep/keys"
	"keysweep/keys/authorized"
	"keysweep/keys/inventory"
	"keysweep/policy"
)

// What a sight is, in words.
const (
	whatPrivate     = "private key"
	whatPublic      = "public key"
	whatCertificate = "certificate"
	whatAuthorized  = "line of authorized_keys"
	whatHost        = "line of known_hosts"
	whatAgent       = "key in ssh-agent"
)

// sight is a key at a place where it was seen.
type sight struct {
	where   string // as the user would type it; with the line's number for a list of keys
	path    string // absolute; "" if it is no file's only key
	what    string
	format  string       // of the file; "" in lists and the agent
	public  *keys.Public // nil if the file hides it
	comment string
	before  string // what stands before the key in a list: ssh-keygen shows it where there is no comment
	key     inventory.Key

	certificate *keys.Certificate // what it says, if it is one
	options     authorized.Options
	refused     string // why sshd refuses the line; "" if it does not
	hosts       []string
	hashed      bool
	authority   bool
	revoked     bool

	problems []finding.Problem
	verdicts []policy.Verdict
}

// newSight describes a public key or a certificate.
func newSight(where, what string, public keys.Public, comment string) *sight {
	s := &sight{where: where, what: what, public: &public, comment: comment}
	key := public.Key()
	s.key = inventory.Key{Public: &key, Type: key.Type, Bits: public.Bits, Comment: comment}
	if !public.IsCertificate() {
		return s
	}
	c, err := public.Certificate()
	if err == nil {
		s.certificate = c
		s.key.Certificates = []inventory.Certificate{{Serial: c.Serial, KeyID: c.KeyID, Host: c.Type == keys.HostCertificate,
			Principals: c.Principals, From: c.After(), Until: c.Before()}}
		err = c.Verify()
	}
	if err != nil {
		s.problems = append(s.problems, finding.Problem{Where: where, Op: "check the certificate", Err: err.Error(), Hint: "have it signed again: ssh-keygen -s CA -I ID -n NAMES KEY.pub"})
	}
	return s
}

// privateSight describes a private key by its file's content alone. FILE stands for it in commands.
func privateSight(where string, f *keys.File) *sight {
	s := &sight{where: where, what: whatPrivate, format: string(f.Format), public: f.Public, comment: f.Comment}
	s.key = inventory.Key{Public: f.Public, Type: f.Type, Comment: f.Comment, Files: []inventory.File{{
		Path: "FILE", Format: f.Format, Protected: f.Protected(), Cipher: f.Cipher, KDF: f.KDF, Quirk: f.Quirk}}}
	if f.Damage != nil {
		s.problems = append(s.problems, finding.Problem{Where: where, Op: "understand", Err: f.Damage.Error(), Hint: damageHint})
	}
	if f.Public != nil {
		s.key.Type, s.key.Bits = f.Public.Key().Type, f.Public.Bits
	}
	return s
}

// look adds what is known of the file itself. Where the .pub has a comment ssh-keygen shows that one.
func (s *sight) look(key *inventory.Key) {
	s.key = *key
	if s.what != whatPrivate {
		return
	}
	s.path = key.Path()
	s.public = key.Public
	s.comment = cmp.Or(s.comment, key.Comment)
	for _, p := range key.PublicFiles {
		if p.Path == key.Files[0].PubPath && p.Comment != "" {
			s.comment = p.Comment
		}
	}
}

// line is the line that ssh-keygen -l prints of the key.
func (s *sight) line() string {
	comment := cmp.Or(s.comment, s.before, "no comment")
	if s.public == nil {
		return fmt.Sprintf("? ? %s (%s)", comment, cmp.Or(keys.Public{Type: s.key.Type}.Short(), "unknown kind"))
	}
	return fmt.Sprintf("%d %s %s (%s)", s.public.Bits, s.public.SHA256(), comment, s.public.Short())
}
