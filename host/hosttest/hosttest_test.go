package hosttest_test

import (
	"errors"
	"io/fs"
	"testing"

	"keysweep/host"
	"keysweep/host/hosttest"
)

func TestMachine(t *testing.T) {
	var s host.Source = hosttest.New(map[string]string{"/etc/a.conf": "a", "/etc/d/": "", "/var/log/x": "x", "/etc/locked": "l"}).
		Link("/etc/abs", "/etc/a.conf").Link("/run", "var/log").Link("/etc/up", "../../../etc/a.conf").Link("/loop", "loop").
		Deny("/etc/locked").Own("/etc/a.conf", 5, 6).Mode("/etc/a.conf", 0o600).NotCollected("/opt").
		Program("sshd -T", "port 22\n")
	for name, want := range map[string]string{"/etc/a.conf": "a", "/etc/abs": "a", "/run/x": "x", "/etc/up": "a", "/etc/../etc/./abs": "a"} {
		f, err := s.Read(name)
		if err != nil || string(f.Data) != want || f.Path != name {
			t.Errorf("Read(%s) = %+v, %v", name, f, err)
		}
	}
	for name, want := range map[string]error{"/none": fs.ErrNotExist, "/etc/a.conf/x": fs.ErrNotExist, "/loop": host.ErrLinks, "/etc/d": host.ErrIrregular, "/etc/locked": fs.ErrPermission, "/opt": host.ErrNotCollected, "/opt/x": host.ErrNotCollected} {
		if _, err := s.Read(name); !errors.Is(err, want) {
			t.Errorf("Read(%s): %v, want %v", name, err, want)
		}
	}
	if info, err := s.Lstat("/etc/abs"); err != nil || info.Link != "/etc/a.conf" || info.Mode&fs.ModeSymlink == 0 {
		t.Errorf("Lstat: %+v, %v", info, err)
	}
	if info, err := s.Stat("/etc/abs"); err != nil || info.Real != "/etc/a.conf" || info.UID != 5 || info.GID != 6 || info.Mode != 0o600 {
		t.Errorf("Stat: %+v, %v", info, err)
	}
	if list, err := host.Glob(s, "/etc/*.conf"); err != nil || len(list) != 1 || list[0].Path != "/etc/a.conf" {
		t.Errorf("Glob: %+v, %v", list, err)
	}
	if list, err := s.List("/etc/d"); err != nil || len(list) != 0 {
		t.Errorf("List: %+v, %v", list, err)
	}
	if out, err := s.Run(t.Context(), "sshd", "-T"); err != nil || string(out.Stdout) != "port 22\n" {
		t.Errorf("Run: %+v, %v", out, err)
	}
	if _, err := s.Run(t.Context(), "sshd", "-t"); !errors.Is(err, host.ErrNotCollected) {
		t.Errorf("another command of a known program: %v", err)
	}
	if _, err := s.Run(t.Context(), "nft", "list"); !host.Missing(err) {
		t.Errorf("no such program: %v", err)
	}
}
