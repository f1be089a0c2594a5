package main

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
)

// author makes up text. Its words are those of source code often enough that a scanner has something to look at.
type author struct {
	*rand.Rand
	words []string
}

func newAuthor(seed, of uint64) *author {
	a := &author{Rand: rand.New(rand.NewPCG(seed, of))}
	a.words = strings.Fields("key keys token password secret api auth client id return value config name string error context if for")
	for range 3000 {
		a.words = append(a.words, a.letters(2+a.IntN(9), "etaoinshrdlucmfwypvbgkqjxz"))
	}
	return a
}

func (a *author) letters(n int, from string) string {
	var b strings.Builder
	for range n {
		_ = b.WriteByte(from[a.IntN(len(from))])
	}
	return b.String()
}

func (a *author) word() string { return a.words[a.IntN(len(a.words))] }

// The lines of the files, each with its line end.

func (a *author) source() string {
	return fmt.Sprintf("\t%s.%s = %s(%s, %q, %d)\n", a.word(), a.word(), a.word(), a.word(), a.word()+" "+a.word(), a.IntN(1e6))
}

func (a *author) row() string {
	return fmt.Sprintf("%d,%s %s,%s@example.com,20%02d-%02d-%02d,%d.%02d\n",
		a.IntN(1e8), a.word(), a.word(), a.word(), a.IntN(30), 1+a.IntN(12), 1+a.IntN(28), a.IntN(1e5), a.IntN(100))
}

func (a *author) locked() string {
	sum := make([]byte, 64)
	for i := range sum {
		sum[i] = byte(a.Uint32())
	}
	return fmt.Sprintf("    %q: {\"version\": \"%d.%d.%d\", \"integrity\": \"sha512-%s\"},\n",
		a.word()+"-"+a.word(), a.IntN(20), a.IntN(50), a.IntN(9), base64.StdEncoding.EncodeToString(sum))
}

// minified is a line of a bundle: some thousand characters.
func (a *author) minified() string {
	var b strings.Builder
	for b.Len() < 4000 {
		_, _ = fmt.Fprintf(&b, "function %s(e,t){return e.%s?t(%q):%d}", a.letters(2, "abcdefgh"), a.word(), a.word(), a.IntN(1e4))
	}
	return b.String() + "\n"
}

// secret is a line with a fake access key id, put together here so that no file of ours holds one.
func (a *author) secret() string {
	return fmt.Sprintf("aws_access_key_id = %s\n", "AKI"+"A"+a.letters(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
}
