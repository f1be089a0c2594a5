package backup

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"slices"
	"strings"
	"testing"

	"keysweep/keys"
	"keysweep/keys/words"
)

// TestRoundTrips writes both kinds of key in every form, and reads each back in every way that there is.
func TestRoundTrips(t *testing.T) {
	for _, kind := range []string{keys.KindEd25519, keys.KindRSA4096} {
		e := get(t, kind)
		for _, passphrase := range []string{"", "outer passphrase"} {
			content, id := sealed(t, e.payload, passphrase)
			page, err := Sheet(label(e), content)
			check(t, err)
			parts, err := splitParts(content)
			check(t, err)
			lines, err := typedLines(content)
			check(t, err)
			shuffled := slices.Clone(parts)
			slices.Reverse(shuffled)
			for name, inputs := range map[string][]Input{
				"binary":        {{"", content}},
				"armor":         {{"", Armor(content)}},
				"windows armor": {{"", bytes.ReplaceAll(Armor(content), []byte("\n"), []byte("\r\n"))}},
				"page":          {{"", page}},
				"parts":         {textInput(parts...)},
				"parts, each twice, backwards, lower case": {textInput(slices.Concat(shuffled, strings.Split(strings.ToLower(strings.Join(parts, "\n")), "\n"))...)},
				"parts in files": {textInput(shuffled[:1]...), textInput(shuffled[1:]...), textInput(shuffled[:1]...)},
				"lines":          {{"", []byte("some text\n" + strings.ToLower(lines))}},
				"a zero for O":   {{"", []byte(strings.NewReplacer("O", "0", "B", "8", "I", "1").Replace(lines[strings.Index(lines, "\n"):]))}},
			} {
				t.Run(fmt.Sprintf("%s %q %s", kind, passphrase, name), func(t *testing.T) {
					if name == "a zero for O" {
						inputs[0].Data = append([]byte(lines[:strings.Index(lines, "\n")]), inputs[0].Data...)
					}
					if len(parts) == 1 && name == "parts in files" {
						t.Fatal("one part only: nothing is put together")
					}
					proven(t, e, id, inputs...)
				})
			}
		}
	}
}

// TestPictures draws the codes of a sheet and reads them from the pictures: two rows on one, one each, swapped, as JPEG.
func TestPictures(t *testing.T) {
	for _, kind := range []string{keys.KindEd25519, keys.KindRSA4096} {
		e := get(t, kind)
		content, id := sealed(t, e.payload, "")
		parts, err := splitParts(content)
		check(t, err)
		var each []Input
		for _, p := range parts {
			each = append(each, asPNG(t, photograph(t, 4, 1, p)))
		}
		slices.Reverse(each)
		t.Run(kind+" one each, backwards", func(t *testing.T) { proven(t, e, id, each...) })
		half := min(2, len(parts))
		pages := []Input{asPNG(t, photograph(t, 5, 2, parts[:half]...))}
		for at := half; at < len(parts); at += 4 {
			pages = append(pages, asJPEG(t, photograph(t, 5, 2, parts[at:min(at+4, len(parts))]...)))
		}
		t.Run(kind+" pages", func(t *testing.T) { proven(t, e, id, pages...) })
		blank := asPNG(t, image.NewGray(image.Rect(0, 0, 300, 300)))
		t.Run(kind+" a page without codes", func(t *testing.T) {
			proven(t, e, id, append([]Input{blank}, pages...)...)
			wantDamage(t, "no QR code in the picture can be read", blank)
			wantDamage(t, "no QR code in the picture can be read", append([]Input{blank}, each[1:]...)...)
		})
		t.Run(kind+" one missing", func(t *testing.T) {
			wantDamage(t, fmt.Sprintf("part %d of %d: it is missing", len(parts), len(parts)), each[1:]...)
		})
	}
}

func wantDamage(t *testing.T, want string, inputs ...Input) {
	t.Helper()
	a, err := Read(inputs...)
	if err == nil || !IsDamage(err) || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, %v; want damage: %q", a, err, want)
	}
}

