package rules

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
)

// ruleHead is the beginning of a rule, three lines.
const ruleHead = "[[rules]]\nid = 'acme'\nregex = '(a)'\n"

// TestErrorsTellWhere checks file, line, key, message and hint of every kind of error.
func TestErrorsTellWhere(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"syntax", "title = 'x'\nrules = [\n", "x.toml:2: not valid TOML: array is incomplete"},
		{"syntax in a line", "title = 'x'\nx = @\n", "x.toml:2: not valid TOML: unexpected character"},
		{"end of file", "title =", "x.toml:1: not valid TOML"},
		{"key twice", "title = 'x'\n\ntitle = 'y'", "x.toml:3: title: not valid TOML: the key is defined already"},
		{"table twice", "[allowlist]\npaths = ['x']\n[allowlist]", "x.toml:3: allowlist: not valid TOML: the key is defined already"},
		{"scalar for a table", "[[rules]]\nid = 'a'\nregex = 'b'\n[rules.id]\n", "x.toml:4: rules.id: not valid TOML: the key is defined already"},
		{"value for a table", "extend = 1\n[extend.path]", "x.toml:2: extend: not valid TOML: the key has a value already"},
		{"array of tables for a table", "[rules]\n[[rules]]", "x.toml:2: rules: not valid TOML: the key is defined already, and not as an array"},
		{"dotted key into a table", "[extend.x]\n[extend]\nx.y = 1", "x.toml:3: extend.x: not valid TOML: the key is defined already"},
		{"number out of range", "title = 'x'\nx = 99999999999999999999", "x.toml:2: x: not valid TOML: "},
		{"not UTF-8", "title = '\xff'", "x.toml:1: not valid TOML"},
		{"deep key", "title = 'x'\n" + strings.Repeat("a.", 40) + "b = 1", "x.toml:2: a key has more than 32 parts"},
		{"type of a string", "[[rules]]\nid = 'a'\nregex = [\n'x']", "x.toml:3: rules.regex: must be a string, not an array"},
		{"type in a list", ruleHead + "keywords = [\n'a',\n  {b = 1}]", "x.toml:6: rules.keywords: must be a string, not a table"},
		{"type of an integer", ruleHead + "secretGroup = 'one'", "x.toml:4: rules.secretGroup: must be an integer, not a string"},
		{"type of a number", ruleHead + "entropy = 2020-01-01", "x.toml:4: rules.entropy: must be a number, not a date or time"},
		{"type of a boolean", ruleHead + "skipReport = 'yes'", "x.toml:4: rules.skipReport: must be true or false, not a string"},
		{"type of a table", "extend = ['x']", "x.toml:1: extend: must be a table, not an array\nhint: write [extend] with single brackets"},
		{"type of a table in an array", "title = ''\nrules = [1]", "x.toml:2: rules: must be a table, not an integer"},
		{"array for the old allowlist", ruleHead + "[[rules.allowlist]]\npaths = ['x']", "x.toml:4: rules.allowlist: must be a table, not an array\nhint: write [rules.allowlist]"},
		{"regex", ruleHead + "path = '''\na[b'''", "x.toml:4: rules.path: rule \"acme\": the expression is not valid: missing closing ]"},
		{"lookahead", "[[rules]]\nid = 'a'\nregex = 'a(?=b)'", "x.toml:3: rules.regex: rule \"a\": the expression is not valid: invalid or unsupported Perl syntax `(?=`\nhint: `(?=` is a lookahead; RE2 has none"},
		{"negative lookbehind", "[[rules]]\nid = 'a'\nregex = '(?<!x)a'", "is a negative lookbehind; RE2 has none"},
		{"backreference", "[[rules]]\nid = 'a'\nregex = '(a)\\1'", "hint: `\\1` is a backreference; RE2 has none"},
		{"atomic group", "[[rules]]\nid = 'a'\nregex = '(?>a)'", "hint: `(?>` is an atomic group"},
		{"possessive", "[[rules]]\nid = 'a'\nregex = 'a++'", "is a possessive repetition"},
		{"end of text", "[[rules]]\nid = 'a'\nregex = 'a\\Z'", "hint: write `\\z`"},
		{"repeat", "[[rules]]\nid = 'a'\nregex = 'a{2000}'", "hint: RE2 repeats at most 1000 times"},
		{"regex of an allowlist", ruleHead + "[[rules.allowlists]]\nregexes = [\n'a',\n\n'b(c']", "x.toml:8: rules.allowlists.regexes: rule \"acme\": the expression is not valid: missing closing )"},
		{"regex of the file's allowlist", "[allowlist]\npaths = ['*']", "x.toml:2: allowlist.paths: the expression is not valid"},
		{"no id", "title = ''\n[[rules]]\nregex = 'a'", "x.toml:2: rules: a rule has no id\nhint: give the rule an id"},
		{"empty id", "[[rules]]\nid = ' '\nregex = 'a'", "x.toml:2: rules.id: a rule has no id"},
		{"nothing to find", "[[rules]]\nid = 'a'\nentropy = 3", "x.toml:2: rules.id: rule \"a\" has neither regex nor path"},
		{"group too high", ruleHead + "secretGroup = 2", "x.toml:4: rules.secretGroup: rule \"acme\": secretGroup is 2, but the expression has 1 groups\nhint: put ( )"},
		{"group negative", ruleHead + "secretGroup = -2", "x.toml:4: rules.secretGroup: rule \"acme\": secretGroup -2 is negative"},
		{"condition", ruleHead + "[[rules.allowlists]]\npaths = ['x']\ncondition = 'xor'", "x.toml:6: rules.allowlists.condition: rule \"acme\": unknown condition \"xor\"\nhint: write \"or\" or \"and\""},
		{"regexTarget", ruleHead + "[[rules.allowlists]]\nregexTarget = 'lines'\nregexes = ['x']", "x.toml:5: rules.allowlists.regexTarget: rule \"acme\": unknown regexTarget \"lines\"\nhint: write"},
		{"empty allowlist", ruleHead + "[[rules.allowlists]]\npaths = []", "x.toml:4: rules.allowlists: rule \"acme\": the allowlist is empty"},
		{"empty global allowlist", "[[allowlists]]\n", "x.toml:1: allowlists: the allowlist is empty"},
		{"both allowlists", ruleHead + "[rules.allowlist]\npaths = ['x']\n[[rules.allowlists]]\npaths = ['y']", "x.toml:4: rules.allowlist: rule \"acme\": [rules.allowlist] is deprecated and cannot stand beside"},
		{"both global allowlists", "[allowlist]\npaths = ['x']\n[[allowlists]]\npaths = ['y']", "x.toml:1: allowlist: [allowlist] is deprecated"},
		{"required without id", ruleHead + "[[rules.required]]\nwithinLines = 1", "x.toml:4: rules.required: rule \"acme\": the id of the required rule is missing"},
		{"required unknown", ruleHead + "[[rules.required]]\nid = 'acne'", "x.toml:5: rules.required.id: rule \"acme\": the required rule \"acne\" does not exist\nhint: did you mean acme?"},
		{"target rule unknown", ruleHead + "[[allowlists]]\npaths = ['x']\ntargetRules = ['acme', 'acne']", "x.toml:6: allowlists.targetRules: there is no rule \"acne\"\nhint: did you mean acme?"},
		{"minVersion", "title = ''\nminVersion = 'new'", "x.toml:2: minVersion: \"new\" is not a version of gitleaks\nhint: write it like \"v8.25.0\""},
		{"path and useDefault", "[extend]\npath = 'x'\nuseDefault = true", "x.toml:3: extend.useDefault: path and useDefault cannot both be set"},
		{"extend missing file", "[extend]\npath = 'nowhere.toml'", "x.toml:2: extend.path: cannot read the file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := Parse([]byte(tt.file), "x.toml", LoadOptions{Dir: t.TempDir()})
			var one *Error
			if err == nil || !errors.As(err, &one) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got\n%v\nwant\n%s", err, tt.want)
			}
			if one.Line == 0 || one.Column == 0 || one.File != "x.toml" {
				t.Errorf("no place: %+v", one)
			}
		})
	}
}

