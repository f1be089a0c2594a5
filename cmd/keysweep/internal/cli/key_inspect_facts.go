package cli

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"keysweep/keys"
	"keysweep/keys/authorized"
	"keysweep/keys/inventory"
)

// fact is a line of a key's block.
type fact struct{ name, value string }

// facts are what is known of a key, in the order in which people ask.
func (s *sight) facts(env *Env, verbose bool) (facts []fact) {
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, fact{name, value})
		}
	}
	add("where", s.where)
	add("what", s.kind())
	add("passphrase", s.protection())
	if s.public != nil {
		add("md5", strings.TrimPrefix(s.public.MD5(), "MD5:"))
	} else {
		add("fingerprint", "hidden: the file encrypts its public half too, and no .pub lies beside it")
	}
	for _, f := range s.key.Files {
		add(".pub", pubText(f))
		add("access", accessText(f.Access))
		add("place", placeText(f.Place))
	}
	add("options", s.options.String())
	if at, ok := s.options.Expiry(time.Local); ok {
		add("until", expiryText(at, env.Now()))
	}
	add("refused", s.refused)
	add("hosts", s.hostText())
	facts = append(facts, s.certificateFacts(env.Now())...)
	for i, e := range s.key.Evidence {
		if i == 0 || verbose {
			add(map[bool]string{true: "older than", false: ""}[i == 0], fmt.Sprintf("%s (%s)", e.At.UTC().Format(time.DateOnly), e.Source))
		}
	}
	return facts
}

// kind says what the key is and in what form.
func (s *sight) kind() string {
	text := s.what
	switch {
	case s.what == whatCertificate && s.certificate != nil:
		text = s.certificate.Type.String() + " certificate"
	case s.authority:
		text += ", certification authority: what it signs is let in"
	case s.revoked:
		text += ", revoked: never accepted"
	}
	if s.format != "" {
		text += ", " + s.format
	}
	return text
}

// protection says how well a private key is protected.
func (s *sight) protection() string {
	if len(s.key.Files) == 0 {
		return ""
	}
	f := s.key.Files[0]
	if !f.Protected {
		return "none: who reads the file has the key"
	}
	return "yes: " + f.Cipher + ", " + kdfText(f.KDF)
}

func kdfText(k keys.KDF) string {
	text := cmp.Or(k.Name, "unknown KDF")
	switch {
	case k.Name == "scrypt":
		text += fmt.Sprintf(" with N %d", k.Rounds)
	case strings.HasPrefix(k.Name, "PBKDF2"):
		text += fmt.Sprintf(" with %d iterations", k.Rounds)
	case strings.HasPrefix(k.Name, "Argon2"):
		text += fmt.Sprintf(" with %d passes", k.Rounds)
	case k.Rounds > 1:
		text += fmt.Sprintf(" with %d rounds", k.Rounds)
	default:
		text += ", once"
	}
	if k.MemoryKiB > 0 {
		text += fmt.Sprintf(" in %d KiB", k.MemoryKiB)
	}
	return text
}

func pubText(f inventory.File) string {
	switch f.Pub {
	case inventory.PubMatches:
		return "fits"
	case inventory.PubMismatch:
		return "of another key: " + f.PubPath
	case inventory.PubUnproven:
		return "is there; whether it fits shows only with the passphrase"
	case inventory.PubDamaged:
		return "cannot be read: " + f.PubPath
	case inventory.PubMissing:
		return "missing"
	}
	return ""
}

func accessText(a inventory.Access) string {
	if !a.Known {
		return ""
	}
	owner := map[inventory.Owner]string{inventory.OwnerSelf: "yours", inventory.OwnerRoot: "root's", inventory.OwnerOther: "of user id " + strconv.Itoa(a.UID)}[a.Owner]
	return strings.TrimSuffix(fmt.Sprintf("%04o, %s", a.Mode, owner), ", ")
}

// placeText names what there is to say of the directory; "" if there is nothing.
func placeText(p inventory.Place) string {
	var parts []string
	if r := p.Repository; r != nil {
		text := "git repository " + r.Root
		if r.State != inventory.GitUnknown {
			text += " (" + string(r.State) + ")"
		}
		if r.InHistory == inventory.Yes {
			text += ", in its history" + strings.TrimRight(" since "+r.Commit, " ")
		}
		parts = append(parts, text)
	}
	for _, s := range p.Spots {
		parts = append(parts, string(s.Kind)+" directory "+s.Dir)
	}
	return strings.Join(parts, "; ")
}

// expiryText says what a time means now.
func expiryText(at, now time.Time) string {
	text := at.UTC().Format("2006-01-02 15:04 UTC")
	if !now.Before(at) {
		return text + ": over, sshd refuses the key"
	}
	return text
}

func (s *sight) hostText() string {
	switch {
	case s.hashed:
		return "hidden (hashed)"
	case len(s.hosts) > 0:
		names := make([]string, len(s.hosts))
		for i, pattern := range s.hosts {
			host, port := authorized.SplitHostName(pattern)
			if names[i] = host; port != 22 {
				names[i] += " port " + strconv.Itoa(port)
			}
		}
		return strings.Join(names, ", ")
	}
	return ""
}

// certificateFacts are the fields of a certificate, as ssh-keygen -L names them.
func (s *sight) certificateFacts(now time.Time) (facts []fact) {
	c := s.certificate
	if c == nil {
		for _, beside := range s.key.Certificates {
			facts = append(facts, fact{"certificate", fmt.Sprintf("%q in %s", beside.KeyID, beside.Path)})
		}
		return facts
	}
	names := strings.Join(c.Principals, ", ")
	if names == "" {
		names = "none named: OpenSSH takes it for nobody"
		if c.Type == keys.HostCertificate {
			names = "none named: for every host"
		}
	}
	facts = []fact{
		{"key id", c.KeyID}, {"serial", strconv.FormatUint(c.Serial, 10)}, {"principals", names}, {"valid", validText(c, now)},
		{"signed by", fmt.Sprintf("%s %s (%s)", c.Authority.Short(), c.Authority.SHA256(), c.SignatureType)},
		{"signature", signatureText(c)},
	}
	for _, o := range c.CriticalOptions {
		facts = append(facts, fact{"critical", strings.TrimSpace(o.Name + " " + o.Value)})
	}
	if list := optionNames(c.Extensions); list != "" {
		facts = append(facts, fact{"extensions", list})
	}
	return facts
}

func signatureText(c *keys.Certificate) string {
	if err := c.Verify(); err != nil {
		return "WRONG: " + err.Error()
	}
	if c.SelfSigned() {
		return "good, but by the key itself, which proves nothing"
	}
	return "good"
}

func optionNames(options []keys.CertificateOption) string {
	var names []string
	for _, o := range options {
		names = append(names, strings.TrimSpace(o.Name+" "+o.Value))
	}
	return strings.Join(names, ", ")
}

// validText says from when to when a certificate is valid, and what that means now.
func validText(c *keys.Certificate, now time.Time) string {
	stamp := func(t time.Time) string { return t.Format("2006-01-02 15:04 UTC") }
	text := "for ever"
	from, until := c.After(), c.Before()
	switch {
	case !from.IsZero() && !until.IsZero():
		text = stamp(from) + " to " + stamp(until)
	case !from.IsZero():
		text = "from " + stamp(from)
	case !until.IsZero():
		text = "until " + stamp(until)
	}
	switch {
	case c.Expired(now):
		return text + ": expired"
	case c.NotYet(now):
		return text + ": not yet"
	}
	return text
}
