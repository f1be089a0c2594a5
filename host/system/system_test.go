package system_test

import (
	"errors"
	"testing"
	"time"

	"keysweep/host"
	"keysweep/host/hosttest"
	"keysweep/host/system"
)

func debian() *hosttest.Machine {
	return hosttest.New(map[string]string{
		"/usr/lib/os-release":        "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n",
		"/proc/sys/kernel/osrelease": "6.1.0-37-amd64\n", "/proc/uptime": "864000.52 1.0\n",
		"/usr/lib/modules/6.1.0-37-amd64/": "", "/usr/lib/modules/6.1.0-9-amd64/": "", "/usr/lib/modules/6.1.0-99-cloud-amd64/": "", "/usr/lib/modules/6.1.0-40-amd64/": "",
		"/boot/vmlinuz-6.1.0-37-amd64": "", "/boot/vmlinuz-6.1.0-9-amd64": "", "/boot/vmlinuz-6.1.0-99-cloud-amd64": "",
		"/proc/mounts":            "/dev/mapper/vg-root / ext4 rw 0 0\n/dev/sda1 /boot ext4 rw 0 0\n/dev/sdb1 /home ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\n",
		"/sys/block/dm-0/dm/name": "vg-root\n", "/sys/block/dm-0/dm/uuid": "LVM-xyz\n", "/sys/block/dm-1/dm/name": "sda3_crypt\n", "/sys/block/dm-1/dm/uuid": "CRYPT-LUKS2-abc-sda3_crypt\n",
		"/sys/block/dm-0/slaves/dm-1/x": "", "/sys/block/sda/": "",
		"/usr/lib/systemd/system/":     "",
		"/sys/class/dmi/id/sys_vendor": "QEMU\n", "/run/cloud-init/instance-data.json": `{"v1":{"cloud_name":"hetzner","region":"eu-central"}}`,
	}).Link("/etc/os-release", "../usr/lib/os-release").Link("/lib", "usr/lib")
}

func TestLook(t *testing.T) {
	f := system.Look(t.Context(), debian())
	if f.ReleaseErr != nil || f.Release.ID != "debian" || f.Release.Version != "12" || f.Kernel != "6.1.0-37-amd64" || f.Uptime != 864000*time.Second || f.Container {
		t.Errorf("it is %+v", f)
	}
	if r := f.Reboot; r.Newer != "" || r.NewerErr != nil || r.Asked || r.AskedErr != nil || r.Checked {
		t.Errorf("reboot %+v", r)
	}
	if len(f.Disks) != 2 || !f.Disks[0].Encrypted || f.Disks[0].By != "dm-1 (CRYPT-LUKS2)" || f.Disks[1].Encrypted || f.Disks[1].Err != nil {
		t.Errorf("disks %+v, %v", f.Disks, f.DisksErr)
	}
	if f.Vendor != (system.Vendor{System: "QEMU", Cloud: "hetzner", Region: "eu-central"}) {
		t.Errorf("vendor %+v", f.Vendor)
	}
	if l := f.Logs; l.Kept || l.JournalErr != nil || l.Storage != "auto" || l.Syslog != "" || l.Forward != nil {
		t.Errorf("logs %+v", l)
	}
}

