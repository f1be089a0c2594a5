// Package proven has the rules for secrets that have a checksum or a fixed form and no issuer: keys of wallets and of tools, card
// numbers, seeds of one-time passwords, files with passwords. What an expression alone cannot tell from other text a check decides.
//
// Start at Rules. The package stands apart so that the tables that are generated of all rules can be made of these, too.
package proven

import (
	"slices"
	"strings"

	"keysweep/finding"
	"keysweep/secretscan"
	"keysweep/secretscan/proof"
)

// Rules returns the rules. The list is the caller's.
func Rules() []secretscan.Rule {
	list := append(walletRules(), seedRules()...)
	list = slices.Concat(list, keyRules(), fileRules(), placeRules(), commandRules(), callRules(), formRules(), lineRules())
	for i := range list {
		r := &list[i]
		r.Description = r.Title
		if r.Severity == finding.Info {
			r.Severity = finding.High
		}
		if r.Confidence == finding.LowConfidence {
			r.Confidence = finding.HighConfidence
		}
	}
	return list
}

const (
	base58Class = `[1-9A-HJ-NP-Za-km-z]`
	bech32Class = `[ac-hj-np-z02-9]`
	// between is what stands between a name and its value: a few words, an operator, quotation marks.
	between = `[^\n]{0,40}?`
)

// walletRules find what moves money: keys and recovery phrases of wallets.
func walletRules() []secretscan.Rule {
	const why = "Moves everything in the wallet, and nobody can take that back."
	rule := func(id, title, check, regex string) secretscan.Rule {
		return secretscan.Rule{
			ID: id, Title: title, Description: title, Why: why, Regex: regex, Check: check,
			Severity: finding.Critical, Confidence: finding.HighConfidence, Tags: []string{"wallet"},
		}
	}
	return []secretscan.Rule{
		rule("wallet-recovery-phrase", "Recovery phrase of a wallet (BIP-39 or Electrum)", "phrase",
			// a phrase on one line ends with that: in the next may be the next one
			`(?i)(?:mnemonic|seed|recovery|phrase|wallet)[^\n]{0,60}?\s{0,8}\b(?:([a-z]{3,8}(?:[ \t,"'0-9.):|-]{1,8}[a-z]{3,8}){11,25})|([a-z]{3,8}(?:[\s,"'0-9.):|-]{1,8}[a-z]{3,8}){11,25}))\b`),
		rule("wallet-import-format-key", "Private key of a wallet (WIF)", "base58",
			`(?i:\bwif|priv_?key|private|bitcoin|wallet)`+between+`\b([5KL9cTQ67X]`+base58Class+`{50,51}|6P`+base58Class+`{56})\b`),
		rule("wallet-extended-private-key", "Extended private key of a wallet (BIP-32)", "base58", `\b([xyztuvYZUV]prv`+base58Class+`{107})\b`),
		rule("stellar-secret-seed", "Secret seed of a Stellar account", "base32", `(?i:stellar|seed|secret|\bxlm)`+between+`\b(S[A-Z2-7]{55})\b`),
		rule("xrp-account-seed", "Seed of an XRP account", "base58", `(?i:ripple|\bxrp|seed|secret)`+between+`\b(s[1-9A-HJ-NP-Za-km-z]{28,30})\b`),
		rule("solana-key-pair", "Key pair of a Solana account", "base58", `(?i:solana|phantom|keypair|private.?key|secret.?key)`+between+`\b(`+base58Class+`{86,88})\b`),
		rule("solana-key-bytes", "Key pair of a Solana account, as a list of bytes", "key-pair-bytes",
			`(?i:secret_?key|key_?pair|private_?key)[^\n\[]{0,40}\[\s{0,4}((?:\d{1,3}\s{0,3},\s{0,6}){63}\d{1,3})\s{0,4}\]`),
		rule("sui-private-key", "Private key of a Sui account", "bech32", `\bsuiprivkey1`+bech32Class+`{59}\b`),
		rule("cardano-signing-key", "Signing key of a Cardano wallet", "bech32", `\b(?:addr|stake|acct|root|pool|ed25519|ed25519e)_x?sk1`+bech32Class+`{58,250}\b`),
		rule("ethereum-private-key", "Private key of an Ethereum account", "",
			`(?i:priv(?:ate)?[_-]?key)["']?\s{0,3}(?:[:=,(]|=>)\s{0,3}["']?(0x[0-9a-fA-F]{64})\b`),
	}
}

