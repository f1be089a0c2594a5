package catalog

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// good is a kind of either form, as the tests of errors change it.
const good = `[[kind]]
id = "acme-token"
title = "ACME token"
provider = "ACME"
severity = "high"
why = "Opens the gate."
rotate = "https://acme.example/rotate"
source = "https://acme.example/docs"
token = 'acme_[a-z]{20}'
examples = ["acme_{lower:20}", "acme_a{lower:19}"]
near = ["acme_{lower:10}"]

[[kind]]
id = "beta-key"
title = "Beta key"
provider = "Beta"
severity = "low"
why = "Opens the other gate."
rotate = "https://beta.example/rotate"
source = "https://beta.example/docs"
names = ["beta"]
value = '[a-f0-9]{32}'
entropy = 3.0
examples = ["BETA_KEY={hex:32}", 'beta.key: "{hex:32}"']
near = ["BETA_KEY={hex:20}"]
`

func read(text string) ([]Kind, error) {
	return Read(fstest.MapFS{"test.toml": {Data: []byte(text)}})
}

func TestRead(t *testing.T) {
	kinds, err := read(good)
	if err != nil || len(kinds) != 2 {
		t.Fatalf("%d kinds, %v", len(kinds), err)
	}
	a, b := kinds[0], kinds[1]
	if a.ID != "acme-token" || a.Line != 1 || a.Sector() != "test" || len(a.Examples) != 2 || a.Severity.String() != "high" {
		t.Errorf("got %+v", a)
	}
	if b.Line != 13 || b.Entropy != 3 || len(b.Keys) != len(defaultKeys()) {
		t.Errorf("got %+v", b)
	}
}

func TestReadErrors(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"unknown key", `severity = "low"`, "severity = \"low\"\ncolour = \"red\"", `test.toml:18: there is no key "colour"`},
		{"twice", `severity = "low"`, "severity = \"low\"\nseverity = \"high\"", `test.toml:18: the key "severity" stands twice`},
		{"missing", `provider = "ACME"`, "", `test.toml:1: kind "acme-token": provider is missing`},
		{"no severity", `severity = "high"`, "", "severity is missing"},
		{"severity", `"high"`, `"info"`, "test.toml:5: severity: one of"},
		{"http", "https://acme.example/rotate", "http://acme.example/rotate", "is not an https page"},
		{"star", "[a-z]{20}", "[a-z]*", "repeats without a bound"},
		{"plus", "[a-z]{20}", "[a-z]+", "repeats without a bound"},
		{"open", "[a-f0-9]{32}", "[a-f0-9]{32,}", "repeats without a bound"},
		{"group", "[a-z]{20}", "([a-z]{20})", "captures"},
		{"border", "acme_[a-z]", `\bacme_[a-z]`, "the generator adds those"},
		{"any", "[a-z]{20}", `.{20}`, "name the alphabet"},
		{"bad expression", "[a-z]{20}", `[a-z{20}`, "missing closing ]"},
		{"empty match", "acme_[a-z]{20}", `(?:acme)?`, "matches the empty text"},
		{"same id", "beta-key", "acme-token", `test.toml:13: kind "acme-token": stands in test.toml:1 already`},
		{"order", "beta-key", "aaa-key", `is out of order, it belongs before "acme-token"`},
		{"id", "beta-key", "Beta_key", "an id is made of"},
		{"both forms", `names = ["beta"]`, `token = "x_[a-z]{9}"` + "\nnames = [\"beta\"]", "either token, or names and value"},
		{"no names", `names = ["beta"]`, "", "either token, or names and value"},
		{"name", `["beta"]`, `["BETA"]`, `the name "BETA"`},
		{"short name", `["beta"]`, `["bet"]`, `the name "bet"`},
		{"list", `["beta"]`, `"beta"`, "test.toml:21: names: an array"},
		{"number", "entropy = 3.0", "entropy = 30.0", "test.toml:23: entropy: a number"},
		{"template", "{lower:20}", "{lowest:20}", "{lowest:20} is no class"},
		{"one example", `["acme_{lower:20}", "acme_a{lower:19}"]`, `["acme_{lower:20}"]`, "at least two examples"},
		{"other table", "[[kind]]\nid = \"beta-key\"", "[[sort]]\nid = \"beta-key\"", "test.toml:13: only tables [[kind]]"},
		{"syntax", `id = "beta-key"`, `id = beta-key`, "test.toml:14: "},
		{"before", "[[kind]]\nid = \"acme-token\"", "id = \"acme-token\"", "stands before the first"},
		{"period", `"Beta key"`, `"Beta key."`, "without a period"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(good, tt.old) {
				t.Fatalf("the test changes nothing: %q", tt.old)
			}
			_, err := read(strings.Replace(good, tt.old, tt.new, 1))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestExpand(t *testing.T) {
	for template, want := range map[string]string{
		"a{hex:4}b":     `^a[0-9a-f]{4}b$`,
		"{HEX:40}":      `^[0-9A-F]{40}$`,
		"{uuid}/{UUID}": `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$`,
		"{{{digit:2}}":  `^\{[0-9]{2}\}$`,
		"plain":         `^plain$`,
		"{b58:200}":     `^[^0OIl]{200}$`,
	} {
		got, err := Expand(template, "seed")
		if again, _ := Expand(template, "seed"); err != nil || again != got || !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("Expand(%q) = %q, %v", template, got, err)
		}
	}
	if a, _ := Expand("{hex:32}", "a"); strings.Count(a, a[:1]) == len(a) {
		t.Errorf("not random: %q", a)
	}
	for _, bad := range []string{"{hex:0}", "{hex:5000}", "{hex", "{hex}", "{sex:3}", "{uuid:3}", "{hex:-1}", "{}"} {
		if got, err := Expand(bad, ""); err == nil {
			t.Errorf("Expand(%q) = %q, want an error", bad, got)
		}
	}
}

