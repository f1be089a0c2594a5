package backup

import (
	"bytes"
	"strings"
	"testing"

	"filippo.io/age"

	"keysweep/keys"
)

func identities(ids ...age.Identity) []age.Identity { return ids }

// FuzzParts reads any text as parts of a sheet: what comes out has the ID that it says.
func FuzzParts(f *testing.F) {
	parts, err := splitParts(bytes.Repeat([]byte("some content "), 200))
	check(f, err)
	f.Add(strings.Join(parts, "\n"))
	f.Add(strings.Join(parts[1:], " "))
	f.Add("KS1 1/1 AAAAAAAA AAAA\nKS1 99/99 0 0 0 KS1 1/1")
	f.Fuzz(func(t *testing.T, text string) {
		found, problems := readParts([]byte(text))
		content, id, err := joinParts(found, problems)
		if err == nil && len(found) > 0 && ID(content) != id {
			t.Fatalf("%q is said to be %s", content, id)
		}
		for _, p := range found {
			if again, err := readPart(strings.Fields(p.String())[1:]); err != nil || again != p {
				t.Fatalf("%v is read back as %v, %v", p, again, err)
			}
		}
	})
}

// FuzzLines reads any text as lines to type: what comes out has the ID that it says, and is written the same way again.
func FuzzLines(f *testing.F) {
	text, err := typedLines([]byte(strings.Repeat("some content ", 20)))
	check(f, err)
	f.Add(text)
	f.Add(strings.ToLower(text))
	f.Add("KS1 TEXT AAAAAAAA 1\n1 AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		content, id, err := readLines([]byte(text))
		if err != nil {
			return
		}
		again, err := typedLines(content)
		check(t, err)
		if back, _, err := readLines([]byte(again)); err != nil || !bytes.Equal(back, content) || ID(content) != id {
			t.Fatalf("%q: %v", again, err)
		}
	})
}

// FuzzManifest takes any payload apart: the key file is always a beginning of it.
func FuzzManifest(f *testing.F) {
	payload, err := Payload([]byte("a key\n"), NewManifest(nil, "comment", "keysweep test", made))
	check(f, err)
	f.Add(payload)
	f.Add([]byte("a key without a manifest\n"))
	f.Add([]byte("x\n# keysweep backup: {\"schema\":1,\"size\":2,\"public\":\"ssh-ed25519 AAAA\"}"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		keyFile, m, err := readPayload(payload)
		if err == nil && !bytes.HasPrefix(payload, keyFile) {
			t.Fatalf("%q is not in front of %q", keyFile, payload)
		}
		if m != nil {
			_ = m.Key()
		}
	})
}

// FuzzRead reads anything: a backup or an error, and what is a backup opens or says why not.
func FuzzRead(f *testing.F) {
	e := get(f, keys.KindEd25519)
	content, id := sealed(f, e.payload, "")
	page, err := Sheet(label(e), content)
	check(f, err)
	parts, err := splitParts(content)
	check(f, err)
	lines, err := typedLines(content)
	check(f, err)
	text, err := Words(e.private)
	check(f, err)
	words, err := WordSheet(label(e), text)
	check(f, err)
	for _, seed := range [][]byte{content, Armor(content), page, words, text, Numbered(text), []byte(strings.Join(parts, "\n")), []byte(lines), e.file, e.payload,
		asPNG(f, photograph(f, 2, 1, "KS1 1/1 AAAAAAAA AAAA AAAA")).Data} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := Read(Input{"fuzz", data})
		if err != nil {
			return
		}
		c, err := a.Open(id)
		if err != nil {
			return
		}
		defer c.Clear()
		_ = c.Protected()
		if _, err := c.Public(); err == nil {
			_, _ = c.Prove(e.fingerprint, nil, nil)
		}
	})
}
