package authorized

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// odd is an authorized_keys file with everything that is found in one.
func odd(key, other string) string {
	bare := strings.Join(strings.Fields(key)[:2], " ")
	return strings.Join([]string{
		"# a comment", "", "   ", key, "restrict " + bare,
		`command="echo \"a b\" c\ d",no-pty,from="10.0.0.0/8,!10.0.0.1" ` + other,
		`environment="A=b c",Expiry-Time="20300101Z",permitopen="h:1",permitopen="h:2" ` + key,
		"cert-authority,principals=\"ann,bob\"\t" + key, key + "\r", "garbage line", "ssh-ed25519 AAAAdamaged me", "ssh-rsa " + strings.Fields(key)[1],
		`command="unclosed ` + key, "unknown-option " + key, `restrict,, ` + key, `# x ` + key, `no-touch-required,verify-required ` + other,
		`restrict ` + strings.Repeat("x", 70000),
	}, "\n")
}

// TestParseLikeSSHKeygen leaves out keys without a comment behind longer lines: ssh-keygen 9.2 shows a letter of those then.
func TestParseLikeSSHKeygen(t *testing.T) {
	key := publicLine(t, "ann@example.org")
	for _, data := range []string{odd(key, publicLine(t, "with several words")), "\t " + strings.TrimSuffix(key, " ann@example.org") + "\n# x"} {
		likeSSHKeygen(t, data)
	}
}

func likeSSHKeygen(t *testing.T, data string) {
	t.Helper()
	var got strings.Builder
	for _, l := range Parse([]byte(data)) {
		if l.Kind == Entry {
			got.WriteString(shown(l.Public, l.OptionsText, l.Comment))
		}
	}
	if want := strings.ReplaceAll(fingerprints(t, data), "\r", ""); got.String() != want {
		t.Errorf("we say %q\nssh-keygen says %q", got.String(), want)
	}
}

func TestParseKinds(t *testing.T) {
	key := publicLine(t, "c")
	for line, want := range map[string]struct {
		kind   Kind
		usable bool
		err    string
	}{
		"":                                   {Blank, false, ""},
		"#x":                                 {Comment, false, ""},
		key:                                  {Entry, true, ""},
		"restrict " + key:                    {Entry, true, ""},
		"RESTRICT,No-PTY " + key:             {Entry, true, ""},
		"nonsense " + key:                    {Entry, false, "not known"},
		`command="a",command="b" ` + key:     {Entry, false, "twice"},
		`command=a ` + key:                   {Entry, false, "quotation marks"},
		`command="a"b ` + key:                {Entry, false, "comma"},
		`restrict="x" ` + key:                {Entry, false, "no value"},
		`restrict, ` + key:                   {Entry, false, "comma"},
		`expiry-time="2030" ` + key:          {Entry, false, "expiry-time"},
		`environment="=x" ` + key:            {Entry, false, "NAME=value"},
		`command="a ` + key:                  {Unknown, false, "not a public key"},
		"restrict ssh-ed25519 AAAAx":         {Unknown, false, "base64"},
		strings.Replace(key, "AAAA", "B", 1): {Unknown, false, "not a public key"},
	} {
		if line == "" {
			line = "\n"
		}
		l := Parse([]byte(line))[0]
		if l.Kind != want.kind || l.Usable() != want.usable || (l.Err != nil) != (want.err != "") || l.Err != nil && !strings.Contains(l.Err.Error(), want.err) {
			t.Errorf("%.60q: %s usable %v, %v; want %+v", line, l.Kind, l.Usable(), l.Err, want)
		}
	}
}

func TestOptions(t *testing.T) {
	text := `restrict,command="say \"hi\"",from="*.example,!bad"`
	o, err := ParseOptions(text)
	if err != nil || o.String() != text {
		t.Fatalf("%q: %v", o, err)
	}
	if v, ok := o.Get("COMMAND"); !ok || v != `say "hi"` {
		t.Errorf("command is %q", v)
	}
	with := o.With(Option{Name: "From", Value: "10.0.0.1", Valued: true}).With(Option{Name: "pty"}).Without("command")
	if with.String() != `restrict,from="10.0.0.1",pty` || o.String() != text {
		t.Errorf("changed: %s, the old ones %s", with, o)
	}
}

func TestExpiry(t *testing.T) {
	zone := time.FixedZone("x", 3600)
	for text, want := range map[string]string{
		`expiry-time="20300102"`: "2030-01-01T23:00:00Z", `expiry-time="20300102Z"`: "2030-01-02T00:00:00Z", `expiry-time="203001020304"`: "2030-01-02T02:04:00Z",
		`expiry-time="20300102030405UTC",restrict,expiry-time="20290102Z"`: "2029-01-02T00:00:00Z", "restrict": "",
	} {
		o, err := ParseOptions(text)
		if err != nil {
			t.Fatal(err)
		}
		at, ok := o.Expiry(zone)
		if ok != (want != "") || ok && at.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: %v %v, want %s", text, at, ok, want)
		}
	}
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, zone)
	if back, ok := (Options{ExpiryOption(at)}).Expiry(nil); !ok || !back.Equal(at) {
		t.Errorf("written and read: %v", back)
	}
}

func FuzzAuthorized(f *testing.F) {
	key, other := publicLine(f, "a"), publicLine(f, "b")
	f.Add([]byte(odd(key, other)))
	f.Add([]byte(key))
	f.Add([]byte("restrict " + key + "\r\n\r\n" + other))
	public := publicOf(f, key)
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := Parse(data)
		if !bytes.Equal(Join(lines), data) {
			t.Fatal("the lines, joined, are not the data")
		}
		for _, l := range lines {
			if l.Kind == Entry && l.Err == nil {
				if o, err := ParseOptions(l.Options.String()); err != nil || o.String() != l.Options.String() {
					t.Errorf("options %q became %q: %v", l.OptionsText, o, err)
				}
			}
		}
		kept, removed := Remove(data, public)
		if len(Find(kept, public)) != 0 || len(kept) > len(data) || len(removed) == 0 && !bytes.Equal(kept, data) {
			t.Errorf("%d removed", len(removed))
		}
		a, err := Add(kept, []byte(key))
		if err != nil || !a.Added || len(Find(a.Data, public)) != 1 || !bytes.HasPrefix(a.Data, kept) {
			t.Fatalf("added: %+v, %v", a.Present, err)
		}
		if again, err := Add(a.Data, []byte(key)); err != nil || again.Added || !bytes.Equal(again.Data, a.Data) {
			t.Errorf("added twice: %v", err)
		}
	})
}