// seedRules find what other secrets are made of.
func seedRules() []secretscan.Rule {
	return []secretscan.Rule{
		{
			ID: "otpauth-url", Title: "Seed of one-time passwords in an otpauth URL", Check: "otp-seed",
			Regex: `(?i)otpauth://[ht]otp/[^\s"'<>]{0,300}?[?&]secret=([a-z2-7]{16,128})`,
			Why:   "Makes the same one-time passwords as the owner's phone: the second factor is none any more.",
		},
		{
			ID: "otpauth-migration-url", Title: "Seeds of one-time passwords, exported from an authenticator",
			Regex: `otpauth-migration://offline\?data=([A-Za-z0-9%+/=_-]{40,1000})`,
			Why:   "Holds the second factors of all accounts that were exported.",
		},
		{
			ID: "one-time-password-seed", Title: "Seed of one-time passwords", Check: "otp-seed",
			Regex: `(?i:otp|2fa|mfa|two_factor|two-factor|twofactor|authenticator)[A-Za-z0-9_ .-]{0,20}?(?i:secret|seed|key)["']?\s{0,3}(?:[:=]|=>)\s{0,3}["']?([A-Z2-7]{16,64}|[a-z2-7]{4}(?: [a-z2-7]{4}){3,15})\b`,
			Why:   "Makes the same one-time passwords as the owner's phone: the second factor is none any more.",
		},
		{
			ID: "nats-nkey-seed", Title: "Seed of a NATS key", Severity: finding.Critical,
			Regex: `(?i:nkey|nats|seed)[^\n]{0,40}?\s{0,4}\b(S[UAONCX][A-Z2-7]{56})\b`,
			Why:   "Signs as the user, account or operator of the messaging system that it belongs to.",
		},
		{
			ID: "nostr-private-key", Title: "Nostr private key", Check: "bech32", Regex: `\bnsec1` + bech32Class + `{58}\b`,
			Why: "Writes and signs as its owner for ever: a Nostr key cannot be replaced.",
		},
		{
			ID: "payment-card-number", Title: "Payment card number", Check: "payment-card",
			Regex: `(?i:card|credit|debit|visa|amex)[^\n]{0,30}?\b(\d{4}[ -]?\d{4,6}[ -]?\d{4,5}(?:[ -]?\d{1,4}){0,2})\b`,
			Why:   "Pays with somebody else's money; the rules of the card networks forbid to keep it in the clear.",
		},
	}
}

// keyRules find private keys in forms that have no PEM label.
func keyRules() []secretscan.Rule {
	return []secretscan.Rule{
		{
			ID: "putty-private-key", Title: "Private key in PuTTY's format", Severity: finding.Critical,
			Regex: `PuTTY-User-Key-File-[23]: [\s\S]{100,}?Private-MAC: [0-9a-f]{40,64}`,
			Why:   "Logs in wherever the public half is accepted.",
		},
		{
			ID: "private-key-der", Title: "Private key in base64, without PEM's first and last line", Severity: finding.Critical,
			Regex: `[=:>"'\x60(, \t](M[A-Za-z0-9+/]{0,7}(?:` + derBase64 + `)[A-Za-z0-9+/]{40,1000}` + strings.Repeat(`[A-Za-z0-9+/]{0,1000}`, 3) + `={0,2})`,
			Why:   "Logs in, signs or decrypts wherever the public half is accepted.",
		},
		{
			ID: "private-key-hex", Title: "Private key (PKCS #8) in hexadecimal digits", Severity: finding.Critical,
			Regex: `[=:>"'\x60(, \t]((?i:30[0-9a-f]{2,8}020100[0-9a-f]{4}(?:` + derDigits + `)[0-9a-f]{60,1000}` + strings.Repeat(`[0-9a-f]{0,1000}`, 4) + `))`,
			Why:   "Logs in, signs or decrypts wherever the public half is accepted.",
		},
		{
			ID: "jwk-private-key", Title: "Private key as a JSON Web Key", Severity: finding.Critical, Keywords: []string{`"kty"`},
			Regex: `"d"\s{0,5}:\s{0,5}"([A-Za-z0-9_-]{42,1000})"`,
			Why:   "Signs tokens as their issuer, or decrypts what was meant for the owner alone.",
		},
		{
			ID: "jwk-symmetric-key", Title: "Symmetric key as a JSON Web Key", Severity: finding.Critical, Keywords: []string{`"oct"`},
			Regex: `"k"\s{0,5}:\s{0,5}"([A-Za-z0-9_-]{22,1000})"`,
			Why:   "Signs and decrypts whatever the key is used for.",
		},
		{
			ID: "age-post-quantum-secret-key", Title: "age identity, post-quantum", Check: "bech32", Severity: finding.Critical,
			Regex: `AGE-SECRET-KEY-PQ-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}`,
			Why:   "Decrypts every file that was encrypted to its recipient.",
		},
	}
}

