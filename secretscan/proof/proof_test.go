package proof_test

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"math/big"
	"strings"
	"testing"
	"time"

	"keysweep/finding"
	"keysweep/secretscan/proof"
)

const alphabet62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// body returns n characters that are different for every seed.
func body(n int, seed string) string {
	var b strings.Builder
	state := crc32.ChecksumIEEE([]byte(seed))
	for range n {
		state = state*1664525 + 1013904223
		b.WriteByte(alphabet62[(state>>16)%62])
	}
	return b.String()
}

// inBase writes the number by division of big integers, another way than the package does.
func inBase(n uint32, base, width int) string {
	text := new(big.Int).SetUint64(uint64(n)).Text(base)
	if base == 62 { // the library has lower case before upper
		text = strings.Map(func(r rune) rune {
			switch {
			case 'a' <= r && r <= 'z':
				return r - 'a' + 'A'
			case 'A' <= r && r <= 'Z':
				return r - 'A' + 'a'
			}
			return r
		}, text)
	}
	return strings.Repeat("0", max(0, width-len(text))) + text
}

func sum62(text string) string { return inBase(crc32.ChecksumIEEE([]byte(text)), 62, 6) }

func factOf(p proof.Proof, name string) string {
	for _, f := range p.Facts {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// changed returns the text with one character in its middle changed to another of the alphabet.
func changed(text string) string {
	at := len(text) / 2
	c := byte('B')
	if text[at] == c {
		c = 'C'
	}
	return text[:at] + string(c) + text[at+1:]
}

func wantChecksum(t *testing.T, name, token string) {
	t.Helper()
	p := proof.Of(proof.Subject{Text: token})
	if !p.Proven || p.Refuted || factOf(p, finding.FactChecksum) != "fits" {
		t.Errorf("%s: %+v for a token whose checksum fits", name, p)
	}
	p = proof.Of(proof.Subject{Text: changed(token)})
	if p.Proven || !p.Altered || !strings.HasPrefix(factOf(p, finding.FactChecksum), "does not fit") {
		t.Errorf("%s: %+v for a token whose checksum does not fit", name, p)
	}
}

func TestChecksums(t *testing.T) {
	for i := range 20 {
		seed := fmt.Sprint(i)
		for _, prefix := range []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "npm_", "nbp_", "nbx_"} {
			b := body(30, prefix+seed)
			wantChecksum(t, prefix, prefix+b+sum62(b))
		}
		for _, prefix := range []string{"polar_cst_", "polar_oat_", "polar_pat_", "polar_us_"} {
			b := body(37, prefix+seed)
			wantChecksum(t, prefix, prefix+b+sum62(b))
		}
		for _, prefix := range []string{"jsrp_", "jsrd_", "jsrw_"} {
			b := prefix + body(29, prefix+seed)
			wantChecksum(t, prefix, b+sum62(b))
		}
		for _, prefix := range []string{"syt_", "syr_"} {
			b := prefix + "YWxpY2U_" + strings.Map(onlyLetters, body(20, prefix+seed))
			wantChecksum(t, prefix, b+"_"+sum62(b))
		}
		b := "glsa_" + body(32, seed)
		sum := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(b)))
		wantChecksum(t, "glsa_", b+"_"+hex.EncodeToString(sum))
		payload := base64.RawURLEncoding.EncodeToString([]byte("o:1\nu:2" + body(16, seed)))
		for _, prefix := range []string{"glpat-", "glrt-t1_"} {
			b := prefix + payload + "." + inBase(uint32(len(payload)), 36, 2)
			wantChecksum(t, prefix, b+inBase(crc32.ChecksumIEEE([]byte(b)), 36, 7))
		}
	}
}

func onlyLetters(r rune) rune {
	if '0' <= r && r <= '9' {
		return r - '0' + 'a'
	}
	return r
}

