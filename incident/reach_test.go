package incident

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"keysweep/rotation"
)

func world() []rotation.Record {
	day := noon.AddDate(0, -1, 0)
	on := func(targets ...string) (list []rotation.Installation) {
		for _, t := range targets {
			list = append(list, rotation.Installation{Target: t, At: day})
		}
		return list
	}
	return []rotation.Record{
		{ID: "k1", Kind: rotation.KindSSH, Name: "laptop", Fingerprint: "SHA256:a", Status: rotation.Active, Path: "/home/ann/.ssh/id", Machine: "desk",
			Installed: append(on("ann@web1", "root@db1:2222"), rotation.Installation{Target: "ann@old", At: day, Removed: day}), Backups: []rotation.Backup{{Form: "age", Place: "safe", At: day}}},
		{ID: "k2", Kind: rotation.KindSSH, Name: "deploy", Fingerprint: "SHA256:b", Status: rotation.Active, Path: "/home/ann/.ssh/deploy", Machine: "desk"},
		{ID: "k3", Kind: rotation.KindSSH, Name: "other", Fingerprint: "SHA256:c", Status: rotation.Active, Path: "/root/.ssh/id", Machine: "web1", Installed: on("ann@db2")},
		{ID: "c1", Kind: rotation.KindAPI, Name: "TOKEN", Env: "prod", Mark: "m", Status: rotation.Active, Provider: "gitlab", Account: "4711", Hosts: []string{"web1.example.org"}},
		{ID: "c2", Kind: rotation.KindAPI, Name: "COPY", Env: "dev", Mark: "m", Status: rotation.Active},
		{ID: "c3", Kind: rotation.KindAPI, Name: "DB", Env: "prod", Mark: "n", Status: rotation.Active, RotatedAt: noon},
		{ID: "c4", Kind: rotation.KindAPI, Name: "FAR", Env: "test", Mark: "o", Status: rotation.Active},
	}
}

