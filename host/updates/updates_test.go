package updates_test

import (
	"strings"
	"testing"
	"time"

	"keysweep/host"
	"keysweep/host/hosttest"
	"keysweep/host/updates"
)

const simulation = `NOTE: This is only a simulation!
Inst base-files [12.4+deb12u11] (12.4+deb12u15 Debian:12.15/oldstable [amd64])
Inst libgcrypt20-dev [1.10.1-3] (1.10.1-3+deb12u1 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64]) []
Inst linux-image-6.1.0-50-amd64 (6.1.200-1 Debian-Security:12/oldstable-security [amd64])
Inst curl [7.88] (8.0 Ubuntu:24.04/noble-security [amd64])
Conf base-files (12.4+deb12u15 Debian:12.15/oldstable [amd64])
`

func debian() *hosttest.Machine {
	return hosttest.New(map[string]string{
		"/usr/bin/apt-get": "", "/usr/bin/unattended-upgrade": "", "/usr/lib/systemd/system/": "", "/var/lib/apt/lists/": "",
		"/usr/lib/systemd/system/apt-daily.timer":         "[Timer]\n[Install]\nWantedBy=timers.target\n",
		"/usr/lib/systemd/system/apt-daily-upgrade.timer": "[Timer]\n[Install]\nWantedBy=timers.target\n",
		"/var/lib/apt/periodic/unattended-upgrades-stamp": "",
		"/etc/apt/sources.list":                           "# deb http://no x\ndeb [ arch=amd64 signed-by=/k.gpg ] https://deb.example/debian bookworm main\ndeb-src http://x y z\ndeb\t[trusted=yes] http://x.example ./\n",
		"/etc/apt/sources.list.d/security.sources":        "Types: deb\n# c\nURIs: http://ftp.debian.org/debian-security\nSuites: bookworm-security\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n\nEnabled: no\nTypes: deb\nURIs: http://off\nSuites: x\nTrusted: yes\n",
		"/etc/apt/sources.list.d/old.list.save":           "deb [trusted=yes] http://old x\n",
		"/etc/apt/apt.conf.d/20auto-upgrades":             "APT::Periodic::Unattended-Upgrade \"1\";\n",
	}).Link("/etc/systemd/system/timers.target.wants/apt-daily.timer", "/usr/lib/systemd/system/apt-daily.timer").
		Link("/etc/systemd/system/apt-daily-upgrade.timer", "/dev/null").Program(strings.Join(updates.SimulateApt(), " "), simulation)
}

func TestApt(t *testing.T) {
	m := debian()
	f := updates.Look(t.Context(), m)
	a := f.Apt
	if f.Manager != "apt" || a == nil || a.ConfigErr != nil || a.Upgrader != nil || a.SourcesErr != nil || a.PendingErr != nil {
		t.Fatalf("it is %+v, %+v", f, a)
	}
	if len(a.Updates) != 3 || a.Updates[0].Security || !a.Updates[1].Security || !a.Updates[2].Security || a.Updates[1].New != "1.10.1-3+deb12u1" {
		t.Errorf("updates %+v", a.Updates)
	}
	if len(a.Timers) != 2 || !a.Timers[0].On() || a.Timers[1].On() {
		t.Errorf("timers %+v", a.Timers)
	}
	if s := a.Sources; len(s) != 3 || s[0].SignedBy != "/k.gpg" || s[0].Trusted || !s[1].Trusted || s[1].At.Line != 4 || !s[2].Security() || s[2].SignedBy == "" || s[0].Security() {
		t.Errorf("sources %+v", s)
	}
	if want := m.Time().Add(-24 * time.Hour); !a.Ran.Equal(want) || !a.Lists.Equal(want) {
		t.Errorf("it ran at %s, lists are of %s", a.Ran, a.Lists)
	}
}

func TestUnknown(t *testing.T) {
	m := debian().As(host.Image).Deny("/etc/apt/sources.list").Deny("/etc/apt/apt.conf.d/20auto-upgrades")
	a := updates.Look(t.Context(), m).Apt
	if a.PendingErr == nil || a.SourcesErr == nil || a.ConfigErr == nil {
		t.Errorf("it is known: %+v", a)
	}
	if f := updates.Look(t.Context(), hosttest.New(nil).NotCollected("/usr")); f.Manager != "" || f.ManagerErr == nil {
		t.Errorf("it is known: %+v", f)
	}
	if f := updates.Look(t.Context(), hosttest.New(nil)); f.Manager != "" || f.ManagerErr != nil {
		t.Errorf("no manager: %+v", f)
	}
	bad := debian().Result(strings.Join(updates.SimulateApt(), " "), host.Output{Exit: 100, Stderr: []byte("\nE: broken\n")})
	if a := updates.Look(t.Context(), bad).Apt; a.PendingErr == nil || !strings.Contains(a.PendingErr.Error(), "E: broken") {
		t.Errorf("apt fails: %v", a.PendingErr)
	}
	for _, text := range []string{"deb [x http://a b", "deb http://a"} {
		if a := updates.Look(t.Context(), debian().File("/etc/apt/sources.list", text)).Apt; a.SourcesErr == nil {
			t.Errorf("%q: %+v", text, a.Sources)
		}
	}
}

func TestDnf(t *testing.T) {
	m := hosttest.New(map[string]string{
		"/usr/bin/dnf": "", "/etc/dnf/automatic.conf": "[commands]\n# apply_updates = no\napply_updates = yes\nupgrade_type=security\n[emitters]\napply_updates = no\n",
		"/usr/lib/systemd/system/dnf-automatic.timer": "[Install]\nWantedBy=timers.target\n",
	}).Result("dnf -q -C check-update", host.Output{Exit: 100, Stdout: []byte("\nbash.x86_64   5.2-3.el9  baseos\nvim.x86_64 9.0 appstream\nObsoleting Packages\nx.y 1 z\n")}).
		Result("dnf -q -C check-update --security", host.Output{Exit: 100, Stdout: []byte("bash.x86_64 5.2-3.el9 baseos\n")})
	f := updates.Look(t.Context(), m)
	d := f.Dnf
	if d == nil || d.Err != nil || d.Apply.Text != "yes" || d.Apply.At.Line != 3 || d.Type.Text != "security" || len(d.Timers) != 2 || d.Timers[0].On() {
		t.Fatalf("it is %+v", d)
	}
	if len(d.Updates) != 2 || !d.Updates[0].Security || d.Updates[1].Security || d.PendingErr != nil {
		t.Errorf("updates %+v, %v", d.Updates, d.PendingErr)
	}
	if d := updates.Look(t.Context(), hosttest.New(map[string]string{"/usr/bin/dnf5": ""})).Dnf; !host.Missing(d.Err) || d.PendingErr == nil {
		t.Errorf("no dnf-automatic: %+v", d)
	}
}

func FuzzLook(f *testing.F) {
	f.Add("deb [a=b] c d\n", "Types: deb\n x\n", simulation)
	f.Fuzz(func(t *testing.T, list, stanza, said string) {
		m := debian().File("/etc/apt/sources.list", list).File("/etc/apt/sources.list.d/a.sources", stanza).Program(strings.Join(updates.SimulateApt(), " "), said)
		updates.Look(t.Context(), m)
	})
}
