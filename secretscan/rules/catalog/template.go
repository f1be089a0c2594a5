package catalog

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"strings"
)

const (
	digits = "0123456789"
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// classes are the alphabets of templates: b64 is RFC 4648's without its padding, b64url the one for file names, b32 its base 32;
// b58 is Bitcoin's.
var classes = map[string]string{
	"hex": digits + "abcdef", "HEX": digits + "ABCDEF", "lower": lower, "upper": upper, "digit": digits, "alpha": lower + upper,
	"alnum": digits + lower + upper, "lalnum": digits + lower, "ualnum": digits + upper,
	"b64": upper + lower + digits + "+/", "b64url": upper + lower + digits + "-_", "b32": upper + "234567",
	"b58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
}

// expandMost is the most characters that a class of a template stands for.
const expandMost = 4096

// Expand returns a text of a template's form: {class:n} stands for n random characters of a class, {uuid} and {UUID} for a
// UUID in lower or upper case, {{ for a brace. Equal seeds give equal texts.
func Expand(template, seed string) (string, error) {
	h := fnv.New64a()
	h.Write([]byte(seed + "\x00" + template))
	rnd := rand.New(rand.NewPCG(h.Sum64(), 1))
	var b strings.Builder
	for rest := template; rest != ""; {
		plain, behind, found := strings.Cut(rest, "{")
		b.WriteString(plain)
		if !found {
			break
		}
		if rest = behind; strings.HasPrefix(rest, "{") {
			b.WriteByte('{')
			rest = rest[1:]
			continue
		}
		class, behind, closed := strings.Cut(rest, "}")
		if !closed || !writeClass(&b, class, rnd) {
			return "", fmt.Errorf("template %q: {%s} is no class: write {hex:32}, {uuid}, or {{ for a brace", template, class)
		}
		rest = behind
	}
	return b.String(), nil
}

// writeClass writes what {class} stands for, and reports whether it stands for anything.
func writeClass(b *strings.Builder, class string, rnd *rand.Rand) bool {
	switch class {
	case "uuid", "UUID":
		write(b, map[string]string{"uuid": classes["hex"], "UUID": classes["HEX"]}[class], rnd, 8, 4, 4, 4, 12)
		return true
	}
	name, count, _ := strings.Cut(class, ":")
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 || n > expandMost || classes[name] == "" {
		return false
	}
	write(b, classes[name], rnd, n)
	return true
}

// write writes groups of random characters with dashes between them.
func write(b *strings.Builder, alphabet string, rnd *rand.Rand, groups ...int) {
	for i, n := range groups {
		if i > 0 {
			b.WriteByte('-')
		}
		for range n {
			b.WriteByte(alphabet[rnd.IntN(len(alphabet))])
		}
	}
}