func TestDamagedPartsAreTold(t *testing.T) {
	e := get(t, keys.KindRSA4096)
	content, _ := sealed(t, e.payload, "")
	parts, err := splitParts(content)
	check(t, err)
	other, _ := sealed(t, e.payload, "")
	foreign, err := splitParts(other)
	check(t, err)
	n := len(parts)
	with := func(i int, part string) Input {
		changed := slices.Clone(parts)
		changed[i] = part
		return textInput(changed...)
	}
	flip := func(s string, i int) string {
		c := "A"
		if s[i] == 'A' {
			c = "C"
		}
		return s[:i] + c + s[i+1:]
	}
	p := parts[1]
	renumbered := strings.Replace(parts[2], fmt.Sprintf("3/%d", n), fmt.Sprintf("2/%d", n), 1)
	for _, test := range []struct {
		name string
		in   Input
		want string
	}{
		{"payload changed", with(1, flip(p, len(p)-5)), fmt.Sprintf("part 2 of %d: it is damaged", n)},
		{"checksum changed", with(1, flip(p, strings.Index(p, ID(content))+10)), fmt.Sprintf("part 2 of %d: it is damaged", n)},
		{"cut off", with(1, p[:len(p)-7]), fmt.Sprintf("part 2 of %d: it is damaged", n)},
		{"hardly anything left", with(1, p[:8]), "a part that starts with KS1: it is cut off"},
		{"left out", textInput(slices.Delete(slices.Clone(parts), 1, 2)...), fmt.Sprintf("part 2 of %d: it is missing", n)},
		{"another one with its number", with(1, renumbered), fmt.Sprintf("part 2 of %d: it is damaged", n)},
		{"twice instead", with(1, parts[0]), fmt.Sprintf("part 2 of %d: it is missing", n)},
		{"of another backup", with(1, foreign[1]), "different backups"},
		{"none whole", textInput("KS1 1/2 AAAAAAAA"), "cut off"},
		{"silly numbers", textInput("KS1 5/2 AAAAAAAA AAAA AAAA"), "the number behind KS1"},
	} {
		t.Run(test.name, func(t *testing.T) { wantDamage(t, test.want, test.in) })
	}
	good := textInput(append([]string{flip(p, len(p)-5)}, parts...)...)
	if _, err := Read(good); err != nil {
		t.Errorf("a damaged part with a good copy of it: %v", err)
	}
}

func TestDamagedLinesAreTold(t *testing.T) {
	e := get(t, keys.KindEd25519)
	content, _ := sealed(t, e.payload, "")
	text, err := typedLines(content)
	check(t, err)
	other, _ := sealed(t, e.payload, "")
	foreign, err := typedLines(other)
	check(t, err)
	all, others := strings.Split(text, "\n"), strings.Split(foreign, "\n")
	n := len(all) - 2
	edit := func(change func(lines []string) []string) Input {
		return textInput(change(slices.Clone(all))...)
	}
	for _, test := range []struct {
		name string
		in   Input
		want string
	}{
		{"a letter", edit(func(l []string) []string { l[7] = l[7][:9] + swapLetter(l[7][9:10]) + l[7][10:]; return l }), fmt.Sprintf("line 7 of %d: it is damaged", n)},
		{"two letters swapped", edit(func(l []string) []string { l[3] = swapPair(l[3]); return l }), fmt.Sprintf("line 3 of %d: it is damaged", n)},
		{"numbers swapped", edit(func(l []string) []string { l[2], l[3] = "  2"+l[3][3:], "  3"+l[2][3:]; return l }), fmt.Sprintf("line 2 of %d: it is damaged", n)},
		{"left out", edit(func(l []string) []string { return slices.Delete(l, 5, 6) }), fmt.Sprintf("line 5 of %d: it is missing", n)},
		{"of another backup", edit(func(l []string) []string { l[4] = others[4]; return l }), fmt.Sprintf("line 4 of %d: it is damaged, or of another backup", n)},
		{"another head", edit(func(l []string) []string { l[0] = others[0]; return l }), "is the ID in the first line right"},
		{"damaged head", edit(func(l []string) []string { l[0] = "KS1 TEXT"; return l }), "it is damaged: it is KS1 TEXT"},
		{"far too many lines", edit(func(l []string) []string { l[0] = "KS1 TEXT AAAAAAAA 99999999999"; return l }), "it is damaged: it is KS1 TEXT"},
		{"most left out", edit(func(l []string) []string { return l[:3] }), "and "},
	} {
		t.Run(test.name, func(t *testing.T) { wantDamage(t, test.want, test.in) })
	}
}

