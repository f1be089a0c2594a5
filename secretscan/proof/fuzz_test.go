package proof_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"keysweep/finding"
	"keysweep/secretscan/proof"
)

// wantSafe wants facts that can be printed, and that hold no long part of the secret.
func wantSafe(t *testing.T, text string) proof.Proof {
	t.Helper()
	p := proof.Of(proof.Subject{Text: text, Now: noon})
	if p.Proven && p.Refuted {
		t.Error("proven and refuted")
	}
	for _, fact := range p.Facts {
		if fact.Value == "" || len(fact.Value) > 300 || strings.ContainsAny(fact.Value, "\n\r\x1b") {
			t.Errorf("fact %q", fact)
		}
	}
	return p
}

func FuzzJWT(f *testing.F) {
	f.Add(`{"alg":"RS256"}`, `{"exp":1,"iss":"a","sub":"b"}`)
	f.Add(`{"alg":"none","enc":1}`, `{"exp":1e99,"nbf":"x","iss":[]}`)
	f.Fuzz(func(t *testing.T, header, claims string) {
		b64 := base64.RawURLEncoding.EncodeToString
		wantSafe(t, b64([]byte(header))+"."+b64([]byte(claims))+".AAAA")
		wantSafe(t, b64([]byte(header))+".AAAA.AAAA.AAAA.AAAA")
		wantSafe(t, "v4.public."+b64([]byte(claims+strings.Repeat("s", 64))))
	})
}

func FuzzOpenPGP(f *testing.F) {
	f.Add([]byte("\x94\x58\x04\x60\x00\x00\x00\x16\x09\x2b\x06\x01\x04\x01\xda\x47\x0f\x01\x01\x07\x40"+strings.Repeat("x", 60)), []byte("abc"))
	f.Add([]byte("\xc5\xff\x00\x00\x00\x40\x06\x60\x00\x00\x00\x1b\x00\x00\x00\x20"+strings.Repeat("x", 60)), []byte{})
	f.Add([]byte("\xc5\xe0\x00\x04\x60\x00\x00\x00\x01\x08\x00"), []byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, packet, sum []byte) {
		body := base64.StdEncoding.EncodeToString(packet)
		if len(sum) > 0 {
			body += "\n=" + base64.StdEncoding.EncodeToString(sum)
		}
		wantSafe(t, "-----BEGIN "+"PGP PRIVATE KEY BLOCK-----\nComment: x\n\n"+body+"\n-----END PGP PRIVATE KEY BLOCK-----")
	})
}

func FuzzBlock(f *testing.F) {
	f.Add("RSA PRIVATE KEY", "MIIEpAIBAAKCAQEA\n\"+\n  '", `\n`)
	f.Add("OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjE", "\n# ")
	f.Add("PGP PRIVATE KEY BLOCK", "Version: 1\n\n=aaaa", "\r\n")
	f.Fuzz(func(t *testing.T, label, body, end string) {
		text := "-----BEGIN " + label + "-----" + end + body + end + "-----END " + label + "-----"
		wantSafe(t, text)
		wantSafe(t, base64.StdEncoding.EncodeToString([]byte(text)))
		wantSafe(t, "PuTTY-User-Key-File-"+label+": "+end+body)
	})
}

func FuzzJWK(f *testing.F) {
	f.Add("RSA", "", "AQAB", "AAAA", "AAAA")
	f.Add("EC", "P-256", "", "AAAA", "AAAA")
	f.Add("OKP", "Ed25519", "", "AAAA", "")
	f.Fuzz(func(t *testing.T, kind, curve, e, x, y string) {
		clean := strings.NewReplacer(`"`, "", `\`, "").Replace
		wantSafe(t, `{"kty":"`+clean(kind)+`","crv":"`+clean(curve)+`","e":"`+clean(e)+`","n":"`+clean(x)+`","x":"`+clean(x)+`","y":"`+clean(y)+`","d":"AAAA"}`)
	})
}

// FuzzWallets: whatever passes as a key does not pass with two letters swapped.
func FuzzWallets(f *testing.F) {
	f.Add(bytesOf(33, "a"), byte(0x80))
	f.Add(bytesOf(74, "b"), byte(0x04))
	f.Add(bytesOf(16, "c"), byte(0x21))
	f.Fuzz(func(t *testing.T, raw []byte, version byte) {
		if len(raw) > 90 {
			return
		}
		for _, alphabet := range []string{bitcoin, ripple} {
			text := check58(append([]byte{version}, raw...), alphabet)
			if p := wantSafe(t, text); !p.Proven || len(text) < 20 {
				continue
			}
			if p := proof.Of(proof.Subject{Text: changed(text)}); p.Proven && factOf(p, finding.FactChecksum) == "fits" {
				t.Errorf("%d letters fit after one was changed", len(text))
			}
		}
	})
}
