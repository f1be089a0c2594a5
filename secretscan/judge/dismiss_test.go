package judge_test

import (
	"math/rand/v2"
	"testing"
)

// Parts of the forms in which something stands beside a key.
var (
	formKeys   = []string{"password", "db.pass", "apiKey", "token", "auth", "authorize", "identified", "login", "x_cred", "seed", "_key_"}
	formEnds   = []string{"", "", `"`, "'", "`", "]", `"]`, `']`, `\"`, "&quot;", "*", "?", "!", "[]", "}", `\"]`, "**", "-", "."}
	formSpaces = []string{"", "", " ", "\t", "  ", "\n", "\r\n  "}
	formSigns  = []string{"=", ":", ":=", "=>", "->", "==", "!=", "+=", "||=", "?=", "::", ",", ";", "(", ">", "<", "|", "{", "", " by ", " with x by ", ": string =", ": String? =", "</a><value>", " value=", ", value: ", " { get; set; } =", "[] =", "[8]=", "}=", ", x) values (", ") VALUES (", ", y, z)\nvalues (", ")\n VALUES ('me', ", ", err :=", "&", "!"}
	formOpens  = []string{"", "", "", "(", "[", "{", "[]byte(", "f(", "!x, ", "a|b, ", "x || ", "env.get('N', ", "String::from(", "new(a, ", "0x1, ", "N", "b", "&", "*", "s:3:", "Bearer ", "${N:-", "&mut ", "-1, ", "user, ", `"u", `, "-u, ", "+x, "}
	formValues = []string{"ab", "abc", "a<b", "", `"ab"`, `"Wq7ZpL4xR8sT1v"`, "'Wq7'", "Wq7ZpL4xR8sT1v", "`Wq7ZpL4xR8`", `\"Wq7ZpL4xR8\"`, "1,2,3,4,5,6,7,8,9", "0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0", "“Wq7ZpL4xR8”", "&quot;Wq7ZpL4xR8&quot;", "a'b'c'd'"}
	formAfter  = []string{"", ")", "}", ",", ";", "\n", `, "Wq7ZpL4xR8"`, " y", "</a>", `: "x"`}
)

// TestDismissForms goes through forms, many such as nobody writes, and wants no claim of Find's at a word that is dismissed.
func TestDismissForms(t *testing.T) {
	const tries = 60000
	rnd := rand.New(rand.NewPCG(4, 2))
	one := func(list []string) string { return list[rnd.IntN(len(list))] }
	claimed := 0
	for range tries {
		open, closing := one([]string{"", "", `"`, "'", "[\"", "(\"", "<", "-", "--", "${", "{\"", "set ", "x ", "insert into x (", "INSERT INTO x (`", "replace into t (a, "}), ""
		text := []byte(open + one(formKeys) + one(formEnds) + one(formSpaces) + one(formSigns) + one(formSpaces) + one(formOpens) + one(formOpens) + one(formValues) + one(formAfter) + closing)
		for _, c := range calls(text) {
			claims := c.find(text, c.at)
			claimed += len(claims)
			checkDismissed(t, text, c, claims, 'x')
		}
	}
	if claimed < tries/20 {
		t.Errorf("%d forms have but %d claims", tries, claimed)
	}
}
