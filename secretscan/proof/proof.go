package proof

import (
	"time"

	"keysweep/finding"
	"keysweep/keys"
)

// Known tells which keys are known. It is asked from one goroutine at a time.
type Known interface {
	// Key says where else a key is and what it opens, a few words each: "as ~/.ssh/id_ed25519", "loaded in the agent"; nil: it is
	// not known.
	Key(public keys.Public) []string
}

// Subject is a secret to say something about.
type Subject struct {
	Rules []string  // ids of the rules that claim it
	Text  string    // the secret, all of it
	Now   time.Time // what expiry is measured by; zero: nothing counts as expired
	Known Known     // nil: no keys are known
}

// Proof is what is certain about a secret.
type Proof struct {
	Facts   []finding.Fact
	Proven  bool             // it is what it looks like: a checksum fits, or a key was read
	Refuted bool             // it is not: it is a key of which a part is missing, or made for show
	Altered bool             // its checksum does not fit: it was never issued, or a part of it was changed
	Most    finding.Severity // it is at most as bad as this; Critical where nothing makes it milder
}

// textMost is how long a secret may be to be looked at, in bytes: an armoured OpenPGP key with all its signatures is shorter.
const textMost = 256 << 10

// prover knows one sort of secret. It reports whether the subject is of that sort; if it is, it has said all there is to say.
type prover func(*Subject, *Proof) bool

// Of says what is certain about a secret. It knows it by its form, and by the rules that claim it where the form does not tell.
func Of(s Subject) Proof {
	p := Proof{Most: finding.Critical}
	if len(s.Text) > textMost {
		return p
	}
	for _, prove := range [...]prover{proveBlock, proveJWK, proveJWT, provePASETO, proveToken, proveRoutable, proveAWS, proveBech32, proveBase58, proveBase32, provePhrase, proveCard} {
		if prove(&s, &p) {
			break
		}
	}
	return p
}

// Apply puts a proof into a finding: its facts, and what follows from them for confidence and severity.
func (p *Proof) Apply(f *finding.Finding) {
	f.Proof = p.Facts
	switch {
	case p.Refuted:
		f.Confidence = finding.LowConfidence
	case p.Altered: // what is left of it, and where, only a person can tell
		f.Confidence = min(f.Confidence, finding.MediumConfidence)
	case p.Proven:
		f.Confidence = finding.HighConfidence
	}
	f.Severity = min(f.Severity, p.Most)
}

func (p *Proof) say(name, value string) {
	if value != "" {
		p.Facts = append(p.Facts, finding.Fact{Name: name, Value: value})
	}
}

// checksum says whether a checksum fits, and what follows.
func (p *Proof) checksum(fits bool) {
	if p.Proven, p.Altered = fits, !fits; fits {
		p.say(finding.FactChecksum, "fits")
		return
	}
	p.say(finding.FactChecksum, "does not fit: it was never issued, or a part of it was changed")
}

// milder says that the finding is no worse than a severity.
func (p *Proof) milder(most finding.Severity) { p.Most = min(p.Most, most) }

// plain returns a text that somebody else wrote, for a fact: what is printable ASCII, and not too much of it.
func plain(text string) string {
	const most = 120
	out := make([]byte, 0, min(len(text), most+3))
	for i := 0; i < len(text); i++ {
		if len(out) == most {
			return string(append(out, "..."...))
		}
		if c := text[i]; c < ' ' || c > '~' {
			out = append(out, '?')
		} else {
			out = append(out, c)
		}
	}
	return string(out)
}
