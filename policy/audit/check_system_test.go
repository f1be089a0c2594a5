package audit_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/bundle"
	"keysweep/host/hosttest"
	"keysweep/host/observe"
	"keysweep/host/system"
	"keysweep/host/updates"
	"keysweep/policy/audit"
)

const (
	timer          = "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n"
	wanted         = "/etc/systemd/system/timers.target.wants/"
	lib            = "/usr/lib/systemd/system/"
	auto           = "/etc/apt/apt.conf.d/20auto-upgrades"
	autoText       = "APT::Periodic::Update-Package-Lists \"1\";\nAPT::Periodic::Unattended-Upgrade \"1\";\n"
	origins        = "/etc/apt/apt.conf.d/50unattended-upgrades"
	originText     = "Unattended-Upgrade::Origins-Pattern {\n\"origin=Debian,codename=${distro_codename},label=Debian\";\n\"origin=Debian,codename=${distro_codename}-security,label=Debian-Security\";\n};\n"
	securitySource = "Types: deb\nURIs: http://ftp.debian.org/debian-security\nSuites: bookworm-security\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
)

// kept is a machine that does all of it right, and some more files.
func kept(files ...string) *hosttest.Machine {
	m := hosttest.New(map[string]string{
		"/usr/bin/apt-get": "", "/usr/bin/unattended-upgrade": "", lib + "apt-daily.timer": timer, lib + "apt-daily-upgrade.timer": timer,
		auto: autoText, origins: originText, "/etc/apt/sources.list.d/debian.sources": securitySource, "/var/lib/apt/lists/": "",
		"/var/lib/apt/periodic/unattended-upgrades-stamp": "",
		"/etc/os-release":            "ID=debian\nVERSION_ID=12\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
		"/proc/sys/kernel/osrelease": "6.1.0-37-amd64\n", "/proc/uptime": "864000.5 1\n", "/boot/vmlinuz-6.1.0-37-amd64": "", "/lib/modules/6.1.0-37-amd64/x": "",
		"/proc/mounts": "/dev/mapper/root / ext4 rw 0 0\n", "/sys/block/dm-0/dm/name": "root\n", "/sys/block/dm-0/dm/uuid": "CRYPT-LUKS2-x-root\n",
		"/var/log/journal/x": "", "/etc/rsyslog.d/far.conf": "*.* @@logs.example:6514\n", "/sys/class/dmi/id/sys_vendor": "QEMU\n",
		"/run/cloud-init/instance-data.json": `{"v1":{"cloud_name":"hetzner","region":"eu"}}`, "/proc/net/tcp": socketTable("0A"), "/proc/net/udp": socketTable("07"),
	}).Link(wanted+"apt-daily.timer", lib+"apt-daily.timer").Link(wanted+"apt-daily-upgrade.timer", lib+"apt-daily-upgrade.timer").
		Program(strings.Join(updates.SimulateApt(), " "), "NOTE: simulation\n")
	for i := 0; i+1 < len(files); i += 2 {
		m.File(files[i], files[i+1])
	}
	return m
}

func waiting(lines ...string) *hosttest.Machine {
	return kept().Program(strings.Join(updates.SimulateApt(), " "), strings.Join(lines, "\n")+"\n")
}

const (
	plainUpdate  = "Inst bash [5.2-1] (5.2-2 Debian:12.15/oldstable [amd64])"
	urgentUpdate = "Inst curl [7.1] (7.2 Debian-Security:12/oldstable-security [amd64])"
)

type systemCase struct {
	name, id string
	machine  *hosttest.Machine
	want     string
}

