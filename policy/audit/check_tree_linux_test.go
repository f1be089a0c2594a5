package audit_test

import (
	"os"
	"path/filepath"
	"testing"

	"keysweep/host/image"
	"keysweep/policy/audit"
)

// TestTimersInATree judges the files of a machine that lie in a directory: links are absolute there, and lead to the tree's own files.
func TestTimersInATree(t *testing.T) {
	const upgrade = "/etc/systemd/system/timers.target.wants/apt-daily-upgrade.timer"
	for name, c := range map[string]struct {
		change func(put func(name, text string), link func(name, target string), remove func(name string))
		want   string
	}{
		"right":       {func(func(string, string), func(string, string), func(string)) {}, "pass"},
		"not enabled": {func(_ func(string, string), _ func(string, string), remove func(string)) { remove(upgrade) }, "fail high apt-daily-upgrade.timer"},
		"masked": {func(_ func(string, string), link func(string, string), _ func(string)) {
			link("/etc/systemd/system/apt-daily.timer", "/dev/null")
		}, "fail high apt-daily.timer"},
		"masked, empty": {func(put func(string, string), _ func(string, string), _ func(string)) {
			put("/etc/systemd/system/apt-daily.timer", "")
		}, "fail high apt-daily.timer"},
		"switched off": {func(put func(string, string), _ func(string, string), _ func(string)) {
			put("/etc/apt/apt.conf.d/99off", "APT::Periodic::Enable \"0\";\n")
		}, "fail high"},
		"no origin": {func(_ func(string, string), _ func(string, string), remove func(string)) { remove(origins) }, "fail high"},
		"not installed": {func(_ func(string, string), _ func(string, string), remove func(string)) {
			remove("/usr/bin/unattended-upgrade")
		}, "fail high"},
	} {
		root := t.TempDir()
		put := func(name, text string) {
			check(t, os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o755))
			check(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o644))
		}
		link := func(name, target string) {
			check(t, os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o755))
			check(t, os.Symlink(target, filepath.Join(root, name)))
		}
		for _, name := range []string{"/usr/bin/apt-get", "/usr/bin/unattended-upgrade"} {
			put(name, "")
		}
		put(auto, autoText)
		put(origins, originText)
		link("/lib", "/usr/lib")
		for _, name := range []string{"apt-daily.timer", "apt-daily-upgrade.timer"} {
			put(lib+name, timer)
			link(wanted+name, "/lib/systemd/system/"+name)
		}
		c.change(put, link, func(name string) { check(t, os.Remove(filepath.Join(root, name))) })
		s, err := image.Open(root)
		check(t, err)
		if got := outcome(t, s, audit.Baseline(), "updates.auto"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		check(t, s.Close())
	}
}
