package sshconfig

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keysweep/internal/testneed"
)

// sshG returns what ssh would do for a host, or what is wrong with the configuration.
func sshG(t testing.TB, config []byte, host string) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(testneed.Program(t, "ssh"), "-G", "-F", file, host).CombinedOutput()
	return string(out), err
}

// values returns what ssh -G says of an option.
func values(out, keyword string) (found []string) {
	for line := range strings.Lines(out) {
		if value, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), keyword+" "); ok {
			found = append(found, value)
		}
	}
	return found
}

// configOf makes up a configuration that ssh accepts.
func configOf(r *rand.Rand) string {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	options := func(b *strings.Builder) {
		for range r.IntN(4) {
			b.WriteString(pick("", "  ", "\t") + pick(
				"User bob", "user=\"carol\"", "Port 2200", "IdentityFile ~/.ssh/other", "IdentityFile=\"/keys/a b\"", "IdentitiesOnly no",
				"ForwardAgent no # comment", "HostName = elsewhere.example", "AddKeysToAgent yes", "", "# User nobody", "CertificateFile ~/.ssh/c-cert.pub",
				"SendEnv LANG LC_*", "IdentityFile none", "Include /nonexistent/x*") + "\n")
		}
	}
	var b strings.Builder
	if r.IntN(2) == 0 {
		options(&b)
	}
	for range r.IntN(5) {
		b.WriteString(pick("", "\n", "# about this\n") + pick("Host *", "Host web", "host=db web", "Host *.example !new.example", "HOST \"quoted\"", "Match all", "Match host web",
			"Match originalhost db,new", "Host ! web", "Host n*", "Match final all", "Match user bob") + "\n")
		options(&b)
	}
	text := b.String()
	if r.IntN(4) == 0 {
		text = strings.TrimSuffix(text, "\n")
	}
	return text
}

// TestAddHostTouchesNoOtherHost is the property: the new host uses the key, first and alone, and every other one is as before.
func TestAddHostTouchesNoOtherHost(t *testing.T) {
	h := Host{Alias: "new", HostName: "new.example", User: "git", Port: 2222, IdentityFile: "/home/ann/.ssh/id new"}

	for seed := range uint64(30) {
		old := []byte(configOf(rand.New(rand.NewPCG(seed, 1))))
		if out, err := sshG(t, old, "new"); err != nil {
			t.Fatalf("ssh refuses the configuration that the test made: %s\n%s", out, old)
		}
		got, err := AddHost(old, h)
		if err != nil {
			t.Fatalf("%q: %v", old, err)
		}
		for _, other := range []string{"web", "db", "new.example"} {
			before, _ := sshG(t, old, other)
			if after, _ := sshG(t, got, other); before != after {
				t.Errorf("host %s is another one now\n--- before\n%s\n--- after\n%s", other, old, got)
			}
		}
		out, err := sshG(t, got, "new")
		if err != nil {
			t.Fatalf("%v: %s\n%s", err, out, got)
		}
		want := map[string]string{"identityfile": h.IdentityFile, "identitiesonly": "yes", "hostname": h.HostName, "user": "git", "port": "2222"}
		for keyword, value := range want {
			if v := values(out, keyword); len(v) == 0 || v[0] != value {
				t.Errorf("%s is %q, want %q first\n%s", keyword, v, value, got)
			}
		}
		if again, err := AddHost(got, h); err != nil || !bytes.Equal(again, got) {
			t.Errorf("added twice: %v", err)
		}
		if !keepsBytes(old, got) {
			t.Errorf("bytes were lost\n--- before\n%s\n--- after\n%s", old, got)
		}
	}
}

// keepsBytes reports whether the new text is the old one with something put in at one place.
func keepsBytes(before, after []byte) bool {
	start := 0
	for start < len(before) && before[start] == after[start] {
		start++
	}
	return bytes.HasSuffix(after, before[start:])
}

func TestAddHostPlace(t *testing.T) {
	h := Host{Alias: "new", IdentityFile: "~/.ssh/k"}
	block := "Host new\n    IdentityFile ~/.ssh/k\n    IdentitiesOnly yes\n"
	for old, want := range map[string]string{
		"":                                   block,
		"ForwardAgent no":                    "ForwardAgent no\n\n" + block,
		"# hello\n":                          "# hello\n\n" + block,
		"ForwardAgent no\nHost *\n User x\n": "ForwardAgent no\n" + block + "\nHost *\n User x\n",
		"A b\n\n# all\nHost *\n":             "A b\n\n" + block + "\n# all\nHost *\n",
		"User x\n":                           block + "\n# Options for every host:\nHost *\nUser x\n",
		"Host *\r\n":                         strings.ReplaceAll(block+"\n", "\n", "\r\n") + "Host *\r\n",
	} {
		if got, err := AddHost([]byte(old), h); err != nil || string(got) != want {
			t.Errorf("%q:\n%s\nwant\n%s(%v)", old, got, want, err)
		}
	}
}