func updateCases() []systemCase {
	older := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	off := "fail high"
	return []systemCase{
		{"nothing", "updates.pending", kept(), "pass"},
		{"some", "updates.pending", waiting(plainUpdate, urgentUpdate), "fail medium"},
		{"an image", "updates.pending", kept().As(host.Image), "unknown"},
		{"old lists", "updates.pending", kept().Touch("/var/lib/apt/lists", older), "unknown"},
		{"old lists, and some", "updates.pending", waiting(plainUpdate).Touch("/var/lib/apt/lists", older), "fail medium"},
		{"apt fails", "updates.pending", kept().Result(strings.Join(updates.SimulateApt(), " "), host.Output{Exit: 100}), "unknown"},
		{"no manager", "updates.pending", hosttest.New(nil), "unknown"},
		{"zypper", "updates.pending", hosttest.New(map[string]string{"/usr/bin/zypper": ""}), "unknown"},
		{"only others", "updates.security-pending", waiting(plainUpdate), "pass"},
		{"one", "updates.security-pending", waiting(plainUpdate, urgentUpdate), "fail high"},
		{"old lists", "updates.security-pending", waiting(plainUpdate).Touch("/var/lib/apt/lists", older), "unknown"},

		{"all right", "updates.auto", kept(), "pass"},
		{"not installed", "updates.auto", hosttest.New(map[string]string{"/usr/bin/apt-get": ""}), off},
		{"Enable 0", "updates.auto", kept("/etc/apt/apt.conf", "APT::Periodic::Enable \"0\";\n"), off},
		{"0d", "updates.auto", kept(auto, strings.ReplaceAll(autoText, "Upgrade \"1\"", "Upgrade \"0d\"")), off},
		{"always", "updates.auto", kept(auto, strings.ReplaceAll(autoText, "Upgrade \"1\"", "Upgrade \"always\"")), "pass"},
		{"12h", "updates.auto", kept(auto, strings.ReplaceAll(autoText, "Upgrade \"1\"", "Upgrade \"12h\"")), "pass"},
		{"10", "updates.auto", kept(auto, strings.ReplaceAll(autoText, "Upgrade \"1\"", "Upgrade \"10\"")), "pass"},
		{"overridden later", "updates.auto", kept("/etc/apt/apt.conf.d/99x", "APT::Periodic::Unattended-Upgrade \"0\";\n"), off},
		{"an ignored file", "updates.auto", kept("/etc/apt/apt.conf.d/99x.bak", "APT::Periodic::Unattended-Upgrade \"0\";\n"), "pass"},
		{"not set", "updates.auto", kept(auto, "// none\n"), off + "; " + off},
		{"no security", "updates.auto", kept(origins, "Unattended-Upgrade::Allowed-Origins { \"${distro_id}:stable\"; };\n"), off},
		{"cleared", "updates.auto", kept("/etc/apt/apt.conf.d/60x", "#clear Unattended-Upgrade::Origins-Pattern;\n"), off},
		{"Ubuntu's form", "updates.auto", kept(origins, "Unattended-Upgrade::Allowed-Origins { \"${distro_id}:${distro_codename}-security\"; };\n"), "pass"},
		{"timer masked", "updates.auto", kept().Link("/etc/systemd/system/apt-daily-upgrade.timer", "/dev/null"), off + " apt-daily-upgrade.timer"},
		{"timer missing", "updates.auto", kept().Link(wanted+"apt-daily.timer", "x").NotCollected("/run/systemd/system"), "unknown; unknown"},
		{"kernel held", "updates.auto", kept("/etc/apt/apt.conf.d/60x", "Unattended-Upgrade::Package-Blacklist { \"linux-\"; };\n"), "fail medium linux-"},
		{"other held", "updates.auto", kept("/etc/apt/apt.conf.d/60x", "Unattended-Upgrade::Package-Blacklist { \"vim\"; };\n"), "pass"},
		{"silent", "updates.auto", kept().Touch("/var/lib/apt/periodic/unattended-upgrades-stamp", older), "fail high last run"},
		{"unreadable", "updates.auto", kept().Deny(auto), "unknown"},
		{"dnf off", "updates.auto", dnf("[commands]\napply_updates = no\n"), off},
		{"dnf on", "updates.auto", dnf("[commands]\napply_updates = yes\n"), "pass"},
		{"dnf without timer", "updates.auto", hosttest.New(map[string]string{"/usr/bin/dnf": "", "/etc/dnf/automatic.conf": "[commands]\napply_updates=yes\n", lib + "dnf-automatic.timer": timer}),
			off + " dnf-automatic.timer; " + off + " dnf-automatic-install.timer"},
		{"dnf without automatic", "updates.auto", hosttest.New(map[string]string{"/usr/bin/dnf": ""}), off},

		{"there", "updates.security-repo", kept(), "pass"},
		{"none", "updates.security-repo", kept("/etc/apt/sources.list.d/debian.sources", ""), "fail high"},
		{"switched off", "updates.security-repo", kept("/etc/apt/sources.list.d/debian.sources", "Enabled: no\n"+securitySource), "fail high"},
		{"Ubuntu", "updates.security-repo", kept("/etc/apt/sources.list.d/debian.sources", "", "/etc/apt/sources.list", "deb http://security.ubuntu.com/ubuntu noble-security main\n"), "pass"},
		{"unreadable", "updates.security-repo", kept("/etc/apt/sources.list", "").Deny("/etc/apt/sources.list"), "unknown"},

		{"signed", "pkg.untrusted-source", kept(), "pass"},
		{"trusted", "pkg.untrusted-source", kept("/etc/apt/sources.list", "deb [trusted=yes] https://x.example/ a b\n"), "fail high https://x.example/ a"},
		{"trusted, plain", "pkg.untrusted-source", kept("/etc/apt/sources.list", "deb [trusted=yes] http://x.example/ a b\n"), "fail critical http://x.example/ a"},
		{"any key", "pkg.untrusted-source", kept("/etc/apt/sources.list", "deb https://x.example/ a b\n"), "fail low https://x.example/ a"},
		{"Debian's own", "pkg.untrusted-source", kept("/etc/apt/sources.list", "deb http://ftp.de.debian.org/debian bookworm main\ndeb http://archive.ubuntu.com/ubuntu noble main\n"), "pass"},
		{"looks like Debian's", "pkg.untrusted-source", kept("/etc/apt/sources.list", "deb http://ftp.debian.org.example/x bookworm main\n"), "fail low http://ftp.debian.org.example/x bookworm"},
		{"commented", "pkg.untrusted-source", kept("/etc/apt/sources.list", "# deb [trusted=yes] http://x.example/ a b\n"), "pass"},
		{"all let off", "pkg.untrusted-source", kept("/etc/apt/apt.conf.d/60x", "APT::Get::AllowUnauthenticated \"true\";\n"), "fail high APT::Get::AllowUnauthenticated"},
		{"dnf, signed", "pkg.untrusted-source", dnf("").File("/etc/dnf/dnf.conf", "[main]\ngpgcheck=True\n").File("/etc/yum.repos.d/a.repo", "[a]\nbaseurl=http://x.example/\n"), "pass"},
		{"dnf, off by default", "pkg.untrusted-source", dnf("").File("/etc/yum.repos.d/a.repo", "[a]\nbaseurl=https://x.example/\n"), "fail high a"},
		{"dnf, off", "pkg.untrusted-source", dnf("").File("/etc/dnf/dnf.conf", "[main]\ngpgcheck=1\n").File("/etc/yum.repos.d/a.repo", "[a]\nbaseurl=http://x.example/\ngpgcheck=0\n[b]\nenabled=0\ngpgcheck=0\n"), "fail critical a"},
		{"dnf, unreadable", "pkg.untrusted-source", dnf("").File("/etc/yum.repos.d/a.repo", "").Deny("/etc/yum.repos.d/a.repo"), "unknown"},
		{"not let off", "pkg.untrusted-source", kept("/etc/apt/apt.conf.d/60x", "APT::Get::AllowUnauthenticated \"false\";\n"), "pass"},
	}
}