func TestDiagnosticsTellWhere(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"unknown key", ruleHead + "keyword = ['a']", "x.toml:4: rules.keyword: unknown key; it has no effect\nhint: did you mean keywords?"},
		{"unknown table", "[alowlist]\npaths = ['x']", "x.toml:1: alowlist: unknown key; it has no effect\nhint: did you mean allowlist?"},
		{"unknown key far from all", "[[allowlists]]\npaths = ['x']\ncolour = 'red'", "x.toml:3: allowlists.colour: unknown key; it has no effect"},
		{"unknown quoted key", "\"a\\u001b b\" = 1", `x.toml:1: "a\x1b b": unknown key`},
		{"key in two writings", "[[rules]]\nid = 'a'\nregex = 'a'\nRegex = 'b'", "x.toml:3: rules.regex: the key stands again further down"},
		{"same id", ruleHead + ruleHead, "x.toml:5: rules.id: rule \"acme\" stands in line 2 already; only this one, the last, counts"},
		{"number for a string", "[[rules]]\nid = 5\nregex = 'x'", "x.toml:2: rules.id: should be a string, not an integer; it is read as one"},
		{"string for a list", ruleHead + "keywords = 'a,b'", "x.toml:4: rules.keywords: should be an array of strings, not a string"},
		{"url", "[extend]\nurl = 'https://example.com'", "x.toml:2: extend.url: url is not supported, in gitleaks neither"},
		{"disabled unknown rule", "[extend]\nuseDefault = true\ndisabledRules = ['generic-apikey']", "x.toml:3: extend.disabledRules: there is no rule \"generic-apikey\" in the extended configuration\nhint: did you mean generic-api-key?"},
		{"disabled of nothing", "[extend]\ndisabledRules = ['x']", "x.toml:2: extend.disabledRules: nothing is extended"},
		{"newer version", "minVersion = '9.0'", "x.toml:1: minVersion: the file asks for gitleaks 9.0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, notes, err := Parse([]byte(tt.file), "x.toml", LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if len(notes) != 1 || !strings.Contains(notes[0].String(), tt.want) || notes[0].Column == 0 || notes[0].Fatal {
				t.Errorf("got\n%v\nwant\n%s", notes, tt.want)
			}
		})
	}
}

