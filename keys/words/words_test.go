package words

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestListIsTheStandards(t *testing.T) {
	const want = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda" // of english.txt in BIP-39
	if got := sha256.Sum256([]byte(english)); hex.EncodeToString(got[:]) != want {
		t.Errorf("the list of words was changed: SHA-256 %x", got)
	}
	if len(list()) != Count || !slices.IsSorted(list()) {
		t.Errorf("%d words, sorted %v", len(list()), slices.IsSorted(list()))
	}
}

func TestVectors(t *testing.T) {
	file, err := os.Open("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	tested := 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		entropy, want, _ := strings.Cut(lines.Text(), " ")
		if entropy == "#" {
			continue
		}
		secret, err := hex.DecodeString(entropy)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Encode(secret); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v; want %q", entropy, got, err, want)
		}
		if got, err := Decode([]byte(want)); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("%s: read back as %x, %v", entropy, got, err)
		}
		tested++
	}
	if tested < 20 {
		t.Errorf("only %d vectors", tested)
	}
}

func TestEncodeRefusesOtherLengths(t *testing.T) {
	for n := range 70 {
		_, err := Encode(make([]byte, n))
		if fits := n >= 16 && n <= 32 && n%4 == 0; (err == nil) != fits || !fits && !errors.Is(err, ErrLength) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

// TestDecodeIsTolerant reads the same words as people write them.
func TestDecodeIsTolerant(t *testing.T) {
	secret := random(1)
	plain := text(t, secret)
	all := strings.Fields(plain)
	var numbered, short, table, reversed strings.Builder
	for i, w := range all {
		fmt.Fprintf(&numbered, "%d. %s\n", i+1, w)
		short.WriteString(w[:min(len(w), 4)] + ", ")
		fmt.Fprintf(&reversed, "%d)%s ", 24-i, all[23-i])
	}
	for i := range 12 {
		fmt.Fprintf(&table, "%02d %s | %2d %s\r\n", i+1, all[i], i+13, all[i+12])
	}
	for name, typed := range map[string]string{
		"upper case": strings.ToUpper(plain), "spaces": "  " + strings.Join(all, " \t\n ") + "\n", "numbers": numbered.String(),
		"four letters": short.String(), "two columns, row by row": table.String(), "backwards by number": reversed.String(),
	} {
		if got, err := Decode([]byte(typed)); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDecodeTellsWhatIsWrong(t *testing.T) {
	all := strings.Fields(text(t, random(2)))
	with := func(i int, word string) string {
		changed := slices.Clone(all)
		changed[i] = word
		return strings.Join(changed, " ")
	}
	numbered := func(first int) (s string) {
		for i, w := range all {
			s += fmt.Sprintf("%d %s ", max(i+1, first), w)
		}
		return s
	}
	for _, test := range []struct{ name, typed, want string }{
		{"a word not in the list", with(6, "abandom"), "word 7 is not in the list of words"},
		{"swapped letters", with(0, "cta"), "word 1 is not in the list of words"},
		{"nothing near", with(23, "qqqqqqq"), "word 24 is not in the list of words"},
		{"two wrong words", strings.Replace(with(3, "zooo"), all[0], "qqqqqqq", 1), "word 1 is not in the list of words\nword 4 is not in the list of words"},
		{"a word missing", strings.Join(all[:23], " "), "there are 23 words"},
		{"a word too many", strings.Join(append(all[:24:24], "zoo"), " "), "there are 25 words"},
		{"nothing", "", "there are 0 words"},
		{"far too many", strings.Repeat("zoo ", 1000), "there are 65 words"},
		{"a number missing", numbered(2), "two words have the number 2, and none has the number 1"},
		{"a number too high", strings.Replace(numbered(1), "24 ", "25 ", 1), "no word has the number 24"},
	} {
		_, err := Decode([]byte(test.typed))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: %v; want %q", test.name, err, test.want)
		}
	}
}

// TestWrongListsAreTold changes one word, or swaps two neighbours, in many lists. The checksum has 8 bits: about one change in
// 256 passes, which is what the package comment says.
func TestWrongListsAreTold(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	changes, passed := 0, 0
	try := func(all []string, secret []byte) {
		changes++
		got, err := Decode([]byte(strings.Join(all, " ")))
		switch {
		case err == nil && bytes.Equal(got, secret):
			t.Fatal("other words are the same secret")
		case err == nil:
			passed++
		case !errors.Is(err, ErrChecksum):
			t.Fatal(err)
		}
	}
	for seed := range uint64(200) {
		secret := random(100 + seed)
		all := strings.Fields(text(t, secret))
		for i := range all {
			changed := slices.Clone(all)
			if changed[i] = Word(r.IntN(Count)); changed[i] != all[i] {
				try(changed, secret)
			}
			if i > 0 && all[i] != all[i-1] {
				swapped := slices.Clone(all)
				swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
				try(swapped, secret)
			}
		}
	}
	if passed*128 > changes || passed == 0 {
		t.Errorf("%d of %d changes passed the checksum; about one in 256 is expected", passed, changes)
	}
}

func TestIndexByFourLetters(t *testing.T) {
	for i, w := range list() {
		for n := min(len(w), 4); n <= len(w); n++ {
			if got, ok := Index([]byte(strings.ToUpper(w[:n]))); !ok || got != i {
				t.Fatalf("%q is read as %q", w[:n], Word(got))
			}
		}
	}
	for _, w := range []string{"", "a", "ab", "aba", "abandom", "abandons", "zzzz", "zooo", "acto\x00", "ähnl", "abandonabandon"} {
		if i, ok := Index([]byte(w)); ok {
			t.Errorf("%q is read as %q", w, Word(i))
		}
	}
	if Word(-1) != "" || Word(Count) != "" {
		t.Error("a word outside the list")
	}
}

func TestErrorsHoldNothingTyped(t *testing.T) {
	_, err := Decode([]byte(strings.Repeat("canaryword ", 24)))
	if err == nil || strings.Contains(err.Error(), "canaryword") {
		t.Errorf("error %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about")
	f.Add("1. ZOO 2. zoo, 3) zoo 4:zoo zoo zoo zoo zoo zoo zoo zoo wrong")
	f.Add(strings.Repeat("24 zoo ", 24) + "\x00\xff")
	f.Add("999999999999 abandom cta")
	f.Fuzz(func(t *testing.T, typed string) {
		before := strings.Clone(typed)
		secret, err := Decode([]byte(typed))
		if err != nil {
			return
		}
		again, err := Encode(secret)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := Decode(again); err != nil || !bytes.Equal(back, secret) || typed != before {
			t.Fatalf("%q: read back as %x, %v; want %x", again, back, err, secret)
		}
	})
}

func random(seed uint64) []byte {
	secret := make([]byte, 32)
	r := rand.New(rand.NewPCG(seed, 7))
	for i := range secret {
		secret[i] = byte(r.Uint32())
	}
	return secret
}

func text(t *testing.T, secret []byte) string {
	t.Helper()
	words, err := Encode(secret)
	if err != nil {
		t.Fatal(err)
	}
	return string(words)
}