func dnf(config string) *hosttest.Machine {
	return hosttest.New(map[string]string{"/usr/bin/dnf": "", "/etc/dnf/automatic.conf": config, lib + "dnf-automatic.timer": timer}).Link(wanted+"dnf-automatic.timer", lib+"dnf-automatic.timer")
}

func systemCases() []systemCase {
	release := func(text string) *hosttest.Machine { return kept("/etc/os-release", text) }
	return []systemCase{
		{"12", "host.os-eol", kept(), "pass"},
		{"10", "host.os-eol", release("ID=debian\nVERSION_ID=10\n"), "fail high"},
		{"ends soon", "host.os-eol", release("ID=fedora\nVERSION_ID=43\n"), "fail low"},
		{"Ubuntu 20.04", "host.os-eol", release("ID=ubuntu\nVERSION_ID=\"20.04\"\n"), "fail high"},
		{"not in the table", "host.os-eol", release("ID=other\nVERSION_ID=1\n"), "unknown"},
		{"testing", "host.os-eol", release("ID=debian\n"), "unknown"},
		{"rolling", "host.os-eol", release("ID=arch\n"), "pass"},
		{"no file", "host.os-eol", hosttest.New(nil), "unknown"},

		{"new", "host.kernel-version", kept(), "pass"},
		{"3.10", "host.kernel-version", kept("/proc/sys/kernel/osrelease", "3.10.0-1160.el7\n"), "fail high"},
		{"4.3", "host.kernel-version", kept("/proc/sys/kernel/osrelease", "4.3.9\n"), "fail high"},
		{"4.10", "host.kernel-version", kept("/proc/sys/kernel/osrelease", "4.10.0\n"), "pass"},
		{"odd", "host.kernel-version", kept("/proc/sys/kernel/osrelease", "custom\n"), "unknown"},
		{"image", "host.kernel-version", kept().As(host.Image), "pass"},

		{"newest", "host.reboot-required", kept(), "pass"},
		{"asked", "host.reboot-required", kept("/run/reboot-required", "", "/run/reboot-required.pkgs", "libc6\n"), "fail medium"},
		{"newer", "host.reboot-required", kept("/boot/vmlinuz-6.1.0-40-amd64", "", "/lib/modules/6.1.0-40-amd64/x", ""), "fail medium"},
		{"left over", "host.reboot-required", kept("/lib/modules/6.1.0-40-amd64/x", ""), "pass"},
		{"container", "host.reboot-required", kept("/.dockerenv", ""), "not-applicable"},
		{"other kernel", "host.reboot-required", kept("/proc/sys/kernel/osrelease", "6.9-custom\n"), "unknown"},
		{"image", "host.reboot-required", kept().As(host.Image), "unknown"},

		{"old library", "host.reboot-required", kept("/proc/7/maps", "7f1-7f2 r--p 00000000 08:01 1 /usr/lib/x86_64-linux-gnu/libssl.so.3 (deleted)\n", "/proc/7/comm", "sshd\n"), "pass; fail low processes"},
		{"other deleted", "host.reboot-required", kept("/proc/7/maps", "7f1-7f2 rw-s 0 00:01 1 /memfd:x (deleted)\n7f1-7f2 rw-s 0 00:01 1 /tmp/x.so (deleted)\n"), "pass"},

		{"orderly", "host.unexpected-reboot", kept().Program(strings.Join(system.Boots(), " "), boot("31", "")+down("31")+boot("20", "")), "pass"},
		{"fell over", "host.unexpected-reboot", kept().Program(strings.Join(system.Boots(), " "), boot("31", "")+boot("30", "crash")+down("30")+boot("20", "")), "fail low"},
		{"only one", "host.unexpected-reboot", kept().Program(strings.Join(system.Boots(), " "), boot("31", "")), "pass"},
		{"no record", "host.unexpected-reboot", kept().Program(strings.Join(system.Boots(), " "), "\nwtmp begins Tue May 20 00:00:00 2025\n"), "unknown"},
		{"no last", "host.unexpected-reboot", kept(), "unknown"},

		{"10 days", "host.uptime", kept(), "pass"},
		{"100 days", "host.uptime", kept("/proc/uptime", "8640000 1\n"), "fail low"},
		{"image", "host.uptime", kept().NotCollected("/proc"), "unknown"},

		{"encrypted", "host.disk-encryption", kept(), "pass /"},
		{"plain", "host.disk-encryption", kept("/proc/mounts", "/dev/sda1 / ext4 rw 0 0\n"), "fail low /"},
		{"only home", "host.disk-encryption", kept("/proc/mounts", "/dev/sda1 / ext4 rw 0 0\n/dev/mapper/root /home ext4 rw 0 0\n"), "fail low /; pass /home"},
		{"LVM alone", "host.disk-encryption", kept("/sys/block/dm-0/dm/uuid", "LVM-x\n"), "fail low /"},
		{"unreadable", "host.disk-encryption", kept().Deny("/sys/block/dm-0/dm/uuid"), "unknown /"},
		{"image", "host.disk-encryption", kept().As(host.Image), "unknown"},

		{"kept", "logs.persistent", kept(), "pass"},
		{"volatile", "logs.persistent", kept("/etc/systemd/journald.conf", "[Journal]\nStorage=volatile\n"), "fail medium"},
		{"auto without directory", "logs.persistent", bare(), "fail medium"},
		{"none, with rsyslog", "logs.persistent", bare().File(lib+"rsyslog.service", "[Install]\nWantedBy=multi-user.target\n").Link("/etc/systemd/system/multi-user.target.wants/rsyslog.service", "x"), "pass"},
		{"unreadable", "logs.persistent", bare().File("/etc/systemd/journald.conf", "").Deny("/etc/systemd/journald.conf"), "unknown"},
		{"no systemd", "logs.persistent", hosttest.New(nil), "unknown"},
		{"sent", "logs.forwarded", kept(), "pass"},
		{"not sent", "logs.forwarded", bare(), "fail low"},
		{"unreadable", "logs.forwarded", bare().File("/etc/rsyslog.conf", "").Deny("/etc/rsyslog.conf"), "unknown"},

		{"known", "org.provider", kept(), "pass"}, {"not known", "org.provider", hosttest.New(nil), "unknown"},
		{"known", "org.region", kept(), "pass"}, {"not known", "org.region", hosttest.New(nil), "unknown"},
		{"known", "host.os-profile", kept(), "pass"},
	}
}

