package judge_test

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"keysweep/secretscan/judge"
)

// seeds are texts in which most forms occur; S stands for a secret.
var seeds = []string{
	"password = \"S\"\nkey: value", "- name: DB_PASSWORD\n  value: S\n", `{"tokens": ["S", "S2"], "key": 1}`, "curl -u me:S https://x", "mysql -pS",
	"Authorization: Basic bWU6cGFzcw==", "amqp://me:S@host/x", "auth=('me', 'S')", "<key>Password</key>\r\n<string>S</string>", "key := []byte{1,2,3,4,5,6,7,8,9}",
	`password=os.getenv("X", "S")`, "${PASSWORD:-S}", "Server=x;Password=S;y=z", `s:5:"token";s:1:"S";`, "token =\n  \"S\"", "pass\xff\xfe=\x00", "contraseña: S", "${PASS:0>S}", "Auth(!, 'S')",
	"INSERT INTO x (a, `token`)\nVALUES ('S', 'S');", `char key[8] = "S"`, `Key { get; } = "S"`, `key{"S"}`,
}

// call is one call of a function that finds claims.
type call struct {
	name string
	find func(text []byte, at int) []judge.Claim
	at   int
	size int
}

// calls returns all calls that a text gives reason for.
func calls(text []byte) (all []call) {
	starts := func(at int, word string) bool {
		return len(text)-at >= len(word) && bytes.EqualFold(text[at:at+len(word)], []byte(word))
	}
	for at := range text {
		for _, w := range judge.Words {
			if starts(at, w) {
				all = append(all, call{w, func(t []byte, at int) []judge.Claim { return judge.Find(t, at, len(w)) }, at, len(w)})
			}
		}
		for _, w := range judge.Schemes {
			if starts(at, w) {
				all = append(all, call{w, func(t []byte, at int) []judge.Claim { return judge.FindHeader(t, at, len(w)) }, at, len(w)})
			}
		}
		if starts(at, judge.URLMark) {
			all = append(all, call{judge.URLMark, judge.FindURL, at, len(judge.URLMark)})
		}
	}
	return all
}

// FuzzFind holds what is promised of claims for any text: they lie within it, they are the same each time, and nothing but the bytes
// that they say they go by decides on them.
func FuzzFind(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s), byte('x'))
		f.Add([]byte(strings.Repeat("y", 300)+s+strings.Repeat("z", 1500)), byte('\n'))
	}
	f.Fuzz(func(t *testing.T, text []byte, other byte) {
		text = text[:min(len(text), 4096)]
		for _, c := range calls(text) {
			claims := c.find(text, c.at)
			if !reflect.DeepEqual(claims, c.find(text, c.at)) {
				t.Fatalf("%s at %d of %q: other claims the second time", c.name, c.at, text)
			}
			for i := range claims {
				checkClaim(t, text, &claims[i])
			}
			checkDismissed(t, text, c, claims, other)
			from, to := judge.Reach(text, c.at, c.size)
			checkWindow(t, text, c, claims, from, to, other)
			for i := range claims {
				again := c.find(cut(text, claims[i].From-1, claims[i].To+1, other), c.at)
				if len(again) <= i || !reflect.DeepEqual(claims[i], again[i]) {
					t.Fatalf("%s at %d of %q: claim %+v goes by bytes out of its range", c.name, c.at, text, claims[i])
				}
			}
		}
	})
}

// checkClaim wants a claim to be right about the text, and every step on the way to its score to come to an end.
func checkClaim(t *testing.T, text []byte, c *judge.Claim) {
	if c.From < 0 || c.From > c.Start || c.Start >= c.End || c.End > c.To || c.To > len(text) || c.Value != string(text[c.Start:c.End]) {
		t.Fatalf("%q: claim %+v is not within its range", text, *c)
	}
	for kind := range judge.KindCount {
		score := judge.Default().Score(c.Lane, judge.FeaturesOf(c, judge.Kind(kind)))
		if score != score || score > 50 || score < -50 {
			t.Fatalf("%q: claim %+v has the score %g", text, *c, score)
		}
	}
}

// checkDismissed wants no claim that counts at a word that was dismissed, and a dismissal to go by the bytes that it says it goes by.
func checkDismissed(t *testing.T, text []byte, c call, claims []judge.Claim, other byte) {
	if !slices.Contains(judge.Words, c.name) || !judge.NamesKey(c.name) {
		return
	}
	password := judge.NamesPassword(c.name)
	sure, look := judge.Dismiss(text, c.at, c.size, password)
	if again, _ := judge.Dismiss(cut(text, c.at, c.at+look, other), c.at, c.size, password); sure && !again {
		t.Fatalf("%s at %d of %q: another answer by its %d bytes", c.name, c.at, text, look)
	}
	behind, back, ahead := judge.DismissBehind(text, c.at, c.size)
	if again, _, _ := judge.DismissBehind(cut(text, c.at-back, c.at+ahead, other), c.at, c.size); behind && !again {
		t.Fatalf("%s at %d of %q: another answer by %d bytes before and %d behind", c.name, c.at, text, back, ahead)
	}
	sure = sure || behind
	for i := range claims {
		if sure && (password || claims[i].Lane != judge.Password || claims[i].Sep == judge.Second && judge.NamesPair(c.name)) {
			t.Errorf("%s at %d of %q is dismissed and has the claim %+v", c.name, c.at, text, claims[i])
		}
	}
}

// checkWindow wants the same claims where everything beyond a window is something else.
func checkWindow(t *testing.T, text []byte, c call, claims []judge.Claim, from, to int, other byte) {
	if again := c.find(cut(text, from, to, other), c.at); !reflect.DeepEqual(claims, again) {
		t.Fatalf("%s at %d of %q: other claims where only text[%d:%d] is as it was:\n%+v\n%+v", c.name, c.at, text, from, to, claims, again)
	}
}

// cut returns a text of the same length in which everything before from and from to on is another byte.
func cut(text []byte, from, to int, other byte) []byte {
	out := bytes.Clone(text)
	for i := range out {
		if i < from || i >= to {
			out[i] = other
		}
	}
	return out
}
