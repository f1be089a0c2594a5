// Command gen makes words.bin, the words that a passphrase is compared with, from the frequency lists of
// github.com/ccojocar/zxcvbn-go (MIT; see NOTICE). It is run by go generate in the folder above.
//
// The file is compressed with DEFLATE (RFC 1951). Inside, the words are sorted; each is four fields: how many bytes it shares with the one before
// (1 byte), how many follow (1 byte), those, and its rank (unsigned varint).
package main

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ccojocar/zxcvbn-go/frequency"
)

const target = "words.bin"

func main() {
	data, err := pack(merge(frequency.Lists))
	if err == nil {
		err = os.WriteFile(target, data, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// merge takes the best rank of each word over all lists. A word that has a worse rank than all words of its length together is
// no help to an attacker and is left out, and so are single characters.
func merge(lists map[string]frequency.List) map[string]uint64 {
	ranks := map[string]uint64{}
	for _, list := range lists {
		for i, word := range list.List {
			word = strings.ToLower(strings.TrimSpace(word))
			rank, length := uint64(i+1), utf8.RuneCountInString(word)
			if length < 2 || len(word) > math.MaxUint8 || float64(rank) >= math.Pow10(length) {
				continue
			}
			if old, ok := ranks[word]; !ok || rank < old {
				ranks[word] = rank
			}
		}
	}
	return ranks
}

func pack(ranks map[string]uint64) ([]byte, error) {
	var out bytes.Buffer
	z, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	var plain []byte
	before := ""
	for _, word := range slices.SortedFunc(maps.Keys(ranks), cmp.Compare) {
		n := shared(before, word)
		plain = append(plain, byte(n), byte(len(word)-n))
		plain = append(plain, word[n:]...)
		plain = binary.AppendUvarint(plain, ranks[word])
		before = word
	}
	if _, err := z.Write(plain); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
