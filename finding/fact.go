package finding

// Fact is something that is certain about a secret and that nobody had to be asked for: it is calculated from the secret itself, or
// known on this machine. It holds no part of the secret that would help somebody to use it.
type Fact struct {
	Name  string // what it is about: one of the names below; names may be added
	Value string // in a few words; behind the name it reads as a sentence: "checksum fits"
}

// The names of facts.
const (
	FactChecksum    = "checksum"    // "fits" or "does not fit": whether the secret is one that its provider can have issued
	FactKind        = "kind"        // what kind of secret it is, more closely: "temporary access key"
	FactAccount     = "account"     // the account that it belongs to, as the provider counts them
	FactAlgorithm   = "algorithm"   // what signs it: "RS256", "none"
	FactIssuer      = "issuer"      // who issued it, in its own words
	FactSubject     = "subject"     // what sort of name it is issued for: "an e-mail address", "a UUID"
	FactRole        = "role"        // what it may do, in its own words
	FactIssued      = "issued"      // "on 2026-01-02"
	FactStarts      = "starts"      // "on 2026-01-02": it is not valid before
	FactExpires     = "expires"     // "on 2026-01-02"
	FactExpired     = "expired"     // "on 2026-01-02"
	FactKey         = "key"         // kind, size and format: "RSA, 2048 bits, PKCS#8"
	FactPassphrase  = "passphrase"  // "none", or "protects it" and how
	FactFingerprint = "fingerprint" // of the public half: "SHA256:..."
	FactKnown       = "known"       // where else on this machine the same key is: "as ~/.ssh/id_ed25519, loaded in the agent"
	FactDamage      = "damage"      // what is wrong with it: "cut off"
	FactStrength    = "strength"    // how long somebody who guesses needs: "12 words"
)

// String returns the fact as words.
func (f Fact) String() string { return f.Name + " " + f.Value }