// TestPublishedTokens are examples that the makers themselves show, put together from parts.
func TestPublishedTokens(t *testing.T) {
	for name, token := range map[string]string{
		"GitHub":    "ghp_" + "zQWBuTSOoRi4A9" + "spHcVY5ncnsDkxkJ" + "0mLq17",
		"crates.io": "cio_tp_" + "gGK6jurSwKyl9V3" + "Az19z7YEFQI9aoOO" + "d",
		"another":   "cio_tp_" + strings.Repeat("0", 31) + "w",
	} {
		if p := proof.Of(proof.Subject{Text: token}); !p.Proven {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if p := proof.Of(proof.Subject{Text: "cio_tp_" + strings.Repeat("0", 32)}); !p.Altered {
		t.Errorf("wrong last character: %+v", p)
	}
}

// TestBackwardDigits: these tokens have the digits of their checksum in the other order, and the zeros in front all the same.
func TestBackwardDigits(t *testing.T) {
	short := 0
	for i := range 400 {
		b := "mat_" + body(30, fmt.Sprint(i))
		digits := strings.TrimLeft(sum62(b), "0")
		if len(digits) < 6 {
			short++
		}
		var turned string
		for _, c := range digits {
			turned = string(c) + turned
		}
		wantChecksum(t, "mat_", b+"_"+strings.Repeat("0", 6-len(turned))+turned)
	}
	if short == 0 {
		t.Error("no checksum had leading zeros")
	}
}

func TestOtherTokensAreLeftAlone(t *testing.T) {
	for _, text := range []string{
		"", "g", "ghp_", "ghp_" + body(35, "a"), "ghp_" + body(70, "a"), "github_pat_" + body(82, "a"), "npm_short", "glpat-" + body(20, "a"),
		"glpat-" + body(30, "a") + ".x", "syt_", "syt_a", "gl.", "S", "AKIA", "xprv", "1", "age1", "polar_us_", strings.Repeat("a", 300<<10),
	} {
		if p := proof.Of(proof.Subject{Text: text}); p.Proven || p.Refuted || len(p.Facts) > 0 || p.Most != finding.Critical {
			t.Errorf("%.20q: %+v", text, p)
		}
	}
}

func TestAWSAccounts(t *testing.T) {
	for id, want := range map[string]string{
		"AS" + "IAY34FZKBOKMUTVV7A": "609629065308", // both are shown where the encoding is described
		"AS" + "IAQNZGKIQY56JQ7WML": "029608264753",
		"AK" + "IAIOSFODNN7EXAMPLE": "", // of the older kind
	} {
		p := proof.Of(proof.Subject{Text: id})
		if got := factOf(p, finding.FactAccount); got != want {
			t.Errorf("%s: account %q, want %q", id[4:8], got, want)
		}
		if kind := factOf(p, finding.FactKind); kind == "" || strings.HasPrefix(id, "ASIA") != strings.HasPrefix(kind, "temporary") {
			t.Errorf("%s: kind %q", id[4:8], kind)
		}
	}
	account := func(n uint64) string { // the other way round
		var raw [10]byte
		binary.BigEndian.PutUint64(raw[:8], (1<<47|n<<7)<<16)
		return "AK" + "IA" + base32.StdEncoding.EncodeToString(raw[:])
	}
	for _, n := range []uint64{1, 123456789012, 999999999999} {
		if got := factOf(proof.Of(proof.Subject{Text: account(n)}), finding.FactAccount); got != fmt.Sprintf("%012d", n) {
			t.Errorf("account %d is told as %q", n, got)
		}
	}
	for _, n := range []uint64{0, 1_000_000_000_000} {
		if got := factOf(proof.Of(proof.Subject{Text: account(n)}), finding.FactAccount); got != "" {
			t.Errorf("no account has the number %d: %q", n, got)
		}
	}
}

func TestApply(t *testing.T) {
	for name, tc := range map[string]struct {
		proof      proof.Proof
		before     finding.Confidence
		confidence finding.Confidence
		severity   finding.Severity
	}{
		"nothing":           {proof.Proof{Most: finding.Critical}, finding.MediumConfidence, finding.MediumConfidence, finding.High},
		"proven":            {proof.Proof{Most: finding.Critical, Proven: true}, finding.MediumConfidence, finding.HighConfidence, finding.High},
		"refuted":           {proof.Proof{Most: finding.Critical, Refuted: true}, finding.MediumConfidence, finding.LowConfidence, finding.High},
		"altered":           {proof.Proof{Most: finding.Critical, Altered: true}, finding.HighConfidence, finding.MediumConfidence, finding.High},
		"altered and vague": {proof.Proof{Most: finding.Critical, Altered: true}, finding.LowConfidence, finding.LowConfidence, finding.High},
		"milder":            {proof.Proof{Most: finding.Low}, finding.MediumConfidence, finding.MediumConfidence, finding.Low},
	} {
		f := finding.Finding{Confidence: tc.before, Severity: finding.High}
		if tc.proof.Apply(&f); f.Confidence != tc.confidence || f.Severity != tc.severity {
			t.Errorf("%s: %v %v", name, f.Confidence, f.Severity)
		}
	}
}

// FuzzOf: nothing makes it fail, and no fact holds the secret.
func FuzzOf(f *testing.F) {
	for _, text := range []string{
		"ghp_" + body(36, "a"), "glpat-" + body(30, "b") + ".0abcdefgh", "eyJ" + body(20, "c") + ".ey" + body(20, "d") + ".", `{"kty":"EC","d":"x"}`,
		"-----BEGIN " + "RSA PRIVATE KEY-----\n" + body(80, "e") + "\n-----END RSA PRIVATE KEY-----", "-----BEGIN " + "PGP PRIVATE KEY BLOCK-----\n\nlQ=\n=aaaa\n-----END",
		"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", "xprv" + body(107, "f"), "AGE-SECRET-KEY-1QQQQQQQ", "SU" + strings.Repeat("A", 56),
		"4111 1111 1111 1111", strings.Repeat("zoo ", 12), "AS" + "IAY34FZKBOKMUTVV7A",
	} {
		f.Add(text, "payment-card-number")
	}
	f.Fuzz(func(t *testing.T, text, rule string) {
		p := proof.Of(proof.Subject{Rules: []string{rule}, Text: text, Now: noon})
		if p.Proven && p.Refuted {
			t.Error("proven and refuted")
		}
		for _, fact := range p.Facts {
			if fact.Value == "" || len(fact.Value) > 300 || strings.ContainsAny(fact.Value, "\n\x1b") {
				t.Errorf("fact %q", fact)
			}
		}
		for _, name := range proof.Checks() {
			if start, end, ok := proof.CheckNamed(name)(text); ok && (start < 0 || start >= end || end > len(text)) {
				t.Errorf("%s: %d to %d of %d", name, start, end, len(text))
			}
		}
	})
}