func boot(day, end string) string {
	return "reboot   system boot  6.1.0-37-amd64   Sat Oct " + day + " 10:00:00 2026   still running " + end + "\n"
}

func down(day string) string {
	return "shutdown system down  6.1.0-37-amd64   Sat Oct " + day + " 09:59:00 2026 - Sat Oct 31 10:00:00 2026  (00:01)\n"
}

// bare has systemd and nothing else.
func bare() *hosttest.Machine { return hosttest.New(map[string]string{lib: ""}) }

func serving(user string, uid string, at string) *hosttest.Machine {
	m := hosttest.New(map[string]string{
		"/etc/systemd/system/node.service": "[Service]\nExecStart=/opt/node\n" + user, lib + "packaged.service": "[Service]\nExecStart=/usr/sbin/x\n",
		"/proc/net/tcp": strings.ReplaceAll(socketTable("0A", at), " 00000000     0 ", " 00000000     "+uid+" "), "/proc/net/udp": socketTable("07"),
		"/proc/7/comm": "node\n", "/proc/7/cgroup": "0::/system.slice/node.service\n",
	})
	return m.Link("/proc/7/fd/3", "socket:[100]")
}

func serviceCases() []systemCase {
	const out = "00000000:1F40"
	id := strings.Repeat("c", 64)
	boxed := func(uid, caps string) *hosttest.Machine {
		return hosttest.New(map[string]string{"/proc/9/cgroup": "0::/system.slice/docker-" + id + ".scope\n", "/proc/9/status": "Name:\tx\nUid:\t0\t" + uid + "\t0\t0\nCapEff:\t" + caps + "\n"})
	}
	return []systemCase{
		{"root", "service.root-user", serving("", "0", out), "fail high node.service"},
		{"User=root", "service.root-user", serving("User=root\n", "0", out), "fail high node.service"},
		{"User=", "service.root-user", serving("User=node\nUser=\n", "0", out), "fail high node.service"},
		{"a user", "service.root-user", serving("User=node\n", "0", out), "pass"},
		{"dynamic", "service.root-user", serving("DynamicUser=yes\n", "0", out), "pass"},
		{"gives it up", "service.root-user", serving("", "998", out), "pass node.service"},
		{"drop-in", "service.root-user", serving("", "0", out).File("/etc/systemd/system/node.service.d/u.conf", "[Service]\nUser=node\n"), "pass"},
		{"loopback", "service.root-user", serving("", "0", "0100007F:1F40"), "pass"},
		{"no systemd", "service.root-user", hosttest.New(nil), "unknown"},
		{"unreadable", "service.root-user", serving("", "0", out).Deny("/etc/systemd/system"), "unknown"},
		{"no container", "container.root-user", serving("", "0", out), "not-applicable"},
		{"root", "container.root-user", boxed("0", "00000000a80425fb"), "fail medium cccccccccccc"},
		{"privileged", "container.root-user", boxed("0", "000001ffffffffff"), "fail high cccccccccccc"},
		{"a user", "container.root-user", boxed("1000", "0"), "pass cccccccccccc"},
		{"image", "container.root-user", bare().As(host.Image), "unknown"},
		{"no nodes", "logs.node", kept(), "not-applicable"},
	}
}