func TestAddHostExists(t *testing.T) {
	h := Host{Alias: "new", IdentityFile: "/home/ann/.ssh/k", Home: "/home/ann"}
	for old, unchanged := range map[string]bool{
		"Host a new b\n IdentityFile ~/.ssh/k\n":            true,
		"Host new\n IdentityFile=\"%d/.ssh/k\"\n":           true,
		"Host new\n IdentityFile x\n identityfile ~/.ssh/k": true,
		"\nHost new\n IdentityFile ~/.ssh/other\n":          false,
		"\nHost \"new\"\n":                                  false,
	} {
		got, err := AddHost([]byte(old), h)
		var exists *ExistsError
		if unchanged && (err != nil || string(got) != old) || !unchanged && (!errors.As(err, &exists) || exists.Line != 2) {
			t.Errorf("%q: %q, %v", old, got, err)
		}
	}
	if _, err := AddHost([]byte("Host ne* new.example\n"), h); err != nil {
		t.Error(err)
	}
}

func TestAddHostPaths(t *testing.T) {
	for _, path := range []string{"/k/a b", "/k/100%", "/k/#x", `/k/qu"ote`, "/k/it's", `/k/back\slash`, "/k/a=b", "/k/ünicode", "/k/$HOME", "/k/%d"} {
		got, err := AddHost(nil, Host{Alias: "new", IdentityFile: path})
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		out, err := sshG(t, got, "new")
		// ssh -G shows percent signs as they stand in the file.
		if v := values(out, "identityfile"); err != nil || !slices.Equal(v, []string{escapeTokens(path)}) {
			t.Errorf("%s: ssh reads %q, %v", path, v, err)
		}
	}
}

func TestAddHostRefuses(t *testing.T) {
	good := Host{Alias: "new", IdentityFile: "/k"}
	for name, change := range map[string]func(*Host){
		"pattern": func(h *Host) { h.Alias = "n*" }, "empty": func(h *Host) { h.Alias = "" }, "two": func(h *Host) { h.Alias = "a b" },
		"negated": func(h *Host) { h.Alias = "!a" }, "option": func(h *Host) { h.Alias = "-oX" }, "line": func(h *Host) { h.User = "x\nProxyCommand y" },
		"port": func(h *Host) { h.Port = 70000 }, "relative": func(h *Host) { h.IdentityFile = "k" }, "newline": func(h *Host) { h.IdentityFile = "/k\nX y" },
		"variable": func(h *Host) { h.IdentityFile = "/${X}" }, "token": func(h *Host) { h.HostName = "%h" },
	} {
		h := good
		change(&h)
		if got, err := AddHost(nil, h); err == nil {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func FuzzConfig(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(configOf(rand.New(rand.NewPCG(seed, 2))), "new")
	}
	f.Add("Host \"a\nInclude x\r\n\tKey\\ word=\"#\" # c", "a")
	f.Fuzz(func(t *testing.T, text, alias string) {
		got, err := AddHost([]byte(text), Host{Alias: alias, IdentityFile: "/k"})
		if err != nil {
			return
		}
		if !keepsBytes([]byte(text), got) {
			t.Errorf("bytes were lost: %q became %q", text, got)
		}
		if again, err := AddHost(got, Host{Alias: alias, IdentityFile: "/k"}); err != nil || !bytes.Equal(again, got) {
			t.Errorf("%q: added twice: %q, %v", text, again, err)
		}
		blocks, _ := Parse("f", got)
		if !slices.ContainsFunc(blocks, func(b *Block) bool { return b.Names(alias) }) {
			t.Errorf("%q: no block for %q in %q", text, alias, got)
		}
		for _, b := range blocks {
			for _, s := range b.Settings {
				if args, err := splitArgs(fmt.Sprint(quoteArg(strings.Join(s.Args, " ")))); err != nil || len(args) != 1 || args[0] != strings.Join(s.Args, " ") {
					t.Errorf("%q is quoted as %q", s.Args, args)
				}
			}
		}
	})
}
