package proof_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/finding"
	"keysweep/internal/testneed"
	"keysweep/keys"
	"keysweep/secretscan/proof"
)

func run(t *testing.T, args ...string) string {
	t.Helper()
	c := exec.Command(testneed.Program(t, args[0]), args[1:]...)
	c.Env = append(os.Environ(), "LC_ALL=C")
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%q: %v\n%s", args, err, out)
	}
	return string(out)
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(data), "\n")
}

// sshKey makes a key and returns its file and its fingerprint, as ssh-keygen tells it.
func sshKey(t *testing.T, args ...string) (text, fingerprint string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	run(t, append([]string{"ssh-keygen", "-q", "-C", "someone", "-f", path}, args...)...)
	return read(t, path), strings.Fields(run(t, "ssh-keygen", "-l", "-f", path+".pub"))[1]
}

// known is a list of known keys by fingerprint.
type known map[string][]string

func (k known) Key(public keys.Public) []string { return k[public.SHA256()] }

func TestPrivateKeys(t *testing.T) {
	for name, tc := range map[string]struct {
		args []string
		key  string
		pass string
	}{
		"ed25519":       {[]string{"-t", "ed25519", "-N", ""}, "ED25519, 256 bits, OpenSSH", "none"},
		"rsa":           {[]string{"-t", "rsa", "-b", "2048", "-N", ""}, "RSA, 2048 bits, OpenSSH", "none"},
		"PKCS#1":        {[]string{"-t", "rsa", "-b", "2048", "-N", "", "-m", "PEM"}, "RSA, 2048 bits, PEM", "none"},
		"PKCS#8":        {[]string{"-t", "ecdsa", "-b", "384", "-N", "", "-m", "PKCS8"}, "ECDSA, 384 bits, PKCS#8", "none"},
		"SEC 1":         {[]string{"-t", "ecdsa", "-b", "256", "-N", "", "-m", "PEM"}, "ECDSA, 256 bits, PEM", "none"},
		"protected":     {[]string{"-t", "ed25519", "-N", "secret", "-a", "3"}, "ED25519, 256 bits, OpenSSH", "protects it (aes256-ctr, bcrypt 3 rounds)"},
		"protected PEM": {[]string{"-t", "rsa", "-b", "2048", "-N", "secret", "-m", "PEM"}, "RSA, PEM", "protects it (AES-128-CBC, MD5)"},
	} {
		text, fingerprint := sshKey(t, tc.args...)
		for how, form := range forms(text) {
			p := proof.Of(proof.Subject{Text: form, Known: known{fingerprint: {"as ~/.ssh/id", "loaded in the agent"}}})
			if got := factOf(p, finding.FactKey); got != tc.key || factOf(p, finding.FactPassphrase) != tc.pass || !p.Proven {
				t.Errorf("%s, %s: %+v", name, how, p)
			}
			if tc.key == "RSA, PEM" { // which hides its public half
				if p.Most != finding.Medium || factOf(p, finding.FactFingerprint) != "" {
					t.Errorf("%s, %s: %+v", name, how, p)
				}
				continue
			}
			if factOf(p, finding.FactFingerprint) != fingerprint || factOf(p, finding.FactKnown) != "as ~/.ssh/id, loaded in the agent" {
				t.Errorf("%s, %s: fingerprint of %+v, want %s", name, how, p.Facts, fingerprint)
			}
			if protected := tc.pass != "none"; protected != (p.Most == finding.Medium) {
				t.Errorf("%s, %s: at most %v", name, how, p.Most)
			}
		}
	}
}

// forms are the ways in which a key of several lines stands in files.
func forms(text string) map[string]string {
	lines := strings.Split(text, "\n")
	each := func(before, after string) string { return before + strings.Join(lines, after+"\n"+before) + after }
	forms := map[string]string{
		"as it is": text, "indented": each("    ", ""), "comment": each("# ", ""), "Windows": each("", "\r"),
		"base 64": base64.StdEncoding.EncodeToString([]byte(text + "\n")),
		"JSON":    strings.ReplaceAll(text, "\n", `\n`), "twice": strings.ReplaceAll(text, "\n", `\\n`), "HTML": strings.ReplaceAll(text, "\n", "&#10;"),
		"sum": strings.TrimPrefix(each(`"`, `\n" +`), `"`), "lines": strings.TrimPrefix(each(`'`, `',`), `'`), "block comment": each(" * ", ""),
	}
	if !strings.Contains(text, "DEK-Info") {
		forms["one line"] = strings.ReplaceAll(text, "\n", " ")
		forms["diff"] = each("+", "")
	}
	return forms
}