// TestAllErrorsAtOnce checks that errors do not hide each other, and that they come in the order of the file.
func TestAllErrorsAtOnce(t *testing.T) {
	_, _, err := Parse([]byte("[[rules]]\nid = 'é'\nregex = '('\npath = ')'\nentropy = [1]\n[[allowlists]]\n"), "x.toml", LoadOptions{})
	var all Errors
	if !errors.As(err, &all) || len(all) != 4 {
		t.Fatalf("got %v", err)
	}
	for i, line := range []int{3, 4, 5, 6} {
		if all[i].Line != line {
			t.Errorf("error %d is in line %d, want %d", i, all[i].Line, line)
		}
	}
}

// TestErrorsKeepAllowlistsSecret checks that an allowlist's expression, which may be a secret, is not in the message.
func TestErrorsKeepAllowlistsSecret(t *testing.T) {
	value := "(" + "hunter2hunter2"
	_, _, err := Parse([]byte("[allowlist]\nregexes = ['"+value+"', '"+value+"(?=']\n"), "x.toml", LoadOptions{})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestColumnsCountCharacters(t *testing.T) {
	_, _, err := Parse([]byte("allowlist.paths = ['äöü', '(']"), "x.toml", LoadOptions{})
	var one *Error
	if !errors.As(err, &one) || one.Line != 1 || one.Column != 27 {
		t.Errorf("got %+v, want column 27", one)
	}
}

func TestUnreadableAndLargeFiles(t *testing.T) {
	dir := t.TempDir()
	_, _, err := Load(dir+"/nothing.toml", LoadOptions{})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "nothing.toml: read configuration: ") {
		t.Errorf("missing file: %v", err)
	}
	if _, _, err = Load(dir, LoadOptions{}); err == nil {
		t.Error("a directory was read")
	}
	large := "title = '" + strings.Repeat("x", maxFileSize) + "'"
	if _, _, err = Parse([]byte(large), "x.toml", LoadOptions{}); err == nil || !strings.Contains(err.Error(), "more than 8 MiB") {
		t.Errorf("large file: %.200v", err)
	}
	if _, _, err = Parse([]byte("\ufeff"+ruleHead), "x.toml", LoadOptions{}); err != nil {
		t.Errorf("byte order mark: %v", err)
	}
}