// What private keys have in DER before their numbers tells what kind of key follows (RFC 5208, RFC 8017, RFC 5915, RFC 8410).
const (
	derBase64 = `IBADANBgkqhkiG9w0BAQEFAASC|AgEAMBMGByqGSM49AgEGCCqGSM49AwEHB|AgEAMBAGByqGSM49AgEGBSuBBAA|C4CAQAwBQYDK2VwBCIEI|C4CAQAwBQYDK2VuBCIEI|` + // PKCS #8
		`IBAAKCAQEA|IBAAKBgQ|IBAAKCAgEA|HcCAQEEI|AgEBBDA|AgEBBDB|AgEBBDC|AgEBBDD|AgEBBEI` // PKCS #1, SEC 1
	derDigits = `06092a864886f70d010101|06072a8648ce3d0201|06032b656e|06032b6570`
)

// fileRules find secrets in the files of well-known programs.
func fileRules() []secretscan.Rule {
	placeholder := []secretscan.Allowlist{{Regexes: []string{`^[<$%{*(\[]`, `(?i)^(?:x{3,}|string|str|text|char\S*|varchar\S*|pass|passwd|password|secret|token|your\S*|my\S*|example\S*|\S*password>?)$`}}}
	return []secretscan.Rule{
		{
			ID: "netrc-password", Title: "Password in .netrc form", Allowlists: placeholder, Confidence: finding.MediumConfidence,
			Regex: `(?i)\bmachine\s{1,5}\S{1,200}\s{1,10}login\s{1,5}\S{1,200}\s{1,10}password\s{1,5}(\S{1,200})`,
			Why:   "Logs in to the host that stands before it.",
		},
		{
			ID: "pgpass-password", Title: "Password in .pgpass form", Allowlists: placeholder, Confidence: finding.MediumConfidence,
			Regex: `(?m)^[A-Za-z0-9.*_-]{1,200}:(?:5432|6432):[^:\s]{1,100}:[^:\s]{1,100}:([^\s:]{4,200})$`,
			Why:   "Logs in to the database that stands before it.",
		},
		{
			ID: "ntlm-hash", Title: "NTLM hash of a Windows account", // behind the LM hash of no password, as dumps have it
			Regex:      either(`(?i::aad3b435b51404eeaad3b435b51404ee):((?i:[0-9a-f]{32}))\b`, `:([0-9A-F]{32}):\[[A-Z ]{11}\]:LCT-[0-9A-F]{8}:`), // and in smbpasswd
			Allowlists: []secretscan.Allowlist{{Regexes: []string{`(?i)^31d6cfe0d16ae931b73c59d7e0c089c0$`}, Description: "the hash of the empty password"}},
			Why:        "Logs in without the password: Windows takes the hash itself.",
		},
		{
			ID: "password-hash-line", Title: "Password hash in a line of shadow or .htpasswd", Severity: finding.Low, // or of a router by Cisco
			Regex: either(`(?m:^)[A-Za-z_][A-Za-z0-9_.@-]{0,63}:(?:\{[A-Z0-9.-]{3,16}\})?(\$(?:apr1|2[aby]|1|5|6|y)\$[./0-9A-Za-z$=]{22,140})(?:[:\s]|(?m:$))`,
				`\b(?:enable|username \S{1,64}(?: privilege \d{1,2})?) (?:secret|password) [589] (\$[189]\$[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{22,64})`),
			Why: "Lets whoever has it guess the password as fast as their machines can.",
		},
		{
			ID: "htpasswd-sha1-line", Title: "Password hash without salt in a line of .htpasswd", Severity: finding.Low,
			Regex: `(?m)^[A-Za-z_][A-Za-z0-9_.@-]{0,63}:(\{SHA\}[A-Za-z0-9+/]{27}=)`,
			Why:   "Common passwords are found in a table at once, others by guessing very fast.",
		},
		{
			ID: "ethereum-keystore", Title: "Encrypted Ethereum wallet (keystore)", Severity: finding.Medium, Keywords: []string{"kdfparams"},
			Regex: `"ciphertext"\s{0,5}:\s{0,5}"([0-9a-f]{64})"`, Tags: []string{"wallet"},
			Why: "Lets whoever has it guess the passphrase of the wallet without anybody noticing.",
		},
		{
			ID: "wallet-file", Title: "File of a wallet, a node or a password manager", Severity: finding.High, Tags: []string{"wallet"},
			Path: `(?:(?:^|/)(?:wallet\.dat|default_wallet|geth/nodekey)|\.kdbx?)$`,
			Why:  "Holds keys or passwords. Where a passphrase protects them, whoever has the file guesses that without anybody noticing.",
		},
	}
}

// CheckNamed returns the check that a rule names, or nil.
func CheckNamed(name string) secretscan.Check {
	if check := proof.CheckNamed(name); check != nil {
		return secretscan.Check(check)
	}
	return nil
}
