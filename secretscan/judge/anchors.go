package judge

import "bytes"

// Words are what Find is to be called for where it stands, in any case: what the keys of credentials hold, and the calls and programs
// that take one without a key.
var Words = []string{
	"pass", "pwd", "psw", "secret", "token", "key", "auth", "cred", "identified", "private", "cookie", "session", "jwt", "seed", "otp", "sid", "ticket",
	"kennwort", "senha", "contrase", "parola", "securestring",
	"login(", "connect(", "connection(", "pdo(",
	"curl", "mysql", "mariadb", "redis-cli", "docker login", "ldapsearch",
}

// Schemes of HTTP authentication that are followed by a credential, with the space: where FindHeader is to be called.
var Schemes = []string{"bearer ", "basic "}

// URLMark is where FindURL is to be called.
const URLMark = "://"

// Claims returns the claims of a text, in no order, each value once: what Find, FindHeader and FindURL say of every word.
func Claims(text []byte) []Claim {
	var all []Claim
	seen := map[int]int{}
	add := func(list []Claim) {
		for _, c := range list {
			if i, known := seen[c.Start]; !known {
				seen[c.Start] = len(all)
				all = append(all, c)
			} else if better(c, all[i]) {
				all[i] = c
			}
		}
	}
	for i := range text {
		for _, w := range Words {
			if startsFold(text[i:], w) {
				add(Find(text, i, len(w)))
			}
		}
		for _, w := range Schemes {
			if startsFold(text[i:], w) {
				add(FindHeader(text, i, len(w)))
			}
		}
		if startsFold(text[i:], URLMark) {
			add(FindURL(text, i))
		}
	}
	return all
}

func startsFold(text []byte, word string) bool {
	return len(text) >= len(word) && bytes.EqualFold(text[:len(word)], []byte(word))
}

// better reports whether a claim says more of the same value than another.
func better(a, b Claim) bool { return len(a.Key) > len(b.Key) || a.Lane == Header && b.Lane != Header }
