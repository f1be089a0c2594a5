package authorized

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAdd(t *testing.T) {
	key, other := publicLine(t, "c"), publicLine(t, "o")
	for name, test := range map[string]struct{ data, want string }{
		"empty":            {"", key + "\n"},
		"newline":          {other + "\n", other + "\n" + key + "\n"},
		"no final newline": {other, other + "\n" + key + "\n"},
		"CRLF":             {other + "\r\n", other + "\r\n" + key + "\r\n"},
		"CRLF, no newline": {"# x\r\n" + other, "# x\r\n" + other + "\r\n" + key + "\r\n"},
		"a comment of it":  {"# " + key + "\n", "# " + key + "\n" + key + "\n"},
	} {
		a, err := Add([]byte(test.data), []byte("  "+key+"\r\n"))
		if err != nil || !a.Added || string(a.Data) != test.want {
			t.Errorf("%s: %q, %v", name, a.Data, err)
		}
	}
}

func TestAddPresent(t *testing.T) {
	key := publicLine(t, "c")
	data := []byte("# x\nrestrict,from=\"10.0.0.1\" " + strings.TrimSuffix(key, " c") + " other comment")
	a, err := Add(data, []byte(key))
	if err != nil || a.Added || string(a.Data) != string(data) || len(a.Present) != 1 || a.Present[0].Number != 2 || a.SameOptions(nil) {
		t.Errorf("%+v, %v", a, err)
	}
	o, err := ParseOptions(`restrict,from="10.0.0.1"`)
	if err != nil || !a.SameOptions(o) {
		t.Errorf("the options are the same: %v", err)
	}
}

func TestAddRefuses(t *testing.T) {
	key := publicLine(t, "c")
	path := filepath.Join(t.TempDir(), "k")
	sshKeygen(t, "-q", "-t", "ed25519", "-N", "", "-f", path)
	private, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{string(private), strings.ReplaceAll(string(private), "\n", " "), strings.SplitN(string(private), "\n", 2)[1], "PuTTY-User-Key-File-3: ssh-ed25519\n"} {
		if _, err := Add(nil, []byte(line)); !errors.Is(err, ErrPrivate) {
			t.Errorf("%.30q: %v", line, err)
		}
	}
	for _, line := range []string{"", "# x", key + "\n" + key, "nonsense " + key, "garbage"} {
		if a, err := Add(nil, []byte(line)); err == nil || errors.Is(err, ErrPrivate) {
			t.Errorf("%q: %+v, %v", line, a, err)
		}
	}
	if HoldsPrivate([]byte(key + " my PRIVATE KEY")) {
		t.Error("a comment is no private key")
	}
}

func TestRemove(t *testing.T) {
	key, other := publicLine(t, "same"), publicLine(t, "same")
	data := "# " + key + "\n" + key + "\r\n" + other + "\nrestrict " + key + " \nunknown " + key + "\ngarbage"
	kept, removed := Remove([]byte(data), publicOf(t, key))
	if want := "# " + key + "\n" + other + "\ngarbage"; string(kept) != want || len(removed) != 3 || removed[1].Number != 4 {
		t.Errorf("kept %q, removed %d", kept, len(removed))
	}
	if kept, removed := Remove([]byte(data), publicOf(t, publicLine(t, "same"))); string(kept) != data || removed != nil {
		t.Error("another key with the same comment was removed")
	}
}

func TestCompose(t *testing.T) {
	key := publicLine(t, "c")
	from := Parse([]byte(`restrict,command="a \"b\"" ` + key))[0]
	line, err := Compose(from.Options, from.Public, from.Comment)
	if err != nil || string(line) != `restrict,command="a \"b\"" `+key+"\n" {
		t.Errorf("%q, %v", line, err)
	}
	if line, err := Compose(nil, from.Public, "x\nssh-rsa"); err == nil {
		t.Errorf("%q", line)
	}
	if line, err := Compose(Options{{Name: "nonsense"}}, from.Public, ""); err == nil {
		t.Errorf("%q", line)
	}
}