func swapLetter(c string) string {
	if c == "Q" {
		return "Z"
	}
	return "Q"
}

// swapPair swaps the first two neighbours that differ.
func swapPair(line string) string {
	b := []byte(line)
	for i := 4; i+1 < len(b); i++ {
		if b[i] != b[i+1] && b[i] != ' ' && b[i+1] != ' ' {
			b[i], b[i+1] = b[i+1], b[i]
			break
		}
	}
	return string(b)
}

func TestWrongPassphrasesAndIdentities(t *testing.T) {
	e := get(t, keys.KindEd25519)
	content, _ := sealed(t, e.payload, "outer passphrase")
	a, err := Read(Input{"", content})
	check(t, err)
	wrong, err := ByPassphrase([]byte("other passphrase"))
	check(t, err)
	if _, err := a.Open(wrong); !errors.Is(err, ErrPassphrase) || IsDamage(err) {
		t.Errorf("wrong passphrase: %v", err)
	}
	if lock, locked, err := a.Lock(); err != nil || !locked || !lock.Passphrase {
		t.Errorf("lock %v %v %v", lock, locked, err)
	}
	toX, mine := sealed(t, e.payload, "")
	_, other := sealed(t, e.payload, "")
	b, err := Read(Input{"", toX})
	check(t, err)
	if _, err := b.Open(other); !errors.Is(err, ErrIdentity) || !strings.Contains(err.Error(), "X25519") {
		t.Errorf("another identity: %v", err)
	}
	if _, err := b.Open(wrong); !errors.Is(err, ErrIdentity) {
		t.Errorf("a passphrase where an identity is wanted: %v", err)
	}
	c, err := b.Open(mine)
	check(t, err)
	if _, err := c.Prove(e.fingerprint, nil, []byte("wrong")); !errors.Is(err, keys.ErrPassphrase) {
		t.Errorf("wrong inner passphrase: %v", err)
	}
}

// TestDamagedAgeFiles changes one byte at a time: none may open, and all but those of the header, which a wrong passphrase could
// explain, are damage. What is changed anywhere has another ID.
func TestDamagedAgeFiles(t *testing.T) {
	e := get(t, keys.KindEd25519)
	content, id := sealed(t, e.payload, "")
	for i := range content {
		changed := bytes.Clone(content)
		changed[i] ^= 1
		a, err := Read(Input{"", changed})
		if err == nil {
			_, err = a.Open(id)
		}
		if err == nil || !IsDamage(err) && !errors.Is(err, ErrIdentity) && !errors.Is(err, ErrUnknown) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		if ID(changed) == ID(content) {
			t.Fatal("the same ID")
		}
	}
	for cut := range content {
		a, err := Read(Input{"", content[:cut]})
		if err == nil {
			_, err = a.Open(id)
		}
		if err == nil {
			t.Fatalf("cut off after %d bytes, it opens", cut)
		}
	}
	text := Armor(content)
	for _, bad := range [][]byte{text[:len(text)/2], bytes.Replace(text, text[200:201], []byte("!"), 1), append(bytes.Clone(text), "more"...)} {
		wantDamage(t, "the age file's text is damaged", Input{"", bad})
	}
}

