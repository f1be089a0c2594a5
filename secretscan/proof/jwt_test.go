package proof_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"keysweep/finding"
	"keysweep/secretscan/proof"
)

// jwt makes a token of a header and claims.
func jwt(header, claims string) string {
	b64 := base64.RawURLEncoding.EncodeToString
	return b64([]byte(header)) + "." + b64([]byte(claims)) + "." + b64(bytesOf(32, claims))
}

func TestJWT(t *testing.T) {
	const rs256 = `{"alg":"RS256","typ":"JWT"}`
	unix := func(days int) int64 { return noon.AddDate(0, 0, days).Unix() }
	for name, tc := range map[string]struct {
		token string
		want  string
		most  finding.Severity
	}{
		"valid": {jwt(rs256, fmt.Sprintf(`{"iss":"https://id.example.org/","sub":"ada@example.org","iat":%d,"exp":%d}`, unix(-1), unix(1))),
			"algorithm RS256; issuer https://id.example.org/; subject an e-mail address; issued on 2026-05-31; expires on 2026-06-02", finding.Critical},
		"expired":     {jwt(rs256, fmt.Sprintf(`{"exp":%d}`, unix(-30))), "algorithm RS256; expired on 2026-05-02", finding.Low},
		"just now":    {jwt(rs256, fmt.Sprintf(`{"exp":%d}`, unix(0))), "algorithm RS256; expired on 2026-06-01", finding.Low},
		"not yet":     {jwt(rs256, fmt.Sprintf(`{"nbf":%d}`, unix(2))), "algorithm RS256; starts on 2026-06-03", finding.Critical},
		"for ever":    {jwt(rs256, `{"sub":"1234567890"}`), "algorithm RS256; subject a number", finding.Critical},
		"no claims":   {jwt(rs256, `{}`), "algorithm RS256", finding.Critical},
		"fraction":    {jwt(rs256, `{"exp":1777000000.5}`), "algorithm RS256; expired on 2026-04-24", finding.Low},
		"odd values":  {jwt(rs256, `{"exp":"soon","iss":7,"sub":{"a":1},"nbf":-1,"iat":1e30}`), "algorithm RS256", finding.Critical},
		"unsigned":    {strings.TrimRight(jwt(`{"alg":"none"}`, `{"sub":"x"}`), "="), "algorithm none; subject a name", finding.Medium},
		"service":     {jwt(rs256, `{"iss":"supabase","role":"service_role"}`), "algorithm RS256; issuer supabase; role service_role", finding.Critical},
		"public":      {jwt(rs256, `{"iss":"supabase","role":"anon"}`), "algorithm RS256; issuer supabase; role anon", finding.Low},
		"uuid":        {jwt(rs256, `{"sub":"6fa459ea-ee8a-3ca4-894e-db77e160355e"}`), "algorithm RS256; subject a UUID", finding.Critical},
		"in base 64":  {base64.StdEncoding.EncodeToString([]byte(jwt(rs256, `{}`))), "algorithm RS256", finding.Critical},
		"control":     {jwt(rs256, `{"iss":"a\u001b[31mb"}`), "algorithm RS256; issuer a?[31mb", finding.Critical},
		"encrypted":   {jwt(`{"alg":"dir","enc":"A256GCM"}`, ``) + ".AAAA.AAAA", "algorithm dir A256GCM", finding.Critical},
		"example":     {jwt(rs256, `{"sub":"1234567890","name":"John Doe","iat":1516239022}`), "algorithm RS256; subject a number; kind the example of jwt.io, or made after it; issued on 2018-01-18", finding.Critical},
		"no header":   {"eyJhb." + body(20, "a") + "." + body(20, "b"), "", finding.Critical},
		"two parts":   {strings.Join(strings.Split(jwt(rs256, `{}`), ".")[:2], "."), "", finding.Critical},
		"no JSON":     {jwt(rs256, `{"exp":`), "", finding.Critical},
		"long issuer": {jwt(rs256, `{"iss":"`+strings.Repeat("x", 500)+`"}`), "algorithm RS256; issuer " + strings.Repeat("x", 120) + "...", finding.Critical},
	} {
		p := proof.Of(proof.Subject{Text: tc.token, Now: noon})
		var got []string
		for _, f := range p.Facts {
			got = append(got, f.String())
		}
		if text := strings.Join(got, "; "); text != tc.want || p.Most != tc.most || p.Refuted != (name == "example") {
			t.Errorf("%s: %q, at most %v; want %q, %v", name, text, p.Most, tc.want, tc.most)
		}
	}
	p := proof.Of(proof.Subject{Text: jwt(rs256, `{"exp":1}`), Now: time.Time{}})
	if p.Most != finding.Critical {
		t.Errorf("without a clock nothing is expired: %+v", p)
	}
}

func TestPASETO(t *testing.T) {
	token := func(version, claims string, signature int) string {
		return version + ".public." + base64.RawURLEncoding.EncodeToString([]byte(claims+strings.Repeat("s", signature)))
	}
	for name, tc := range map[string]struct {
		token, want string
		most        finding.Severity
	}{
		"valid":   {token("v4", `{"iss":"id.example.org","exp":"2026-07-01T00:00:00+00:00"}`, 64), "algorithm PASETO v4; issuer id.example.org; expires on 2026-07-01", finding.Critical},
		"expired": {token("v3", `{"exp":"2026-05-01T00:00:00Z"}`, 96) + ".Zm9v", "algorithm PASETO v3; expired on 2026-05-01", finding.Low},
		"no time": {token("v1", `{"exp":"soon"}`, 256), "algorithm PASETO v1", finding.Critical},
		"local":   {strings.Replace(token("v4", `{}`, 64), "public", "local", 1), "", finding.Critical},
		"short":   {token("v4", `{}`, 10), "", finding.Critical},
		"unknown": {token("v9", `{}`, 64), "", finding.Critical},
	} {
		p := proof.Of(proof.Subject{Text: tc.token, Now: noon})
		var got []string
		for _, f := range p.Facts {
			got = append(got, f.String())
		}
		if text := strings.Join(got, "; "); text != tc.want || p.Most != tc.most {
			t.Errorf("%s: %q, at most %v; want %q, %v", name, text, p.Most, tc.want, tc.most)
		}
	}
}