func TestSystemChecks(t *testing.T) {
	for _, list := range [][]systemCase{updateCases(), systemCases(), serviceCases()} {
		for _, tt := range list {
			if got := outcome(t, tt.machine, audit.Baseline(), tt.id); got != tt.want {
				t.Errorf("%s, %s: %q, want %q", tt.id, tt.name, got, tt.want)
			}
			if tt.machine.Kind() != host.Live || strings.HasSuffix(tt.name, " library") { // memory maps are not collected
				continue
			}
			b, err := bundle.Collect(context.Background(), tt.machine, bundle.About{Host: "test", Collected: tt.machine.Time()})
			if err != nil {
				t.Fatal(err)
			}
			if got := outcome(t, b, audit.Baseline(), tt.id); got != tt.want {
				t.Errorf("%s, %s: collected, it is %q, want %q", tt.id, tt.name, got, tt.want)
			}
		}
	}
}

func TestNodeServices(t *testing.T) {
	rules := audit.Baseline()
	rules.NodeServices = []string{"packaged", "node*"}
	m := serving("User=node\nStandardOutput=null\n", "0", "0100007F:1F40")
	if got, want := outcome(t, m, rules, "service.root-user"), "fail high packaged.service"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := outcome(t, m, rules, "logs.node"), "pass packaged.service; fail low node.service"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSoftware(t *testing.T) {
	rules := audit.Baseline()
	rules.Software = []audit.Software{{Name: "node", Command: []string{"node", "--version"}, Minimum: "20.9"}}
	for text, want := range map[string]finding.State{"20.10.0": finding.Pass, "20.9": finding.Pass, "18.1": finding.Fail, "": finding.Undetermined} {
		m := observe.Look(context.Background(), kept())
		m.Versions = map[string]system.Version{"node": {Text: text}}
		if text == "" {
			m.Versions = nil
		}
		for _, r := range audit.Host(m, rules, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)) {
			if r.Check == "software.minimum-version" && r.State != want {
				t.Errorf("%q: %s", text, r.State)
			}
		}
	}
}

