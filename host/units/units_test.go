package units_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/host"
	"keysweep/host/hosttest"
	"keysweep/host/image"
	"keysweep/host/units"
	"keysweep/internal/testneed"
)

const service = "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/a \\\n  # within\n  -b\nUser=node\n[Install]\nWantedBy=multi-user.target\n"

func TestStates(t *testing.T) {
	const lib = "/usr/lib/systemd/system/a.service"
	for name, c := range map[string]struct {
		m    *hosttest.Machine
		want units.State
	}{
		"missing":      {hosttest.New(nil), units.Missing},
		"disabled":     {hosttest.New(map[string]string{lib: service}), units.Disabled},
		"static":       {hosttest.New(map[string]string{lib: "[Service]\nExecStart=/bin/a\n"}), units.Static},
		"enabled":      {hosttest.New(map[string]string{lib: service}).Link("/etc/systemd/system/multi-user.target.wants/a.service", lib), units.Enabled},
		"required":     {hosttest.New(map[string]string{lib: service}).Link("/etc/systemd/system/x.target.requires/a.service", lib), units.Enabled},
		"alias":        {hosttest.New(map[string]string{lib: service}).Link("/etc/systemd/system/b.service", lib), units.Enabled},
		"masked":       {hosttest.New(map[string]string{lib: service}).Link("/etc/systemd/system/a.service", "/dev/null"), units.Masked},
		"masked empty": {hosttest.New(map[string]string{lib: service, "/etc/systemd/system/a.service": ""}), units.Masked},
		"masked wins":  {hosttest.New(map[string]string{lib: service}).Link("/run/systemd/system/a.service", "/dev/null").Link("/etc/systemd/system/multi-user.target.wants/a.service", lib), units.Masked},
		"of old":       {hosttest.New(map[string]string{"/lib/systemd/system/a.service": service}), units.Disabled},
	} {
		u, err := units.Find(c.m, "a.service")
		if err != nil || u.State != c.want {
			t.Errorf("%s: %+v, %v", name, u, err)
		}
	}
	for name, m := range map[string]*hosttest.Machine{
		"unreadable":    hosttest.New(map[string]string{lib: service}).Deny(lib),
		"closed":        hosttest.New(map[string]string{lib: service, "/etc/systemd/system/": ""}).Deny("/etc/systemd/system"),
		"not collected": hosttest.New(nil).NotCollected("/usr/lib/systemd"),
	} {
		if u, err := units.Find(m, "a.service"); err == nil || host.Missing(err) {
			t.Errorf("%s: %+v, %v", name, u, err)
		}
	}
}

func TestSettings(t *testing.T) {
	m := hosttest.New(map[string]string{
		"/usr/lib/systemd/system/a-b@.service":          service,
		"/usr/lib/systemd/system/a-b@.service.d/5.conf": "[Service]\nUser=\nEnvironment=A=1\n",
		"/etc/systemd/system/a-b@x.service.d/9.conf":    "[Service]\nDynamicUser=yes\nEnvironment=B=2\n",
		"/usr/lib/systemd/system/a-.service.d/7.conf":   "[Service]\nStandardOutput=null\n",
		"/etc/systemd/system/service.d/8.conf":          "[Service]\nStandardOutput=journal\n",
		"/usr/lib/systemd/system/service.d/8.conf":      "[Service]\nStandardOutput=none\n",
		"/usr/lib/systemd/system/service.d/95.conf":     "[Service]\nDynamicUser=no\n",
	}).Link("/etc/systemd/system/service.d/95.conf", "/dev/null")
	u, err := units.Find(m, "a-b@x.service")
	if err != nil {
		t.Fatal(err)
	}
	if e := u.All("Service", "ExecStart"); len(e) != 1 || strings.Join(strings.Fields(e[0].Value), " ") != "/bin/a -b" || e[0].At.Line != 4 {
		t.Errorf("ExecStart = %+v", e)
	}
	if s, ok := u.Last("Service", "StandardOutput"); !ok || s.Value != "journal" {
		t.Errorf("StandardOutput = %+v", s)
	}
	if e := u.All("Service", "Environment"); len(e) != 2 || e[1].Value != "B=2" {
		t.Errorf("Environment = %+v", e)
	}
	if name, at := u.User(); name != "(dynamic)" || at.String() != "/etc/systemd/system/a-b@x.service.d/9.conf:2" {
		t.Errorf("it runs as %s by %s", name, at)
	}
	if u.Local() {
		t.Error("a unit of a package is taken for the machine's own")
	}
}

func TestUser(t *testing.T) {
	for text, want := range map[string]string{"": "root", "User=root\n": "root", "User=0\n": "root", "User=node\n": "node", "User=node\nUser=\n": "root", "User=a\nUser=b\n": "b", "DynamicUser=1\n": "(dynamic)"} {
		u, err := units.Find(hosttest.New(map[string]string{"/etc/systemd/system/a.service": "[Service]\nExecStart=/bin/a\n" + text}), "a.service")
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := u.User(); got != want || !u.Local() {
			t.Errorf("%q: it runs as %s", text, got)
		}
	}
}

// TestSystemd holds our reading against systemd's own, on the files of a tree.
func TestSystemd(t *testing.T) {
	systemctl := testneed.Program(t, "systemctl")
	root := t.TempDir()
	put := func(name, text string) {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	link := func(name, target string) {
		put(filepath.Dir(name)+"/.keep", "")
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	put("/etc/machine-id", strings.Repeat("0", 32)+"\n")
	for i := range 6 {
		put(fmt.Sprintf("/usr/lib/systemd/system/u%d.service", i), service)
	}
	put("/usr/lib/systemd/system/u6.service", "[Service]\nExecStart=/bin/a\n")
	link("/etc/systemd/system/multi-user.target.wants/u1.service", "/usr/lib/systemd/system/u1.service")
	link("/etc/systemd/system/u2.service", "/dev/null")
	link("/etc/systemd/system/other.target.requires/u3.service", "/usr/lib/systemd/system/u3.service")
	put("/etc/systemd/system/u4.service", service)
	put("/etc/systemd/system/u5.service", "")
	s, err := image.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for i := range 7 {
		name := fmt.Sprintf("u%d.service", i)
		out, _ := exec.Command(systemctl, "--root="+root, "is-enabled", name).Output() // its exit code tells the state again
		u, err := units.Find(s, name)
		if err != nil || string(u.State) != strings.TrimSpace(string(out)) {
			t.Errorf("%s is %+v, %v; for systemctl %s", name, u, err, out)
		}
	}
	all := units.Look(s)
	if names := all.Names(); all.Err != nil || len(all.Errs) > 0 || len(names) != 7 || len(units.Match(names, "u[12]")) != 2 {
		t.Errorf("services %+v", all)
	}
}

func FuzzFind(f *testing.F) {
	f.Add("[Service]\nA=b\\\n c\nA=\n", "[Install]\n")
	f.Fuzz(func(t *testing.T, text, more string) {
		u, err := units.Find(hosttest.New(map[string]string{"/etc/systemd/system/a.service": text, "/etc/systemd/system/a.service.d/x.conf": more}), "a.service")
		if err == nil {
			_, _ = u.User()
		}
	})
}