func TestScryptFromElsewhereIsBounded(t *testing.T) {
	e := get(t, keys.KindEd25519)
	content, id := sealed(t, e.payload, "outer passphrase")
	costly := bytes.Replace(content, []byte(fmt.Sprintf(" %d\n", MinWork)), []byte(" 30\n"), 1)
	a, err := Read(Input{"", costly})
	check(t, err)
	if _, err := a.Open(id); err == nil || !strings.Contains(err.Error(), "work factor") {
		t.Errorf("%v", err)
	}
	for _, work := range []int{0, MinWork - 1, MaxWork + 1, 99} {
		if _, err := ToPassphrase([]byte("x"), work); err == nil {
			t.Errorf("work factor %d is taken", work)
		}
	}
}

func TestWordsOfAKey(t *testing.T) {
	e := get(t, keys.KindEd25519)
	text, err := Words(e.private)
	check(t, err)
	proven(t, e, nil, Input{"", text})
	proven(t, e, nil, Input{"", Numbered(text)})
	sheet, err := WordSheet(label(e), text)
	check(t, err)
	proven(t, e, nil, Input{"", sheet})
	if a, err := Read(Input{"", sheet}); err != nil || a.Form != FormSheet || a.Printed != e.fingerprint {
		t.Errorf("%v, %v", a, err)
	}
	if _, err := Words(get(t, keys.KindRSA4096).private); !errors.Is(err, ErrNoWords) {
		t.Errorf("words of an RSA key: %v", err)
	}
	all := bytes.Fields(text)
	var wrong *words.WordError
	if _, err := Read(Input{"", bytes.Replace(text, all[9], []byte("zebrra"), 1)}); !errors.As(err, &wrong) || wrong.Position != 10 || strings.Contains(err.Error(), "zeb") {
		t.Errorf("a wrong word: %v", err)
	}
	var count *words.CountError
	if _, err := Read(Input{"", bytes.Join(all[:23], []byte(" "))}); !errors.As(err, &count) || count.Got != 23 {
		t.Errorf("a missing word: %v", err)
	}
	short, err := words.Encode(make([]byte, 16))
	check(t, err)
	if _, err := Read(Input{"", short}); !errors.As(err, &count) || count.Got != 12 {
		t.Errorf("the words of something else: %v", err)
	}
	longer, err := words.Encode(bytes.Repeat([]byte{7}, 32))
	check(t, err)
	a, err := Read(Input{"", longer})
	check(t, err)
	c, err := a.Open()
	check(t, err)
	var different *DifferentError
	if _, err := c.Prove(e.fingerprint, nil, nil); !errors.As(err, &different) || different.Want != e.fingerprint {
		t.Errorf("the words of another key: %v", err)
	}
}

// TestPassedChecksumIsStillCaught takes wrong words whose checksum is right: only the fingerprint tells.
func TestPassedChecksumIsStillCaught(t *testing.T) {
	e := get(t, keys.KindEd25519)
	text, err := Words(e.private)
	check(t, err)
	all := bytes.Fields(text)
	tried := 0
	for i := range words.Count {
		all[3] = []byte(words.Word(i))
		changed := bytes.Join(all, []byte(" "))
		a, err := Read(Input{"", changed})
		if err != nil || bytes.Equal(changed, text) {
			continue
		}
		c, err := a.Open()
		check(t, err)
		var different *DifferentError
		if _, err := c.Prove(e.fingerprint, nil, nil); !errors.As(err, &different) {
			t.Fatalf("%v", err)
		}
		tried++
	}
	if tried == 0 {
		t.Error("no wrong word passed the checksum: the test shows nothing")
	}
}