func TestReboot(t *testing.T) {
	for name, c := range map[string]struct {
		m    *hosttest.Machine
		want func(system.Reboot) bool
	}{
		"newer kernel":  {debian().File("/boot/vmlinuz-6.1.0-40-amd64", ""), func(r system.Reboot) bool { return r.Newer == "6.1.0-40-amd64" }},
		"asked":         {debian().File("/run/reboot-required", "").File("/run/reboot-required.pkgs", "linux\nlibc6\nlinux\n"), func(r system.Reboot) bool { return r.Asked && len(r.Packages) == 2 }},
		"needrestart":   {debian().Program("needrestart -b", "NEEDRESTART-VER: 3.6\nNEEDRESTART-KSTA: 3\n"), func(r system.Reboot) bool { return r.Needs != "" && r.Checked }},
		"nothing waits": {debian().Program("needrestart -b", "NEEDRESTART-KSTA: 1\n"), func(r system.Reboot) bool { return r.Needs == "" && r.Checked }},
		"not known":     {debian().Program("needrestart -b", "NEEDRESTART-KSTA: 0\n"), func(r system.Reboot) bool { return r.Needs == "" && !r.Checked }},
		"rhel":          {debian().Result("needs-restarting -r", host.Output{Exit: 1}), func(r system.Reboot) bool { return r.Needs != "" }},
		"other kernel":  {debian().File("/proc/sys/kernel/osrelease", "5.15.0-custom\n"), func(r system.Reboot) bool { return r.NewerErr != nil && r.Newer == "" }},
		"closed":        {debian().Deny("/usr/lib/modules"), func(r system.Reboot) bool { return r.NewerErr != nil }},
		"image":         {debian().As(host.Image), func(r system.Reboot) bool { return r.NewerErr != nil }},
	} {
		if r := system.Look(t.Context(), c.m).Reboot; !c.want(r) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestLogs(t *testing.T) {
	for name, c := range map[string]struct {
		m    *hosttest.Machine
		want func(system.Logs) bool
	}{
		"kept":       {debian().Dir("/var/log/journal"), func(l system.Logs) bool { return l.Kept }},
		"persistent": {debian().File("/etc/systemd/journald.conf", "[Journal]\nStorage=persistent\n"), func(l system.Logs) bool { return l.Kept && l.StorageAt.Line == 2 }},
		"volatile":   {debian().Dir("/var/log/journal").File("/etc/systemd/journald.conf.d/9.conf", "[Journal]\n#x\nStorage=volatile\n").File("/etc/systemd/journald.conf", "[Journal]\nStorage=persistent\n"), func(l system.Logs) bool { return !l.Kept && l.Storage == "volatile" }},
		"none":       {debian().Dir("/var/log/journal").File("/usr/lib/systemd/journald.conf.d/1.conf", "[Journal]\nStorage=none\n"), func(l system.Logs) bool { return !l.Kept }},
		"closed":     {debian().File("/etc/systemd/journald.conf", "").Deny("/etc/systemd/journald.conf"), func(l system.Logs) bool { return l.JournalErr != nil }},
		"no systemd": {hosttest.New(nil), func(l system.Logs) bool { return host.Missing(l.JournalErr) }},
		"rsyslog": {debian().File("/usr/lib/systemd/system/rsyslog.service", "[Install]\nWantedBy=multi-user.target\n").Link("/etc/systemd/system/multi-user.target.wants/rsyslog.service", "/usr/lib/systemd/system/rsyslog.service"),
			func(l system.Logs) bool { return l.Syslog == "rsyslog.service" }},
		"sent":     {debian().File("/etc/rsyslog.d/9.conf", "# *.* @@no\n*.* @@logs.example:514\naction(type=\"omfwd\" target=\"x\")\n"), func(l system.Logs) bool { return len(l.Forward) == 2 && l.Forward[0].Line == 2 }},
		"not sent": {debian().File("/etc/rsyslog.conf", "mail.* -/var/log/mail.log\n$ModLoad x\n"), func(l system.Logs) bool { return len(l.Forward) == 0 && l.ForwardErr == nil }},
	} {
		if l := system.Look(t.Context(), c.m).Logs; !c.want(l) {
			t.Errorf("%s: %+v", name, l)
		}
	}
}

func TestEnd(t *testing.T) {
	for _, c := range []struct {
		r    system.Release
		want string
	}{
		{system.Release{ID: "debian", Version: "12"}, "2028-06-30"}, {system.Release{ID: "ubuntu", Version: "20.04"}, "2025-05-31"},
		{system.Release{ID: "rocky", Version: "9.4"}, "2032-05-31"}, {system.Release{ID: "alpine", Version: "3.2"}, ""}, {system.Release{ID: "alpine", Version: "3.20.3"}, "2026-04-01"},
		{system.Release{ID: "centos", Version: "8"}, "2021-12-31"}, {system.Release{ID: "centos", Version: "8", Pretty: "CentOS Stream 8"}, "2024-05-31"},
		{system.Release{ID: "debian"}, ""}, {system.Release{ID: "arch"}, ""}, {system.Release{ID: "debian", Version: "1"}, ""},
	} {
		got := ""
		if day, known := c.r.End(); known {
			got = day.Format(time.DateOnly)
		}
		if got != c.want {
			t.Errorf("%+v ends %q, want %q", c.r, got, c.want)
		}
	}
}

func TestVersions(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"1.10", "1.9", 1}, {"6.1.0-9", "6.1.0-37", -1}, {"1.0", "1.0", 0}, {"1.0.1", "1.0", 1}, {"010", "9", 1}, {"", "1", -1}} {
		if got := system.CompareVersions(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: %d", c.a, c.b, got)
		}
		if got := system.CompareVersions(c.b, c.a); got != -c.want {
			t.Errorf("%s and %s: %d", c.b, c.a, got)
		}
	}
	if major, minor, ok := system.KernelNumbers("4.10.0-x"); major != 4 || minor != 10 || !ok {
		t.Errorf("%d, %d", major, minor)
	}
	for _, bad := range []string{"", "x", "4", "4.x"} {
		if _, _, ok := system.KernelNumbers(bad); ok {
			t.Errorf("%q has numbers", bad)
		}
	}
	m := hosttest.New(nil).Program("node --version", "node v20.11.1\n").Program("odd", "nothing\n")
	if v := system.Ask(t.Context(), m, []string{"node", "--version"}); v.Text != "20.11.1" || v.Err != nil {
		t.Errorf("%+v", v)
	}
	if v := system.Ask(t.Context(), m, []string{"none"}); !errors.Is(v.Err, errors.ErrUnsupported) && !host.Missing(v.Err) {
		t.Errorf("%+v", v)
	}
	if v := system.Ask(t.Context(), m, []string{"odd"}); v.Err == nil {
		t.Errorf("%+v", v)
	}
}

