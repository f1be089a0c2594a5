package backup

import (
	"bytes"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"keysweep/internal/testneed"
	"keysweep/keys"
)

// TestSheetStandsAlone wants a page that needs nothing from elsewhere, runs nothing and shows text as text.
func TestSheetStandsAlone(t *testing.T) {
	e := get(t, keys.KindEd25519)
	content, _ := sealed(t, e.payload, "")
	page, err := Sheet(label(e), content)
	check(t, err)
	text, err := Words(e.private)
	check(t, err)
	words, err := WordSheet(label(e), text)
	check(t, err)
	for _, page := range []string{string(page), string(words)} {
		for _, bad := range []string{"<script", "javascript:", "src=", "href=", "url(", "@import", "github <&>", "{{", wordsHere, "ZgotmplZ"} {
			if strings.Contains(page, bad) {
				t.Errorf("the page holds %q", bad)
			}
		}
		if rest := strings.Replace(page, "http://www.w3.org/2000/svg", "", -1); strings.Contains(rest, "http://") || strings.Contains(rest, "https://") {
			t.Error("the page leads elsewhere")
		}
		for _, want := range []string{"github &lt;&amp;&gt;", e.fingerprint, "2026-03-01 12:00 UTC", "keysweep key restore", "ann@example.org"} {
			if !strings.Contains(html.UnescapeString(page), html.UnescapeString(want)) {
				t.Errorf("the page lacks %q", want)
			}
		}
	}
	if place := bytes.Index(words, []byte(`class="word"`)); place < bytes.Index(words, []byte("The words")) || place > bytes.Index(words, []byte("To get the key back")) {
		t.Error("the words are not where they belong")
	}
	if bytes.Contains(page, []byte(inner)) || strings.Count(string(words), `class="word"`) != WordCount {
		t.Error("passphrase shown, or words missing")
	}
}

func TestDamagedPagesAreTold(t *testing.T) {
	e := get(t, keys.KindEd25519)
	content, _ := sealed(t, e.payload, "")
	made, err := Sheet(label(e), content)
	check(t, err)
	page := string(made)
	other, _ := sealed(t, e.payload, "")
	foreignPage, err := Sheet(label(e), other)
	check(t, err)
	cut := func(expr string) string { return regexp.MustCompile(expr).ReplaceAllString(page, "") }
	typed := func(p string) string { return regexp.MustCompile(`(?s)<pre class="typed">.*</pre>`).FindString(p) }
	for _, test := range []struct{ name, page, want string }{
		{"no codes", cut(`<path class="qr"[^>]*>`), "the QR codes: they are missing"},
		{"no lines", cut(`(?s)<pre.*</pre>`), "the lines to type: they are missing"},
		{"a code that draws outside", strings.Replace(page, `d="M4 4h`, `d="M900 4h`, 1), "code 1 on the page: its drawing is damaged"},
		{"a code without an end", strings.Replace(page, `d="M4 4h`, `d="M`, 1), "code 1 on the page: its drawing is damaged"},
		{"a code of no size", regexp.MustCompile(`data-size="\d+"`).ReplaceAllString(page, `data-size="9999999"`), "cannot be 9999999 modules wide"},
		{"a code half gone", regexp.MustCompile(`(d="[^"]{900})[^"]*"`).ReplaceAllString(page, `$1 0h1v1h-1z"`), "code 1 on the page"},
		{"lines of another backup", strings.Replace(page, typed(page), typed(string(foreignPage)), 1), "not of the same backup"},
	} {
		t.Run(test.name, func(t *testing.T) { wantDamage(t, test.want, Input{"", []byte(test.page)}) })
	}
}

// TestSheetWithoutKeysweep types the commands that stand on the sheet, and gives what comes of them to ssh-keygen. age itself is
// the library's.
func TestSheetWithoutKeysweep(t *testing.T) {
	bash, keygen := testneed.Program(t, "bash"), testneed.Program(t, "ssh-keygen")
	for _, kind := range []string{keys.KindEd25519, keys.KindRSA4096} {
		e := get(t, kind)
		content, id := sealed(t, e.payload, "")
		page, err := Sheet(label(e), content)
		check(t, err)
		dir := t.TempDir()
		parts, err := splitParts(content)
		check(t, err)
		check(t, os.WriteFile(filepath.Join(dir, "parts.txt"), []byte(strings.Join(parts, "\n")+"\n"), 0o600))
		command := regexp.MustCompile(`<code class="command">(\{ sort.*)</code>`).FindStringSubmatch(string(page))
		if command == nil {
			t.Fatal("there is no command on the sheet")
		}
		run := exec.Command(bash, "-c", html.UnescapeString(command[1]))
		run.Dir = dir
		if out, err := run.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		age, err := os.ReadFile(filepath.Join(dir, "backup.age"))
		check(t, err)
		payload, err := unseal(age, identities(id))
		check(t, err)
		file := filepath.Join(dir, "key")
		check(t, os.WriteFile(file, payload, 0o600))
		for _, args := range [][]string{{"-l", "-f", file}, {"-y", "-P", inner, "-f", file}} {
			out, err := exec.Command(keygen, args...).CombinedOutput()
			if err != nil || !strings.Contains(string(out), e.fingerprint) && !bytes.Contains(e.public.Line(""), bytes.TrimSpace(out)[:60]) {
				t.Errorf("%s %v: %v: %s", kind, args, err, out)
			}
		}
	}
}

// TestCodesFitThePage wants codes that are not denser than a phone reads from paper.
func TestCodesFitThePage(t *testing.T) {
	e := get(t, keys.KindRSA4096)
	content, _ := sealed(t, e.payload, "")
	parts, err := splitParts(content)
	check(t, err)
	for _, text := range parts {
		d, err := drawQR(text)
		check(t, err)
		if d.size > 89 {
			t.Errorf("%d letters make a code of %d modules", len(text), d.size)
		}
	}
	if _, err := splitParts(make([]byte, maxCode)); err == nil {
		t.Error("any length fits")
	}
	if _, err := typedLines(make([]byte, maxCode)); err == nil {
		t.Error("any length can be typed")
	}
}