// TestExpression shows what is put around tokens of several alphabets.
func TestExpression(t *testing.T) {
	for token, want := range map[string]string{
		`acme_[a-z]{20}`:              `\b(?:acme_[a-z]{20})\b`,
		`acme_[a-z-]{20}`:             `\b(acme_[a-z-]{20})(?:[^\w\-]|$)`,
		`\$acme_[a-z]{20}`:            `(?:\$acme_[a-z]{20})\b`,
		`acme_[a-z]{20}==`:            `\b(?:acme_[a-z]{20}==)\B`,
		`acme_[a-z]{20}={0,2}`:        `\b(acme_[a-z]{20}={0,2})(?:[^\w=]|$)`,
		`[a-z/+]{20}ACME[AQ]`:         `(?:^|[^\w+/]|\b)([a-z/+]{20}ACME[AQ])\b`,
		`acme_[a-z]{20}|emca-[.a-z]x`: `\b(?:acme_[a-z]{20}|emca-[.a-z]x)\b`,
	} {
		k := Kind{Token: token}
		if got := k.Expression(); got != want {
			t.Errorf("%s becomes\n%s, want\n%s", token, got, want)
		}
	}
}

// TestValueStandsBesideItsName goes through the ways in which an assignment is written.
func TestValueStandsBesideItsName(t *testing.T) {
	k := Kind{Names: []string{"acme", "zkteco"}, Keys: []string{"key", "token"}, Value: `[a-f0-9]{16}`}
	re := regexp.MustCompile(k.Expression())
	value := strings.Repeat("0f1e", 4)
	for _, line := range []string{
		"ACME_API_KEY=@", "ACME_KEY_1=@", "export AcmeKey='@'", `acme.api.key = "@"`, "acme-token: @", `"acme": {"prod": {"token": "@"}}`,
		`{"acmeKey":"@"}`, `{\"acmeKey\":\"@\"}`, `acme_token := "@"`, "ENV ACME_TOKEN @", "--acme-token @", "--acme-token=@",
		`define('ACME_KEY', '@');`, `'acme_key' => '@',`, `const ACME_TOKEN: &'static str = "@";`, `let acmeKey: string = "@"`,
		`var acmeKey string = "@"`, `acmeKey := os.Getenv("X") ; acmeKey = "@"`, `os.environ.get("ACME_KEY", "@")`, `process.env.ACME_KEY || "@"`,
		`<add key="AcmeKey" value="@"/>`, "<acmeKey>@</acmeKey>", "- name: ACME_KEY\n  value: @", `{"name": "ACME_KEY", "value": "@"}`,
		"${ACME_KEY:-@}", `acme_auth_token: "Bearer @"`, `new Acme({apiKey: "@"})`, `https://api.acme.com/v1?key=@&x=1`, "ZKTECO_KEY=@", "zkteco_key=@",
		`Acme::Client.new(token: '@')`, "acme_key=`@`", "$acme['token'] = '@'", "acme_key = [\"@\"]",
	} {
		m := re.FindStringSubmatch(strings.ReplaceAll(line, "@", value))
		if m == nil || m[1] != value {
			t.Errorf("%s: got %q", line, m)
		}
	}
	for _, line := range []string{
		"FOO_KEY=@", "ACME_ID=@", "ACME_KEY=0@", "ACME_KEY=@0", "ACME_KEY=@_", "acme\nkey=@", "acme_url=x; key=@", "acme_id = 1, key = @",
		"acme_key(x) + y = @", "acme " + strings.Repeat("far ", 12) + " key=@",
	} {
		if m := re.FindString(strings.ReplaceAll(line, "@", value)); m != "" {
			t.Errorf("%s: got %q", line, m)
		}
	}
}
