//go:build linux

package acceptance

import (
	"archive/zip"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestDocuments looks for secrets in documents and databases as programs write them: cut in pieces where the spelling is checked, in a cell
// beside its name, in a column below it.
func TestDocuments(t *testing.T) {
	h := &history{rand: rand.New(rand.NewPCG(42, 3))}
	dir, secret := t.TempDir(), h.secret()
	half := len(secret) / 2
	password := "Tr5" + "_" + secret[half:half+9]
	run := func(text string) string { return "<w:r><w:t>" + text + "</w:t></w:r>" }
	cell := func(text string) string { return "<w:tc><w:p>" + run(text) + "</w:p></w:tc>" }
	for name, text := range map[string]string{
		"cut.docx":   "<w:p>" + run("use "+secret[:half]) + `<w:proofErr w:type="spellStart"/>` + run(secret[half:]) + "</w:p>",
		"table.docx": "<w:tbl><w:tr>" + cell("Password") + cell(password) + "</w:tr></w:tbl>",
	} {
		file, err := os.Create(filepath.Join(dir, name))
		must(t, err)
		z := zip.NewWriter(file)
		w, err := z.Create("word/document.xml")
		must(t, err)
		_, err = io.WriteString(w, "<w:document><w:body>"+text+"</w:body></w:document>")
		must(t, err)
		must(t, z.Close())
		must(t, file.Close())
	}
	cmd := exec.Command("sqlite3", filepath.Join(dir, "app.db"), "CREATE TABLE users(name, password); INSERT INTO users VALUES('ann', '"+password+"')")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s := scanLimited(t, dir, nil, "--no-ignore", ".")
	for path, want := range map[string]string{"cut.docx!word/document.xml!text": secret, "table.docx!word/document.xml!text": password, "app.db!users": password} {
		if !s.in(path, want) {
			t.Errorf("%s: the secret is not found", path)
		}
	}
	if s.code != exitFindings || len(s.Errors) > 0 {
		t.Errorf("exit code %d, %v", s.code, s.Errors)
	}
}
