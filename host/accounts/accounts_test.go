package accounts

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"keysweep/host"
	"keysweep/host/hosttest"
)

const passwd = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
# a comment
alice:x:1000:1000::/home/alice:/bin/bash
bob:x:1001:1001::/home/bob:
carol::1002:1002::/home/carol:/bin/zsh
broken:x:notanumber:1::/:/bin/sh
`

const groups = "root:x:0:\nsudo:x:27:alice, bob\nalice:x:1000:\nadm:x:4:alice,nobodyatall\n"

var hash = "$y$j9T$" + strings.Repeat("ab", 20)

func machine(extra map[string]string) *hosttest.Machine {
	files := map[string]string{"/etc/passwd": passwd, "/etc/group": groups,
		"/etc/shadow": "root:*:1::::::\nalice:" + hash + ":1::::::\nbob:!" + hash + ":1::::::\ndaemon::1::::::\n"}
	for name, text := range extra {
		files[name] = text
	}
	return hosttest.New(files)
}

func TestUsers(t *testing.T) {
	a := Look(machine(nil))
	var got []string
	for _, u := range a.Users {
		got = append(got, fmt.Sprint(u.Name, u.UID, u.Login, u.Password, u.Groups))
	}
	want := []string{"root0 truelocked[root]", "daemon1 falseempty[]", "alice1000 trueusable[alice sudo adm]", "bob1001 truelocked[sudo]", "carol1002 trueempty[]"}
	for i := range want {
		if i >= len(got) || strings.ReplaceAll(got[i], " ", "") != strings.ReplaceAll(want[i], " ", "") {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	if text := fmt.Sprintf("%+v", a); strings.Contains(text, hash) {
		t.Error("a hash is kept")
	}
	if u, _ := a.Find("bob"); u.Shell != "/bin/sh" {
		t.Errorf("no shell is /bin/sh: %+v", u)
	}
}

func TestIgnorance(t *testing.T) {
	a := Look(machine(nil).Deny("/etc/shadow"))
	if u, _ := a.Find("alice"); a.ShadowErr == nil || u.Password != Unknown {
		t.Errorf("%v %+v", a.ShadowErr, u)
	}
	if a = Look(machine(nil).Deny("/etc/group")); a.GroupErr == nil || a.Err != nil {
		t.Errorf("%+v", a)
	}
	if a = Look(machine(nil).Deny("/etc/passwd")); a.Err == nil || a.Sudo.Known() {
		t.Errorf("%+v", a)
	}
	if a = Look(machine(map[string]string{"/etc/sudoers": "x"}).Deny("/etc/sudoers")); a.Sudo.Known() {
		t.Errorf("%+v", a.Sudo)
	}
	if a = Look(machine(map[string]string{"/etc/sudoers": "@includedir /etc/sudoers.d", "/etc/sudoers.d/a": ""}).Deny("/etc/sudoers.d/a")); a.Sudo.Known() {
		t.Errorf("%+v", a.Sudo)
	}
	if a = Look(machine(nil)); !a.Sudo.Known() || !host.Missing(a.Sudo.Err) {
		t.Errorf("no sudo is known: %+v", a.Sudo)
	}
}

func TestSudo(t *testing.T) {
	for text, want := range map[string]string{
		"%sudo ALL=(ALL:ALL) ALL\n":                                                 "alice bob",
		"%sudo ALL=(ALL:ALL) NOPASSWD: ALL\n":                                       "alice! bob!",
		"alice ALL=(ALL) ALL # x\n":                                                 "alice",
		"alice ALL = (ALL) NOPASSWD:/usr/bin/apt, PASSWD: ALL\n":                    "alice",
		"alice ALL=(ALL) /usr/bin/apt, /bin/ls\n":                                   "",
		"alice ALL=(www-data) ALL\n":                                                "",
		"alice ALL=ALL\n":                                                           "alice",
		"alice,bob host1, host2 = (root) \\\n  NOPASSWD: ALL\n":                     "alice! bob!",
		"User_Alias ADMINS = alice, %adm\nADMINS ALL=(ALL) ALL\n":                   "alice",
		"Cmnd_Alias ANY = ALL\nRunas_Alias OP = root\nbob ALL=(OP) ANY\n":           "bob",
		"ALL ALL=(ALL) ALL\n":                                                       "root alice bob carol",
		"%sudo ALL=(ALL) ALL\n!bob ALL=(ALL) ALL\n":                                 "alice",
		"#1001 ALL=(ALL) ALL\n%#1000 ALL=ALL\n":                                     "alice bob",
		"Defaults env_reset\nDefaults:alice !authenticate\n# alice ALL=(ALL) ALL\n": "",
		"#includedir /etc/sudoers.d\n":                                              "carol!",
		"@includedir sudoers.d\n":                                                   "carol!",
		"@include /etc/sudoers.d/90-x\n":                                            "carol!",
	} {
		a := Look(machine(map[string]string{"/etc/sudoers": text, "/etc/sudoers.d/90-x": "carol ALL=(ALL) NOPASSWD:ALL\n",
			"/etc/sudoers.d/README.md": "bob ALL=(ALL) ALL\n", "/etc/sudoers.d/old~": "bob ALL=(ALL) ALL\n"}))
		var got []string
		for _, u := range a.LoginUsers() {
			if may, quiet, by := a.Sudo.Root(u); may {
				got = append(got, u.Name+map[bool]string{true: "!"}[quiet])
				if by.Line == 0 {
					t.Errorf("%q: no origin", text)
				}
			}
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if !a.Sudo.Known() {
			t.Errorf("%q: %v", text, a.Sudo.Gaps)
		}
	}
}

func TestKeyFiles(t *testing.T) {
	key := "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "Cb" + strings.Repeat("k7", 20) + "A a@b\n"
	m := machine(map[string]string{"/home/alice/.ssh/authorized_keys": "# x\n" + key + "nonsense\nexpiry-time=\"20200101Z\" " + key, "/etc/keys/alice": key})
	m.Own("/home/alice/.ssh/authorized_keys", 1000, 1000).Own("/home/alice/.ssh", 1000, 1000).Own("/home/alice", 1000, 1000)
	alice, _ := Look(m).Find("alice")
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	files := KeyFiles(m, alice, []string{".ssh/authorized_keys", "%h/.ssh/authorized_keys2", "/etc/keys/%u", "none"})
	if len(files) != 3 || files[0].Path != "/home/alice/.ssh/authorized_keys" || !host.Missing(files[1].Err) || files[2].Path != "/etc/keys/alice" {
		t.Fatalf("%+v", files)
	}
	if n := len(UsableKeys(files, at)); n != 2 {
		t.Errorf("%d keys, want 2: %+v", n, files)
	}
	m.Mode("/home/alice", 0o775)
	files = KeyFiles(m, alice, []string{".ssh/authorized_keys"})
	if files[0].Refused == "" || len(UsableKeys(files, at)) != 0 {
		t.Errorf("a home directory that others may write: %+v", files[0])
	}
}

func FuzzSudoers(f *testing.F) {
	f.Add("User_Alias A = b, %c : D = e\nA ALL=(ALL:ALL) NOPASSWD: ALL, !/bin/x\n@include x\n", "a,b h1,h2=(r)\\\nALL")
	f.Fuzz(func(t *testing.T, main, other string) {
		a := Look(machine(map[string]string{"/etc/sudoers": main, "/etc/sudoers.d/x": other, "/etc/passwd": passwd + main, "/etc/group": groups + other}))
		for _, u := range a.Users {
			a.Sudo.Root(u)
		}
	})
}