func TestUnknown(t *testing.T) {
	m := debian().Deny("/usr/lib/os-release").NotCollected("/proc")
	f := system.Look(t.Context(), m)
	if f.ReleaseErr == nil || f.KernelErr == nil || f.UptimeErr == nil || f.DisksErr == nil || f.Reboot.NewerErr == nil {
		t.Errorf("it is known: %+v", f)
	}
	if f := system.Look(t.Context(), debian().Deny("/sys/block/dm-1/dm/uuid")); f.Disks[0].Err == nil {
		t.Errorf("disks %+v", f.Disks)
	}
	if f := system.Look(t.Context(), debian().As(host.Image)); f.Kernel != "6.1.0-99-cloud-amd64" {
		t.Errorf("the image's kernel is %s, %v", f.Kernel, f.KernelErr)
	}
}

func FuzzLook(f *testing.F) {
	f.Add("ID=x\nVERSION_ID='1'\n", "6.1-x", "/dev/mapper/a / ext4 rw 0 0\n", "*.* @x\n", "{}")
	f.Fuzz(func(t *testing.T, release, kernel, mounts, syslog, cloud string) {
		m := debian().File("/usr/lib/os-release", release).File("/proc/sys/kernel/osrelease", kernel).File("/proc/mounts", mounts).
			File("/etc/rsyslog.conf", syslog).File("/run/cloud-init/instance-data.json", cloud).File("/proc/uptime", kernel)
		found := system.Look(t.Context(), m)
		_, _ = found.Release.End()
		_, _, _ = system.KernelNumbers(found.Kernel)
	})
}