func TestProofLevels(t *testing.T) {
	e := get(t, keys.KindEd25519)
	content, id := sealed(t, e.payload, "")
	a, err := Read(Input{"", content})
	check(t, err)
	c, err := a.Open(id)
	check(t, err)
	other := get(t, keys.KindRSA4096)
	again, err := e.private.MarshalOpenSSH([]byte("a new passphrase"), keys.MinRounds)
	check(t, err)
	for _, test := range []struct {
		name       string
		live, pass []byte
		want       Level
	}{
		{"opened", nil, []byte(inner), Opened}, {"the same file", e.file, nil, Same}, {"no file", nil, nil, Shown}, {"the file has changed", again, nil, Shown},
	} {
		if got, err := c.Prove(e.fingerprint, test.live, test.pass); err != nil || got != test.want {
			t.Errorf("%s: level %d, %v", test.name, got, err)
		}
	}
	for _, pass := range [][]byte{nil, []byte(inner)} {
		var different *DifferentError
		if _, err := c.Prove(other.fingerprint, other.file, pass); !errors.As(err, &different) || different.Got != e.fingerprint {
			t.Errorf("a different key: %v", err)
		}
	}
	unprotected, err := e.private.MarshalOpenSSH(nil, 0)
	check(t, err)
	plain, err := Read(Input{"", unprotected})
	check(t, err)
	if d, err := plain.Open(); err != nil || plain.Form != FormKey {
		t.Error(err)
	} else if level, err := d.Prove(e.fingerprint, nil, nil); err != nil || level != Opened {
		t.Errorf("an unprotected copy: level %d, %v", level, err)
	}
}

func TestNoBackup(t *testing.T) {
	for _, text := range []string{"", "hello", "the quick brown fox jumps over the lazy dog", "<html></html>", "\x89PNG\r\n\x1a\nxx", "\xff\xd8\xff\xe0"} {
		if a, err := Read(Input{"x", []byte(text)}); err == nil {
			t.Errorf("%q is read as %v", text, a)
		}
	}
	if _, err := Read(); !errors.Is(err, ErrUnknown) {
		t.Errorf("nothing: %v", err)
	}
}

func TestRecipientsThatWouldNotHelp(t *testing.T) {
	e := get(t, keys.KindEd25519)
	for text, want := range map[string]string{
		string(e.public.Line("")):   "the key that is being backed up",
		"AGE-SECRET-KEY-" + "1QQQQ": "which is secret",
		"age1yubikey1qqqq":          "plugins",
		"age1qqqq":                  "recipient",
		"hello":                     "neither",
		"ssh-ed25519 AAAA":          "neither",
	} {
		if _, err := ToRecipient(text, &e.public); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	rsa := get(t, keys.KindRSA4096)
	for _, pair := range [][2]*example{{e, rsa}, {rsa, e}} {
		all, err := ToRecipients([]byte("# comment\n\n"+string(pair[1].public.Line("x"))), &pair[0].public)
		check(t, err)
		content, err := Seal(pair[0].payload, all...)
		check(t, err)
		id, err := ByPrivate(pair[1].private)
		check(t, err)
		proven(t, pair[0], id, Input{"", content})
	}
	if _, err := ToRecipients([]byte("# nothing\n"), nil); err == nil {
		t.Error("no recipient is fine")
	}
}

func TestManifest(t *testing.T) {
	e := get(t, keys.KindEd25519)
	for _, file := range []string{"key\n", "key without a line end", "", "a\n# keysweep backup: {}\nb\n"} {
		payload, err := Payload([]byte(file), NewManifest(&e.public, "c", "keysweep test", made))
		check(t, err)
		got, m, err := readPayload(payload)
		if err != nil || string(got) != file || m.Fingerprint != e.fingerprint || !m.Made.Equal(made) || !m.Key().Equal(e.public) {
			t.Errorf("%q: read back as %q, %+v, %v", file, got, m, err)
		}
	}
	for _, bad := range []string{"x\n# keysweep backup: ", "x\n# keysweep backup: {\"schema\":1,\"size\":9}", "x\n# keysweep backup: {\"schema\":1,\"size\":-1}"} {
		if _, _, err := readPayload([]byte(bad)); !IsDamage(err) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	var newer *NewerError
	if _, _, err := readPayload([]byte("x\n# keysweep backup: {\"schema\":2,\"size\":2}")); !errors.As(err, &newer) {
		t.Errorf("%v", err)
	}
	if (*Manifest)(nil).Key() != nil || (&Manifest{Public: "x"}).Key() != nil {
		t.Error("a key out of nothing")
	}
}