// withUsers has sshd, users with keys, and sudo.
func withUsers() *hosttest.Machine {
	return guarded("/etc/passwd", "root:x:0:0::/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/bash\nbob:x:1001:1001::/srv/bob:/bin/zsh\n", "/etc/group", "sudo:x:27:ann\n",
		"/etc/shadow", "root:*:1::::::\nann:$6$a$"+strings.Repeat("b", 40)+":1::::::\nbob:!:1::::::\n", "/etc/sudoers", "%sudo ALL=(ALL:ALL) ALL\n", "/etc/sudoers.d/x", "bob ALL=(ALL) NOPASSWD: ALL\n",
		"/home/ann/.ssh/authorized_keys", "ssh-ed25519 "+"AAAAC3NzaC1lZDI1NTE5AAAAIJ"+strings.Repeat("A", 40)+"q ann\n", "/etc/ssh/sshd_config.d/50-cloud-init.conf", "PasswordAuthentication yes\n",
		"/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\nMatch User ann\n PasswordAuthentication no\n").Program("sshd -t", "")
}

// TestCollectedSystemIsJudgedAlike judges a machine as it is, and by what is collected of it.
func TestCollectedSystemIsJudgedAlike(t *testing.T) {
	for name, m := range map[string]*hosttest.Machine{"kept": kept(), "serving": serving("", "0", "00000000:1F40"), "dnf": dnf("[commands]\napply_updates=no\n"), "waiting": waiting(urgentUpdate), "ssh": withUsers()} {
		b, err := bundle.Collect(context.Background(), m, bundle.About{Host: "test", Collected: m.Time()})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range audit.HostChecks() {
			if live, saved := outcome(t, m, audit.Baseline(), c.ID), outcome(t, b, audit.Baseline(), c.ID); live != saved {
				t.Errorf("%s, %s: %q, and when it is collected %q", name, c.ID, live, saved)
			}
		}
	}
}
