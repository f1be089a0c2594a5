package passphrase

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	known := []string{"ann", "laptop.example.org", "github", "ann@laptop work key"}
	for pass, want := range map[string]string{
		"":                              "it is empty",
		"x":                             "it has 1 characters",
		"password":                      "one word that is tried early",
		"drowssap":                      "one word",
		"P4$$w0rd":                      "one word",
		"correct horse battery staple":  "a sentence or an example",
		"Correct-Horse-Battery-Staple!": "a sentence or an example",
		"correcthorsebatterystaple2026": "a sentence or an example",
		"c0rrect h0rse battery st4ple":  "a sentence or an example",
		"qwertyuiopasdfghjkl":           "a walk over the keyboard",
		"1qaz2wsx3edc4rfv5tgb":          "a walk over the keyboard",
		"yxcvbnm,.-öäölkj":              "a walk over the keyboard",
		"aaaaaaaaaaaaaaaaaaaaaaaa":      "the same thing again",
		"abcabcabcabcabcabcabc":         "the same thing again",
		"Passw0rd!Passw0rd!":            "the same thing again",
		"abcdefghijklmnopqrstuvwxyz":    "in order",
		"31.12.1999 01.01.2000":         "a date or a year",
		"laptop.example.org ann":        "a name that everyone can know",
		"GitHub github GITHUB":          "a name that everyone can know",
		"ann@laptop work key1":          "a name that everyone can know",
		"iloveyou sweetheart":           "few and common words",
		"line one of two\nline two":     "control character",
		"xk#9Q!v2Lw&8":                  "it has 12 characters",
		strings.Repeat("ab", 5000):      "the same thing again",
	} {
		err := Check([]byte(pass), known)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q (%+v)", pass, err, want, Estimate([]byte(pass), known))
		}
		var weak *Weakness
		if pass != "" && (!errors.As(err, &weak) || weak.Hint() == "") {
			t.Errorf("%.40q: no help", pass)
		}
		if err != nil && len(pass) > 2 && strings.Contains(err.Error(), pass) {
			t.Errorf("%.40q: the message shows it", pass)
		}
	}
	for _, pass := range []string{
		"scrubbed unkind vanity mammal oblong", "kJ8#mQ2$vL9!xR4&", "die Katze frisst lila Wolken am Montagmorgen",
		"корова летит над синим морем вечером", "馬が青い海の上を夜に飛んでいます静かに", "mushroom-orbit-velvet-cactus-thunder",
	} {
		if err := Check([]byte(pass), known); err != nil {
			t.Errorf("%q is refused: %v (%+v)", pass, err, Estimate([]byte(pass), known))
		}
	}
}

func TestGenerate(t *testing.T) {
	seen := map[string]bool{}
	for range 50 {
		pass, spans, err := Generate(GeneratedWords)
		if err != nil {
			t.Fatal(err)
		}
		if err := Check(pass, nil); err != nil {
			t.Errorf("%q is refused: %v", pass, err)
		}
		words := bytes.Fields(pass)
		if len(words) != GeneratedWords || len(spans) != GeneratedWords {
			t.Fatalf("%q has %d words, %d spans", pass, len(words), len(spans))
		}
		for i, s := range spans {
			if !bytes.Equal(pass[s[0]:s[1]], words[i]) {
				t.Errorf("span %d of %q is %q", i, pass, pass[s[0]:s[1]])
			}
		}
		seen[string(pass)] = true
	}
	if len(seen) != 50 {
		t.Errorf("only %d different passphrases", len(seen))
	}
}

func TestPick(t *testing.T) {
	counts := map[int]int{}
	for range 600 {
		picked, err := Pick(2, 6)
		if err != nil || len(picked) != 2 || picked[0] >= picked[1] || picked[0] < 0 || picked[1] > 5 {
			t.Fatal(picked, err)
		}
		counts[picked[0]]++
		counts[picked[1]]++
	}
	for i := range 6 {
		if counts[i] < 100 { // 200 are expected
			t.Errorf("number %d was picked %d times", i, counts[i])
		}
	}
}

func TestPassphraseIsNotChanged(t *testing.T) {
	pass := []byte("Some Passphrase, 12.12.2012 qwerty")
	before := bytes.Clone(pass)
	_ = Check(pass, []string{"some"})
	if !bytes.Equal(pass, before) {
		t.Errorf("%q became %q", before, pass)
	}
}

// FuzzCheck wants an answer to every input, and what is added never to make a passphrase easier by much.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{"", "aaaa", "correct horse battery staple", "1/1/1991", "qwerty\x00", "\xff\xfe\xff", "7777777777777777", "Ж1!|7lLt+"} {
		f.Add([]byte(s), "ann@host")
	}
	f.Fuzz(func(t *testing.T, pass []byte, known string) {
		s := Estimate(pass, []string{known})
		if !(s.Guesses >= 1) || s.Score < 0 || s.Score > 4 {
			t.Errorf("%q: %+v", pass, s)
		}
		if err := Check(pass, []string{known}); err == nil && s.Score != 4 {
			t.Errorf("%q with score %d passes", pass, s.Score)
		}
	})
}

func TestWordTable(t *testing.T) {
	c := common()
	if len(c.ends) < 50000 {
		t.Fatalf("only %d words", len(c.ends))
	}
	for i := 1; i < len(c.ends); i++ {
		if bytes.Compare(c.word(i-1), c.word(i)) >= 0 {
			t.Fatalf("%q before %q", c.word(i-1), c.word(i))
		}
	}
	for word, want := range map[string]uint32{"password": 1, "you": 1, "123456": 2} {
		s := c.all()
		for i := range len(word) {
			s = c.next(s, i, word[i])
		}
		if rank, ok := c.rank(s, len(word)); !ok || rank != want {
			t.Errorf("%s has rank %d, %v; want %d", word, rank, ok, want)
		}
	}
}
