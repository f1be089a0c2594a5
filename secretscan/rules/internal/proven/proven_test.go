package proven

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"filippo.io/age"

	"keysweep/finding"
	"keysweep/keys/words"
	"keysweep/secretscan"
)

// oneText is a source of one content.
type oneText struct{ path, text string }

func (o oneText) Walk(_ context.Context, sink secretscan.Sink) error {
	return sink.Blob(secretscan.Blob{Kind: finding.KindFile, Path: o.path, Data: []byte(o.text)})
}

// foundIn returns what rules find in a text: secrets by rule.
func foundIn(t *testing.T, e *secretscan.Engine, path, text string) map[string]string {
	t.Helper()
	res, err := secretscan.Run(context.Background(), e, oneText{path, text}, secretscan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, f := range res.Findings {
		for _, rule := range f.Rules {
			found[rule] += f.Secret.Reveal()
		}
	}
	return found
}

func provenEngine(t *testing.T) *secretscan.Engine {
	t.Helper()
	e, err := secretscan.Compile(secretscan.Ruleset{Rules: Rules(), Checks: CheckNamed})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

func in58(raw []byte, alphabet string) (out string) {
	for n, base, digit := new(big.Int).SetBytes(raw), big.NewInt(58), new(big.Int); n.Sign() > 0; {
		n.DivMod(n, base, digit)
		out = string(alphabet[digit.Int64()]) + out
	}
	return out
}

// checked58 is base58check.
func checked58(alphabet string, parts ...[]byte) string {
	var payload []byte
	for _, p := range parts {
		payload = append(payload, p...)
	}
	once := sha256.Sum256(payload)
	twice := sha256.Sum256(once[:])
	return in58(append(payload, twice[:4]...), alphabet)
}

// dice returns n bytes that are different for every seed.
func dice(n int, seed string) (out []byte) {
	for sum := sha256.Sum256([]byte(seed)); len(out) < n; sum = sha256.Sum256(sum[:]) {
		out = append(out, sum[:]...)
	}
	return out[:n]
}

// seed32 writes bytes in base 32 with a CRC-16 behind them.
func seed32(raw []byte) string {
	var sum uint16
	for _, b := range raw {
		sum ^= uint16(b) << 8
		for range 8 {
			if top := sum >> 15; top != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(binary.LittleEndian.AppendUint16(raw, sum))
}

// provenSecret is a secret that a rule finds, and where such secrets stand.
type provenSecret struct {
	rule, secret string
	places       []string // with %s for the secret
	broken       string   // the secret with something wrong in it; "": none is known
}

func provenSecrets(t *testing.T) []provenSecret {
	t.Helper()
	phrase, err := words.Encode(dice(16, "phrase"))
	if err != nil {
		t.Fatal(err)
	}
	swapped := strings.Fields(string(phrase))
	swapped[2], swapped[7] = swapped[7], swapped[2]
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	const ripple = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
	wif, extended := checked58(base58, []byte{0x80}, dice(32, "wif"), []byte{1}), checked58(base58, []byte{0x04, 0x88, 0xAD, 0xE4}, dice(74, "xprv"))
	stellar, nkey := seed32(append([]byte{18 << 3}, dice(32, "stellar")...)), seed32(append([]byte{18<<3 | 20>>2, 20 << 6 & 0xff}, dice(32, "nkey")...))
	xrp, solana := checked58(ripple, []byte{0x21}, dice(16, "xrp")), in58(ed25519.NewKeyFromSeed(dice(32, "solana")), base58)
	otp := base32.StdEncoding.EncodeToString(dice(20, "otp"))
	assigned := func(name string) []string {
		return []string{name + "=%s", name + `: "%s"`, `{"` + name + `": "%s"}`, `const ` + name + ` = '%s';`, "# " + name + " %s"}
	}
	return append(placeSecrets(), []provenSecret{
		{"wallet-recovery-phrase", string(phrase), append(assigned("mnemonic"), "My seed phrase is: %s.", "wallet:\n  %s\n"), strings.Join(swapped, " ")},
		{"wallet-import-format-key", wif, append(assigned("BTC_PRIVATE_KEY"), "bitcoin-cli importprivkey %s"), turned(wif)},
		{"wallet-extended-private-key", extended, assigned("key"), turned(extended)},
		{"stellar-secret-seed", stellar, assigned("STELLAR_SECRET"), turned(stellar)},
		{"xrp-account-seed", xrp, assigned("XRP_SEED"), turned(xrp)},
		{"solana-key-pair", solana, assigned("SOLANA_PRIVATE_KEY"), turned(solana)},
		{"ethereum-private-key", "0x" + hex.EncodeToString(dice(32, "eth")), []string{"PRIVATE_KEY=%s", `privateKey: "%s"`, `{"private_key": "%s"}`}, "0x" + hex.EncodeToString(dice(31, "eth"))},
		{"otpauth-url", otp, []string{"otpauth://totp/Example:ann@example.org?secret=%s&issuer=Example", `"otpauth://hotp/x?counter=1&secret=%s"`}, "JBSW"},
		{"otpauth-migration-url", strings.Repeat("CjEKCkhlbGxv", 6), []string{"otpauth-migration://offline?data=%s"}, "CjEK"},
		{"one-time-password-seed", otp, []string{"TOTP_SECRET=%s", `"mfa_seed": "%s"`, `otpSecret = '%s'`}, strings.Repeat("A", 32)},
		{"nats-nkey-seed", nkey, append(assigned("NATS_SEED"), "-----BEGIN USER NKEY SEED-----\n%s\n------END USER NKEY SEED------"), nkey[:len(nkey)-2]},
		{"nostr-private-key", "nsec1vl029mgpspedva04g90vltkh6fvh" + "240zqtv9k0t9af8935ke9laqsnlfe5", assigned("key"), "nsec1vl029mgpspedva04g90vltkh6fvh" + "240zqtv9k0t9af8935ke9laqsnlfe6"},
		{"payment-card-number", "4539 5780 " + "4927 3169", []string{"card: %s", `"credit_card_number": "%s"`, "VISA %s"}, "4539 5780 " + "4927 3160"},
		{"age-post-quantum-secret-key", hybrid.String(), assigned("key"), turned(hybrid.String())},
		{"jwk-private-key", strings.Repeat("Ab_-9", 9), []string{`{"kty":"EC","crv":"P-256","d":"%s"}`, `{"d": "%s", "kty": "OKP"}`}, "short"},
		{"jwk-symmetric-key", strings.Repeat("Ab_-9", 9), []string{`{"kty":"oct","k":"%s"}`}, "short"},
		{"netrc-password", "hunter22!", []string{"machine ftp.example.org login ann password %s", "machine a\n  login b\n  password %s\n"}, "<password>"},
		{"pgpass-password", "s3cr3t-of-mine", []string{"db.example.org:5432:app:ann:%s\n", "*:5432:*:postgres:%s"}, "${PASSWORD}"},
		{"ntlm-hash", strings.ToUpper(hex.EncodeToString(dice(16, "nt"))), []string{"ann:1000:" + strings.Repeat("X", 32) + ":%s:[U          ]:LCT-4F0D5B6A:\n"}, "X"},
		{"ntlm-hash", hex.EncodeToString(dice(16, "nt")), []string{"ann:1001:aad3b435b51404eeaad3b435b51404ee:%s:::"}, "31d6cfe0d16ae931b73c59d7e0c089c0"},
		{"password-hash-line", "$apr1$" + "lZL6V/ci" + "$eIMz/iKDkbtys/uU7LEK00", []string{"ann:%s\n", "x: y\nann:%s"}, "$apr1$short"},
		{"password-hash-line", "$1$" + "saltsalt$" + strings.Repeat("ab./", 6)[:22], []string{"enable secret 5 %s\n", "username ann privilege 15 secret 5 %s"}, "$1$saltsalt$abc"},
		{"password-hash-line", "$6$" + "saltsalt$" + strings.Repeat("ab./", 22)[:86], []string{"root:%s:19000:0:99999:7:::\n", "ann:{SHA512-CRYPT}%s:1000:1000::/home/ann\n"}, "$6$saltsalt$abc"},
		{"password-hash-line", "$2y$" + "10$" + strings.Repeat("ab./", 14)[:53], []string{"ann:%s"}, "$2y$10$abc"},
		{"htpasswd-sha1-line", "{SHA}" + strings.Repeat("ab/", 9) + "=", []string{"ann:%s", "ann:%s\n"}, "{SHA}abc="},
		{"ethereum-keystore", hex.EncodeToString(dice(32, "keystore")), []string{`{"crypto":{"kdfparams":{},"ciphertext":"%s"}}`, `{"crypto":{"ciphertext" : "%s","kdfparams":{}}}`}, hex.EncodeToString(dice(31, "keystore"))},
		{"json-web-token-in-string", webToken(), []string{`x := "it is\n%s\n"`, `"\t%s"`, `"\r%s x"`}, webToken()[:30]},
		{"openvpn-static-key", strings.Repeat("\n"+hex.EncodeToString(dice(16, "vpn")), 16), []string{"-----BEGIN OpenVPN Static key V1-----%s\n-----END OpenVPN Static key V1-----\n"}, "\n" + hex.EncodeToString(dice(16, "vpn"))},
		{"ntlm-authenticate-message", "TlRMTVNTUAADAAAA" + strings.Repeat("GAAY", 20) + "==", []string{"Authorization: NTLM %s", `{"value": "NTLM %s"}`}, "TlRMTVNTUAACAAAA" + strings.Repeat("GAAY", 20)},
		{"http-digest-response", hex.EncodeToString(dice(16, "digest")), []string{`Authorization: Digest username="ann", realm="x", nonce="abc", uri="/", response="%s"`}, hex.EncodeToString(dice(15, "digest"))},
		{"wordpress-secret-key", "k&" + strings.Repeat("9Zq|", 15) + "u)", []string{"define('AUTH_KEY',         '%s');", "define( 'NONCE_SALT', '%s' );"}, "put your unique phrase here, of many letters"},
		{"drupal-hash-salt", strings.Repeat("k9Zq_", 14), []string{"$settings['hash_salt'] = '%s';", "$drupal_hash_salt = '%s';"}, "$salt"},
		{"magento-crypt-key", hex.EncodeToString(dice(16, "crypt")), []string{"'crypt' => [\n        'key' => '%s'\n    ],", "'crypt' => array (\n 'key' => '%s',"}, "abc"},
		{"jenkins-encrypted-secret", "{AQAAABAAAAAQ" + strings.Repeat("aB3/", 11) + "=}", []string{"<password>%s</password>"}, "{AQAAAB}"},
		{"composer-github-token", hex.EncodeToString(dice(20, "composer")), []string{`{"github-oauth": {"github.com": "%s"}}`, "composer config -g github-oauth.github.com %s"}, hex.EncodeToString(dice(19, "composer"))},
		{"putty-private-key", puttyText(), []string{"%s", "\n\n%s\n"}, strings.Replace(puttyText(), "Private-MAC", "Private-Mac", 1)},
	}...)
}

func webToken() string {
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	return part(`{"alg":"HS256","typ":"JWT"}`) + "." + part(`{"sub":"ann","iat":1516239022}`) + "." + base64.RawURLEncoding.EncodeToString(dice(32, "jwt"))
}

// TestCutKeys: a private key is found without its last line, but not what only shows how one begins, nor is a whole one found twice.
func TestCutKeys(t *testing.T) {
	e := provenEngine(t)
	text := base64.StdEncoding.EncodeToString(append([]byte{0x30, 0x82, 4, 0xa3, 2, 1, 0}, dice(1200, "cut")...))
	head := "-----BEGIN RSA " + "PRIVATE KEY-----"
	lines := func(n int, end string) string {
		out := ""
		for i := range n {
			out += end + text[64*i:64*i+64]
		}
		return out
	}
	for _, c := range []struct {
		text string
		want bool
	}{
		{head + lines(5, "\n") + "\n", true}, {head + lines(5, "\r\n"), true}, {"key: '" + head + lines(3, `\n`) + `\n'`, true}, {head + lines(2, "\n") + "\n\nthe end", true},
		{`"` + head + `\n" +` + strings.ReplaceAll(lines(4, "\n\""), "\n", "\\n\" +\n"), true}, {head + "\n" + text[:300], true}, {head + lines(1, "\n"), false},
		{head + lines(3, "\n") + "\n...\n", false}, {head + lines(3, "\n") + "\n-----END RSA " + "PRIVATE KEY-----\n", false}, {head + "\n" + strings.Repeat("some words that stand there\n", 20), false},
		{head + "\n" + strings.Repeat("A", 64) + "\n" + strings.Repeat("A", 64), false},
	} {
		if found := foundIn(t, e, "a.txt", c.text); (found["private-key-cut"] != "") != c.want {
			t.Errorf("%.300q: %q", c.text, found["private-key-cut"])
		}
	}
}

func puttyText() string {
	return "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: test\nPublic-Lines: 2\n" + strings.Repeat("AAAAC3Nz", 8) + "\n" + strings.Repeat("AAAAC3Nz", 3) +
		"\nPrivate-Lines: 1\n" + strings.Repeat("AAAAIPqm", 5) + "\nPrivate-MAC: " + hex.EncodeToString(dice(32, "mac"))
}

// turned returns the text with two neighbours in its middle in the other order, as far as they differ.
func turned(text string) string {
	b := []byte(text)
	for i := len(b) / 2; i+1 < len(b); i++ {
		if b[i] != b[i+1] {
			b[i], b[i+1] = b[i+1], b[i]
			break
		}
	}
	return string(b)
}

func TestProvenRules(t *testing.T) {
	e := provenEngine(t)
	seen := map[string]bool{}
	for _, c := range provenSecrets(t) {
		seen[c.rule] = true
		for _, place := range c.places {
			for _, path := range []string{"a.txt", ""} {
				if found := foundIn(t, e, path, fmt.Sprintf(place, c.secret)); found[c.rule] != c.secret {
					t.Errorf("%s %.30s: in %q: %q", c.rule, c.secret, place, found)
				}
			}
			if found := foundIn(t, e, "a.txt", strings.Repeat("x y z\n", 300)+fmt.Sprintf(place, c.secret)+"\nx y z"); found[c.rule] != c.secret {
				t.Errorf("%s: in the middle, in %q: %q", c.rule, place, found)
			}
			if found := foundIn(t, e, "a.txt", fmt.Sprintf(place, c.broken)); found[c.rule] != "" {
				t.Errorf("%s: broken, in %q: %q", c.rule, place, found)
			}
		}
	}
	for path, want := range map[string]bool{"wallet.dat": true, "home/.electrum/wallets/default_wallet": true, "my-wallet.data": false,
		"chain/geth/nodekey": true, "backup/team.kdbx": true, "team.kdb.md": false, "nodekey.go": false} {
		if found := foundIn(t, e, path, "x"); (len(found) > 0) != want {
			t.Errorf("%s: %v", path, found)
		}
	}
	if found := foundIn(t, e, "a.go", "type netrc struct {\n\tmachine  string\n\tlogin    string\n\tpassword string\n}"); len(found) > 0 {
		t.Errorf("fields of a structure: %v", found)
	}
	for path, want := range map[string]bool{"etc/ppp/chap-secrets": true, "config/master.key": true, "master.key": false, ".config/solana/id.json": true} {
		if found := foundIn(t, e, path, "x"); (len(found) > 0) != want {
			t.Errorf("%s: %v", path, found)
		}
	}
	seen["wallet-file"], seen["credentials-file"] = true, true
	for _, r := range Rules() {
		if !seen[r.ID] && r.ID != "private-key-cut" && r.ID != "sui-private-key" && r.ID != "cardano-signing-key" {
			t.Errorf("rule %s is not tried", r.ID)
		}
		if r.Title == "" || r.Why == "" || r.Severity == finding.Info || r.Confidence == finding.LowConfidence {
			t.Errorf("rule %s is not described: %+v", r.ID, r)
		}
	}
}

// TestProvenRulesAreAnchored: a rule that nothing is searched for first would run over everything.
func TestProvenRulesAreAnchored(t *testing.T) {
	for _, r := range Rules() {
		if r.Regex == "" {
			continue
		}
		a, err := secretscan.Analyse(r.Regex)
		if err != nil || len(a.Anchors) == 0 {
			t.Errorf("%s: %d anchors, %v", r.ID, len(a.Anchors), err)
		}
	}
}
