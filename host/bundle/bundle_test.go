package bundle_test

import (
	"bytes"
	"errors"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"time"

	"keysweep/host"
	"keysweep/host/bundle"
	"keysweep/host/hosttest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pem is a private key's frame.
func pem() string {
	return "-----BEGIN OPENSSH " + "PRIVATE KEY-----\nAAAA\n-----END OPENSSH " + "PRIVATE KEY-----\n"
}

const hash = "$6$" + "saltsalt$" + "uhOT7BXRw2qHuCHPnkPNo1"

// machine has a bit of everything that a bundle can hold.
func machine() *hosttest.Machine {
	return hosttest.New(map[string]string{
		"/etc/passwd":         "root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n",
		"/etc/shadow":         "root:" + hash + ":19000:0:99999:7:::\nann::1::::::\nlocked:!" + hash + ":1::::::\nstar:*:1::::::\n",
		"/usr/lib/os-release": "ID=debian\n", "/etc/ssh/sshd_config": "Port 22\n", "/etc/ssh/sshd_config.d/50-x.conf": "PermitRootLogin no\n",
		"/etc/ssh/ssh_host_ed25519_key": pem(), "/etc/ssh/ssh_host_ed25519_key.pub": "ssh-ed25519 AAAA\n", "/etc/ssh/odd.conf": "# key\n" + pem(),
		"/home/ann/.ssh/authorized_keys": "ssh-ed25519 AAAA ann\n", "/root/": "", "/etc/empty/": "", "/etc/fstab": "",
		"/etc/apt/sources.list": "deb https://user:hunter2@repo.example/debian stable main\n",
		"/proc/1/comm":          "systemd\n", "/proc/1/cgroup": "0::/init.scope\n",
	}).Link("/etc/os-release", "../usr/lib/os-release").Link("/proc/1/fd/3", "socket:[77]").Link("/proc/1/fd/4", "/dev/null").
		Deny("/etc/sudoers").Mode("/etc/sudoers", 0o440).Own("/home/ann/.ssh/authorized_keys", 1000, 1000).
		Node("/etc/ssh/pipe", fs.ModeNamedPipe|0o644).Link("/etc/crypttab", "/dev/crypt").
		Program("uname -r", "6.1.0-1-amd64\n").Result("sshd -T", host.Output{Stderr: []byte("no hostkeys\n"), Exit: 1, CPU: time.Millisecond}).
		Program("iptables-save", "table x\n"+pem()).Broken("nft -j list ruleset", fs.ErrPermission)
}

// collected returns the bundle of the machine, and the same after it was saved and opened.
func collected(t *testing.T) map[string]*bundle.Bundle {
	t.Helper()
	m := machine()
	b, err := bundle.Collect(t.Context(), m, bundle.About{Host: m.Name(), Collected: m.Time(), Collector: "test"})
	must(t, err)
	var file bytes.Buffer
	must(t, b.Write(&file))
	var again bytes.Buffer
	must(t, b.Write(&again))
	if !bytes.Equal(file.Bytes(), again.Bytes()) {
		t.Error("the same bundle gives other bytes")
	}
	opened, err := bundle.Open(&file)
	must(t, err)
	return map[string]*bundle.Bundle{"collected": b, "opened": opened}
}

func TestSameFacts(t *testing.T) {
	m := machine()
	for name, b := range collected(t) {
		var s host.Source = b
		if s.Name() != m.Name() || !s.Time().Equal(m.Time()) || !s.Root() || s.Kind() != host.Bundle {
			t.Errorf("%s: it is %s of %s, root %v", name, s.Name(), s.Time(), s.Root())
		}
		for _, path := range []string{"/etc/passwd", "/etc/os-release", "/usr/lib/os-release", "/etc/ssh/sshd_config.d/50-x.conf", "/home/ann/.ssh/authorized_keys", "/etc/fstab"} {
			want, err := m.Read(path)
			must(t, err)
			if got, err := s.Read(path); err != nil || !reflect.DeepEqual(got.Info, want.Info) || !bytes.Equal(got.Data, want.Data) {
				t.Errorf("%s: Read(%s) = %+v, %v, want %+v", name, path, got, err, want)
			}
		}
		for path, want := range map[string]error{
			"/etc/sudoers": fs.ErrPermission, "/etc/ufw/ufw.conf": fs.ErrNotExist, "/etc/ssh/none": fs.ErrNotExist, "/etc/ssh/sshd_config.d/none": fs.ErrNotExist,
			"/home/ann/other": host.ErrNotCollected, "/opt/other": fs.ErrNotExist, "/etc/crypttab": fs.ErrNotExist, "/etc/none": fs.ErrNotExist, "/etc/ssh/pipe": host.ErrIrregular,
			"/root/.ssh/authorized_keys": fs.ErrNotExist, "/etc/empty/x": host.ErrNotCollected,
		} {
			if f, err := s.Read(path); !errors.Is(err, want) {
				t.Errorf("%s: Read(%s) = %v, %v, want %v", name, path, f, err, want)
			}
		}
		for _, path := range []string{"/etc/ssh", "/etc/ssh/sshd_config.d"} {
			want, err := m.List(path)
			must(t, err)
			got, err := s.List(path)
			if err != nil || len(got) != len(want) {
				t.Errorf("%s: List(%s) = %v, %v", name, path, got, err)
			}
		}
		if got, err := s.Lstat("/etc/os-release"); err != nil || got.Link != "../usr/lib/os-release" {
			t.Errorf("%s: Lstat = %+v, %v", name, got, err)
		}
		if list, err := s.List("/proc/1/fd"); err != nil || len(list) != 1 || list[0].Link != "socket:[77]" {
			t.Errorf("%s: sockets %v, %v", name, list, err)
		}
		if _, err := s.List("/opt"); !errors.Is(err, host.ErrNotCollected) && !host.Missing(err) {
			t.Errorf("%s: List(/opt): %v", name, err)
		}
	}
}

func TestPrograms(t *testing.T) {
	for name, b := range collected(t) {
		if out, err := b.Run(t.Context(), "uname", "-r"); err != nil || string(out.Stdout) != "6.1.0-1-amd64\n" {
			t.Errorf("%s: %v, %v", name, out, err)
		}
		if out, err := b.Run(t.Context(), "sshd", "-T"); err != nil || out.Exit != 1 || string(out.Stderr) != "no hostkeys\n" || out.CPU != time.Millisecond {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
		for command, want := range map[string]error{"nft -j list ruleset": fs.ErrPermission, "firewall-cmd --state": fs.ErrNotExist, "firewall-cmd --other": fs.ErrNotExist,
			"sshd -T -C user=x": host.ErrNotCollected, "iptables-save": bundle.ErrWithheld} {
			if _, err := b.Run(t.Context(), strings.Fields(command)...); !errors.Is(err, want) {
				t.Errorf("%s: %s: %v, want %v", name, command, err, want)
			}
		}
	}
}

// TestKeysStay looks for secrets in all that a bundle holds.
func TestKeysStay(t *testing.T) {
	for name, b := range collected(t) {
		for _, path := range []string{"/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/odd.conf"} {
			if _, err := b.Read(path); !errors.Is(err, bundle.ErrWithheld) || !errors.Is(err, host.ErrNotCollected) {
				t.Errorf("%s: Read(%s): %v", name, path, err)
			}
			if info, err := b.Stat(path); err != nil || !info.Mode.IsRegular() {
				t.Errorf("%s: Stat(%s): %v", name, path, err)
			}
		}
		shadow, err := b.Read("/etc/shadow")
		must(t, err)
		if want := "root:withheld:19000:0:99999:7:::\nann::1::::::\nlocked:!:1::::::\nstar:*:1::::::\n"; string(shadow.Data) != want {
			t.Errorf("%s: shadow is\n%swant\n%s", name, shadow.Data, want)
		}
		var file bytes.Buffer
		must(t, b.Write(&file))
		plain := unzip(t, file.Bytes())
		for _, secret := range []string{"PRIVATE " + "KEY", "saltsalt", "hunter2"} {
			if bytes.Contains(plain, []byte(secret)) {
				t.Errorf("%s: %q got into the bundle", name, secret)
			}
		}
	}
}