func TestPlaceholdersAndCutKeys(t *testing.T) {
	whole, _ := sshKey(t, "-t", "rsa", "-b", "2048", "-N", "", "-m", "PEM")
	lines := strings.Split(whole, "\n")
	first, last := lines[0], lines[len(lines)-1]
	wrap := func(body string) string { return first + "\n" + body + "\n" + last }
	for name, text := range map[string]string{
		"dots":     wrap(lines[1] + "\n...\n" + lines[2]),
		"words":    wrap("<put your key here, all the lines of it, between these two lines>"),
		"x":        wrap(strings.Repeat("x", 200)),
		"empty":    wrap(""),
		"short":    wrap("MIIEpAIBAAKCAQEA"),
		"variable": wrap("${KEY}" + lines[1] + lines[2]),
		"half":     strings.Join(lines[:len(lines)/2], "\n") + "\n" + last,
		"no end":   strings.Join(lines[:len(lines)/2], "\n"),
	} {
		if p := proof.Of(proof.Subject{Text: text}); !p.Refuted || factOf(p, finding.FactDamage) == "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
	// What cannot be read may still be one: its letters were changed.
	p := proof.Of(proof.Subject{Text: wrap("AAAA" + strings.Join(lines[2:len(lines)-1], "\n"))})
	if p.Refuted || p.Proven || factOf(p, finding.FactDamage) == "" {
		t.Errorf("unreadable: %+v", p)
	}
}

func TestPuTTYKeys(t *testing.T) {
	dir := t.TempDir()
	from, passphrase := filepath.Join(dir, "from"), filepath.Join(dir, "passphrase")
	run(t, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", from)
	fingerprint := strings.Fields(run(t, "ssh-keygen", "-l", "-f", from))[1]
	for _, protected := range []bool{false, true} {
		words := ""
		if protected {
			words = "of the test"
		}
		if err := os.WriteFile(passphrase, []byte(words), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, version := range []string{"2", "3"} {
			out := filepath.Join(dir, "out")
			run(t, "puttygen", from, "-O", "private", "-o", out, "--new-passphrase", passphrase, "--ppk-param", "version="+version)
			for how, text := range map[string]string{"as it is": read(t, out), "JSON": strings.ReplaceAll(read(t, out), "\n", `\n`)} {
				p := proof.Of(proof.Subject{Text: text})
				if factOf(p, finding.FactKey) != "ED25519, 256 bits, PPK v"+version || factOf(p, finding.FactFingerprint) != fingerprint || !p.Proven {
					t.Errorf("version %s, %s: %+v", version, how, p)
				}
				if protected != (p.Most == finding.Medium) || protected == (factOf(p, finding.FactPassphrase) == "none") {
					t.Errorf("version %s, protected %v: %+v", version, protected, p)
				}
			}
		}
	}
}

func TestOpenPGPKeys(t *testing.T) {
	home := t.TempDir()
	if err := os.Chmod(home, 0o700); err != nil {
		t.Fatal(err)
	}
	for kind, passphrases := range map[string][]string{"ed25519": {"", "of the test"}, "rsa1024": {""}, "nistp256": {""}} {
		for _, passphrase := range passphrases {
			who := kind + fmt.Sprint(len(passphrase)) + "@example.org"
			gpg := []string{"gpg", "--homedir", home, "--batch", "--pinentry-mode", "loopback", "--passphrase", passphrase}
			run(t, append(gpg, "--quick-generate-key", who, kind, "sign", "never")...)
			text := run(t, append(gpg, "--armor", "--export-secret-keys", who)...)
			want := ""
			for line := range strings.SplitSeq(run(t, "gpg", "--homedir", home, "--with-colons", "--list-keys", who), "\n") {
				if fields := strings.Split(line, ":"); fields[0] == "fpr" && want == "" {
					want = fields[9]
				}
			}
			for how, form := range map[string]string{"as it is": text, "JSON": strings.ReplaceAll(text, "\n", `\n`)} {
				p := proof.Of(proof.Subject{Text: form})
				if factOf(p, finding.FactFingerprint) != want || want == "" || p.Refuted || (p.Most == finding.Medium) != (passphrase != "") {
					t.Errorf("%s %s: %+v, want %s", who, how, p, want)
				}
			}
			body := strings.Split(strings.TrimSpace(text), "\n")
			body[4] = changed(body[4])
			if p := proof.Of(proof.Subject{Text: strings.Join(body, "\n")}); strings.HasPrefix(body[len(body)-2], "=") && !p.Altered {
				t.Errorf("%s: a changed key: %+v", who, p)
			}
		}
	}
	run(t, "gpgconf", "--homedir", home, "--kill", "all")
}

func TestJSONWebKeys(t *testing.T) {
	for _, args := range [][]string{{"-t", "ed25519"}, {"-t", "rsa", "-b", "2048"}, {"-t", "ecdsa", "-b", "521"}} {
		text, fingerprint := sshKey(t, append(args, "-N", "")...)
		for _, member := range []string{"d", ""} {
			p := proof.Of(proof.Subject{Text: jwkOf(t, text, member)})
			if member == "" {
				if len(p.Facts) > 0 || p.Proven {
					t.Errorf("%q without its private member: %+v", args, p)
				}
			} else if factOf(p, finding.FactFingerprint) != fingerprint || !p.Proven {
				t.Errorf("%q: %+v, want %s", args, p, fingerprint)
			}
		}
	}
	symmetric, err := json.Marshal(map[string]string{"kty": "oct", "k": strings.Repeat("AAAA", 8)})
	if err != nil {
		t.Fatal(err)
	}
	if p := proof.Of(proof.Subject{Text: string(symmetric)}); factOf(p, finding.FactKey) != "symmetric, 192 bits, JSON Web Key" {
		t.Errorf("symmetric: %+v", p)
	}
	for _, text := range []string{`{"kty":"RSA","d":"AAAA"}`, `{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA","d":"A"}`, `{"kty":"XX","d":"A"}`} {
		if p := proof.Of(proof.Subject{Text: text}); p.Proven || p.Refuted || factOf(p, finding.FactKey) == "" {
			t.Errorf("%s: %+v", text, p)
		}
	}
}