func incidentOf(t *testing.T, affected ...Affected) *Incident {
	t.Helper()
	b := Book{t.TempDir()}
	i, _, err := b.Read(begin(t, b, affected...))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestReach(t *testing.T) {
	i := incidentOf(t, Affected{Kind: Key, Name: "laptop", Record: "k1"}, Affected{Kind: Credential, Name: "prod/TOKEN", Record: "c1"}, Affected{Kind: Host, Name: "web1"},
		Affected{Kind: Key, Name: "SHA256:z", Fingerprint: "SHA256:z"})
	records := world()
	var got []string
	for _, l := range Reach(i.Standings(records, false), records, noon) {
		got = append(got, l.Of+" "+l.What+" "+l.Where)
	}
	want := []string{
		"laptop is accepted by ann@web1", "laptop is accepted by root@db1:2222", "laptop was accepted by ann@old", "laptop lies in /home/ann/.ssh/id", "laptop has a backup in safe",
		"prod/TOKEN is meant for web1.example.org", "prod/TOKEN is of gitlab", "prod/TOKEN is the same secret as dev/COPY",
		"web1 accepts laptop", "web1 holds the file of other", "web1 can reach with other ann@db2", "web1 uses prod/TOKEN",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestNeighbours(t *testing.T) {
	made := func(name string, at ...time.Time) rotation.Record {
		r := rotation.Record{ID: name, Kind: rotation.KindSSH, Name: name, Fingerprint: "SHA256:" + name, Status: rotation.Active, Path: "/home/ann/.ssh/" + name, Machine: "desk"}
		for _, t := range at {
			r.Evidence = append(r.Evidence, rotation.Evidence{Source: "file birth time", At: t})
		}
		return r
	}
	records := append(world(), made("fresh", noon), made("adopted", noon, noon.AddDate(-1, 0, 0)))
	i := incidentOf(t, Affected{Kind: Key, Name: "laptop", Record: "k1"}, Affected{Kind: Credential, Name: "prod/TOKEN", Record: "c1"})
	got := map[string]string{}
	for _, n := range i.Neighbours(i.Standings(records, false), records) {
		got[n.Record.Ref()] = fmt.Sprintf("%v %s", n.Done, strings.Join(n.Why, "; "))
	}
	want := map[string]string{
		"fresh":    "true lies in /home/ann/.ssh, as laptop",
		"adopted":  "false lies in /home/ann/.ssh, as laptop",
		"deploy":   "false lies in /home/ann/.ssh, as laptop",
		"other":    "false on host web1, as laptop; on host web1.example.org, as prod/TOKEN",
		"dev/COPY": "false the same secret as prod/TOKEN",
		"prod/DB":  "true environment prod, as prod/TOKEN",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

// TestStandings: the ledger says what is revoked; of what it does not know somebody has to say so.
func TestStandings(t *testing.T) {
	key, cred, host, other := Affected{Kind: Key, Name: "laptop", Record: "k1", Fingerprint: "SHA256:a"}, Affected{Kind: Credential, Name: "prod/TOKEN", Record: "c1"}, Affected{Kind: Host, Name: "web1"}, Affected{Kind: Other, Name: "x"}
	status := func(n int, s rotation.Status) func([]rotation.Record) {
		return func(r []rotation.Record) {
			r[n].Status, r[n].History = s, []rotation.Event{{At: noon, What: string(s)}}
		}
	}
	step := func(s string, state State) []Event {
		return []Event{{Kind: Stepped, Step: "incident." + s, State: state}}
	}
	for _, tt := range []struct {
		name    string
		what    Affected
		change  func([]rotation.Record)
		events  []Event
		unread  bool
		settled bool
		how     string
	}{
		{"a key in use", key, nil, step("revoke-rotate", Done), false, false, "active: neither"},
		{"a compromised key", key, status(0, rotation.Compromised), nil, false, false, "compromised, and not"},
		{"a key on its way out", key, status(0, rotation.Retiring), nil, false, false, "hosts may still accept it"},
		{"a revoked key", key, status(0, rotation.Revoked), nil, false, true, "revoked"},
		{"a retired key", key, status(0, rotation.Retired), nil, false, true, "retired"},
		{"a key whose ledger is shut", key, nil, step("revoke-rotate", Done), true, false, "not known"},
		{"a key that is gone", Affected{Kind: Key, Name: "k", Record: "k9"}, nil, nil, false, false, "gone from the ledger"},
		{"a key that is gone, and revoked", Affected{Kind: Key, Name: "k", Record: "k9"}, nil, step("revoke-rotate", Done), false, true, "revoked, as ann says"},
		{"a key that came into the ledger later", Affected{Kind: Key, Name: "f", Fingerprint: "SHA256:a"}, status(0, rotation.Revoked), nil, false, true, "revoked"},
		{"a credential in use", cred, nil, nil, false, false, "active: neither"},
		{"a credential replaced before", cred, func(r []rotation.Record) { r[3].RotatedAt = noon.Add(-2 * time.Hour) }, nil, false, false, "active: neither"},
		{"a credential replaced since", cred, func(r []rotation.Record) { r[3].RotatedAt = noon }, nil, false, true, "replaced"},
		{"the old value still counts", cred, func(r []rotation.Record) { r[3].RotatedAt = noon; r[3].Status = rotation.Retiring }, nil, false, false, "still valid"},
		{"compromised after it was replaced", cred, func(r []rotation.Record) { r[3].RotatedAt = noon; r[3].Status = rotation.Compromised }, nil, false, false, "compromised, and not"},
		{"a credential removed here", cred, status(3, rotation.Retired), nil, false, false, "its provider may still accept it"},
		{"a credential removed here, and revoked", cred, status(3, rotation.Retired), step("revoke-rotate", Done), false, true, "as ann says"},
		{"a host", host, nil, step("isolate", Done), false, false, "not trusted"},
		{"a host built anew", host, nil, step("rebuild", Done), false, true, "built anew, as ann says"},
		{"a host that need not be", host, nil, step("rebuild", NA), false, true, "nothing to do"},
		{"something else", other, nil, nil, true, false, "somebody says so"},
		{"something else, revoked", other, nil, step("revoke-rotate", Done), true, true, "revoked, as ann says"},
	} {
		b := Book{t.TempDir()}
		id := begin(t, b, tt.what)
		for _, e := range tt.events {
			b.must(t, id, e)
		}
		i, _, err := b.Read(id)
		if err != nil {
			t.Fatal(err)
		}
		records := world()
		if tt.change != nil {
			tt.change(records)
		}
		if tt.unread {
			records = nil
		}
		s := i.Standings(records, tt.unread)[0]
		if s.Settled != tt.settled || !strings.Contains(s.How, tt.how) {
			t.Errorf("%s: settled %v, %q", tt.name, s.Settled, s.How)
		}
		at, all := i.Revoked([]Standing{s})
		if want := tt.settled && tt.what.Kind != Host; all != want || want && !at.Equal(noon) {
			t.Errorf("%s: revoked %v, at %v", tt.name, all, at)
		}
	}
}

func TestSameHost(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"web1", "WEB1", true}, {"web1", "web1.example.org", true}, {"web1.example.org.", "web1", true}, {"web1.a.org", "web1.b.org", false},
		{"10", "10.0.0.1", false}, {"", "", false}, {"web1", "web10", false}, {"::1", "::1", true},
	} {
		if got := SameHost(tt.a, tt.b); got != tt.want {
			t.Errorf("%q, %q: %v", tt.a, tt.b, got)
		}
	}
	for target, want := range map[string]string{"ann@web1": "web1", "ann@web1:22": "web1", "[2001:db8::1]:22": "2001:db8::1", "ann@2001:db8::1": "2001:db8::1", "web1": "web1", "a@b@c": "c"} {
		if got := HostOf(target); got != want {
			t.Errorf("%q: %q", target, got)
		}
	}
}

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]string{
		"203.0.113.7": "203.0.113.7/32", "203.0.113.7/24": "203.0.113.0/24", "2001:db8::1": "2001:db8::1/128", "2001:DB8:0::/48": "2001:db8::/48",
		"::ffff:203.0.113.7": "203.0.113.7/32", "::ffff:203.0.113.0/120": "203.0.113.0/24", "10.1.2.3": "10.1.2.3/32",
		"": "", "203.0.113": "", "203.0.113.7/33": "", "0.0.0.0/0": "", "::/0": "", "1.2.3.4/7": "", "127.0.0.1": "", "::1": "", "224.0.0.1": "", "fe80::1%eth0": "",
		"web1": "", "1.2.3.4; reboot": "", "::ffff:0:0/90": "", "0.0.0.0": "", "1.2.3.4\n": "",
	} {
		p, err := ParseAddress(text)
		if (err == nil) != (want != "") || err == nil && p.String() != want {
			t.Errorf("%q: %v, %v", text, p, err)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, text := range []string{"203.0.113.7", "2001:db8::/48", "::ffff:1.2.3.4/100", "a"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseAddress(text)
		if err != nil {
			return
		}
		for _, fw := range Block([]netip.Prefix{p}) {
			for _, c := range fw.Commands {
				if strings.ContainsAny(c, "\n$`&|<>") || strings.Contains(c, ";") && !strings.HasPrefix(c, "nft 'add chain") {
					t.Errorf("%q gives %q", text, c)
				}
			}
		}
	})
}

func TestHears(t *testing.T) {
	for _, tt := range []struct {
		a, note Audience
		want    bool
	}{{Internal, Internal, true}, {Provider, Internal, false}, {Provider, Provider, true}, {Provider, Public, true}, {Client, Provider, false}, {Public, Client, false}, {Public, Public, true}} {
		if got := tt.a.Hears(tt.note); got != tt.want {
			t.Errorf("%q hears %q: %v", tt.a, tt.note, got)
		}
	}
}
