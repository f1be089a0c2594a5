package authorized

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKnownHostsLikeSSHKeygen(t *testing.T) {
	key := publicLine(t, "")
	data := strings.Join([]string{
		"# comment", "", "example.org,10.0.0.1 " + key, "[example.org]:2222 " + key + " a comment", "  *.lan,!bad.lan\t" + key,
		"damaged " + key[:30], "alone",
	}, "\n")
	var got strings.Builder
	for _, l := range ParseKnownHosts([]byte(data)) {
		if l.Kind == Entry {
			got.WriteString(shown(l.Public, strings.Join(l.Patterns, ","), l.Comment))
		}
	}
	if want := fingerprints(t, data); got.String() != want {
		t.Errorf("we say\n%sssh-keygen says\n%s", got.String(), want)
	}
}

// TestHashedHosts finds hosts in a file that ssh-keygen -H hashed, as ssh-keygen -F does.
func TestHashedHosts(t *testing.T) {
	key := publicLine(t, "")
	file := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(file, []byte("example.org,10.0.0.1 "+key+"\n[other.example]:2222 "+key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sshKeygen(t, "-H", "-f", file)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := ParseKnownHosts(data)
	for host, want := range map[string]int{"example.org": 1, "EXAMPLE.org": 1, "10.0.0.1": 1, HostName("other.example", 2222): 1, "other.example": 0, "example.com": 0} {
		got := 0
		for _, l := range lines {
			if l.Hashed && l.Match(host) {
				got++
			}
		}
		if got != want || len(lines) != 3 {
			t.Errorf("%s: %d of %d lines match, want %d", host, got, len(lines), want)
		}
	}
}

func TestKnownHostsMatch(t *testing.T) {
	key := publicLine(t, "")
	for _, test := range []struct {
		hosts, host string
		want        bool
	}{
		{"a.example,b.example", "b.example", true}, {"*.example,!bad.example", "bad.example", false}, {"*.example,!bad.example", "good.example", true},
		{"!x", "y", false}, {"a?c", "abc", true}, {"a?c", "ac", false}, {"[h]:22", "h", false}, {"[h]:*", "[h]:2222", true}, {"*a*a*a*b", strings.Repeat("a", 200), false},
		{"A.Example", "a.example", true}, {"*", "anything", true}, {"fe80::1", "fe80::1", true},
	} {
		l := ParseKnownHosts([]byte(test.hosts + " " + key))[0]
		if got := l.Match(test.host); got != test.want {
			t.Errorf("%s for %s: %v", test.hosts, test.host, got)
		}
	}
	for text, want := range map[string]Kind{
		"@cert-authority *.x " + key: Entry, "@revoked * " + key: Entry, "@other * " + key: Unknown, "|1|x|y " + key: Unknown, "h": Unknown, "#": Comment,
	} {
		if l := ParseKnownHosts([]byte(text))[0]; l.Kind != want || (want == Unknown) != (l.Err != nil) {
			t.Errorf("%.30s: %s, %v", text, l.Kind, l.Err)
		}
	}
}

func TestHostName(t *testing.T) {
	for name, want := range map[string]struct {
		host string
		port int
	}{"h": {"h", 22}, "[h]:2222": {"h", 2222}, "::1": {"::1", 22}, "[::1]:23": {"::1", 23}, "[h]:x": {"h", 22}} {
		if host, port := SplitHostName(name); host != want.host || port != want.port {
			t.Errorf("%s: %s %d", name, host, port)
		}
		if name != "[h]:x" && HostName(want.host, want.port) != name {
			t.Errorf("%s: %s", name, HostName(want.host, want.port))
		}
	}
}

func FuzzKnownHosts(f *testing.F) {
	key := publicLine(f, "")
	f.Add([]byte("a,b "+key+"\n@revoked *,!x "+key+" c\r\n|1|x|y "+key+"\n#\n\nbad"), "a")
	f.Add([]byte("@cert-authority [h]:22 "+key), "[h]:22")
	f.Fuzz(func(t *testing.T, data []byte, host string) {
		var joined []byte
		for _, l := range ParseKnownHosts(data) {
			joined = append(joined, l.Raw...)
			if (l.Kind == Unknown) != (l.Err != nil) || l.Match(host) && l.Kind != Entry {
				t.Errorf("line %d: %s, %v", l.Number, l.Kind, l.Err)
			}
		}
		if !bytes.Equal(joined, data) {
			t.Fatal("the lines, joined, are not the data")
		}
	})
}
