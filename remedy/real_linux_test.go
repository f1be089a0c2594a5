package remedy

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/host"
	"keysweep/internal/testneed"
)

// written is the file that fixes make, one after the other.
func written(t *testing.T, ids ...string) string {
	t.Helper()
	m := debian("Port 2222\nPort 22\n", map[string]string{"/etc/apt/apt.conf.d/": "", "/etc/fail2ban/jail.d/": "", "/usr/bin/unattended-upgrade": "",
		"/usr/lib/python3/dist-packages/systemd/": ""})
	text := ""
	for _, id := range ids {
		p := plan(t, id, situation(m, nil))
		text = string(p.Changes[0].After.Data)
		m.File(p.Changes[0].Path, text)
	}
	return text
}

// TestJailWithRealFail2ban has the real program read what the fixes write: its configuration is whole, from the journal, on all ports.
func TestJailWithRealFail2ban(t *testing.T) {
	client := testneed.Program(t, "fail2ban-client")
	dir := filepath.Join(t.TempDir(), "fail2ban")
	if err := os.CopyFS(dir, os.DirFS("/etc/fail2ban")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "jail.d", "zz-keysweep.local")
	if err := os.WriteFile(file, []byte(written(t, "f2b.log-source", "f2b.ssh-port")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(client, "-c", dir, "-t").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(client, "-c", dir, "-d").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"['add', 'sshd', 'systemd']", "['port', '22,2222']"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s is not in what fail2ban reads", want)
		}
	}
}

// TestUpdatesWithRealApt has the real program read what the fix writes, behind a file that says otherwise.
func TestUpdatesWithRealApt(t *testing.T) {
	config := testneed.Program(t, "apt-config")
	dir := t.TempDir()
	for name, text := range map[string]string{"20auto-upgrades": "APT::Periodic::Unattended-Upgrade \"0\";\n", "99keysweep": written(t, "updates.auto")} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(config, "dump")
	cmd.Env = append(os.Environ(), "APT_CONFIG="+filepath.Join(dir, "main"))
	if err := os.WriteFile(filepath.Join(dir, "main"), []byte("Dir::Etc::parts \""+dir+"\";\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{`APT::Periodic::Update-Package-Lists "1";`, `APT::Periodic::Unattended-Upgrade "1";`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s is not in what apt reads:\n%s", want, out)
		}
	}
}

// TestOwnerStays shows that a file is still its owner's when it was written anew.
func TestOwnerStays(t *testing.T) {
	if os.Geteuid() != 0 {
		testneed.Missing(t, "the rights of root, to give files away")
	}
	file := filepath.Join(t.TempDir(), "f")
	if err := errors.Join(os.WriteFile(file, []byte("a"), 0o640), os.Chown(file, 12345, 54321)); err != nil {
		t.Fatal(err)
	}
	c := Change{Path: file, Before: &State{[]byte("a"), 0o640}, After: &State{[]byte("b"), 0o640}}
	if err := Apply(t.Context(), &Situation{Run: ran}, &Plan{Changes: []Change{c}}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if i := host.InfoOf(file, info, ""); i.UID != 12345 || i.GID != 54321 {
		t.Errorf("it is %d:%d's", i.UID, i.GID)
	}
}
