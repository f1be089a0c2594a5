package plan

import (
	"fmt"
	"path"
	"strings"
)

// Kind says what is collected of the files that an Item names.
type Kind string

// The kinds of items.
const (
	Content Kind = "file"    // files, with what they hold; a link, and where it leads
	Entries Kind = "dir"     // directories, with what is known of their entries from outside
	All     Kind = "all"     // directories, their entries, and what the files among them hold
	Deep    Kind = "tree"    // the same for directories in them, three levels down
	Outside Kind = "stat"    // what is known of files without reading them
	Lines   Kind = "lines"   // files of the kernel, of which there are many: what they hold, and nothing about them
	Sockets Kind = "sockets" // of each process, which of its files are sockets: links of /proc/PID/fd
)

// Levels is how many directories Deep goes down.
const Levels = 3

// Item is something of a machine's files.
type Item struct {
	Kind Kind
	// Path may hold the wildcards * and ? and sets [0-9] in any of its parts. "~" at its beginning stands for each home directory that
	// /etc/passwd names.
	Path string
}

// files is the table: a kind and paths on each line.
const files = `
dir / /etc /boot /run /lib/modules /usr/lib/modules
file /etc/os-release /usr/lib/os-release /etc/hostname /etc/debian_version /proc/sys/kernel/osrelease /proc/version /proc/uptime /proc/stat
file /proc/mounts /proc/1/comm /etc/fstab /etc/crypttab /sys/block/dm-*/dm/uuid /sys/block/dm-*/dm/name
dir /sys/block /sys/block/*/slaves /sys/class/net
file /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_name /sys/class/dmi/id/bios_vendor /run/cloud-init/cloud-id /run/cloud-init/instance-data.json
file /run/reboot-required /run/reboot-required.pkgs
stat /sys/class/net/*/wireless /sys/class/net/*/phy80211

file /etc/passwd /etc/group /etc/shadow /etc/login.defs /etc/services /etc/nsswitch.conf /etc/sudoers /etc/shells /etc/pam.d/sshd /etc/pam.d/common-auth
all /etc/sudoers.d
stat ~ ~/.ssh
file ~/.ssh/authorized_keys ~/.ssh/authorized_keys2

tree /etc/ssh
file /run/sshd.pid /etc/default/ssh /etc/sysconfig/sshd /etc/conf.d/sshd /etc/crypto-policies/back-ends/opensshserver.config
stat /usr/sbin/sshd /usr/bin/ssh /run/sshd /usr/sbin/dropbear

tree /etc/ufw /etc/nftables /etc/firewalld
all /etc/iptables /usr/lib/firewalld/policies /usr/lib/firewalld/zones /usr/lib/firewalld/services
file /etc/default/ufw /etc/nftables.conf /etc/sysconfig/iptables /etc/sysconfig/ip6tables /etc/sysconfig/nftables.conf /etc/docker/daemon.json
stat /usr/sbin/ufw /usr/sbin/nft /usr/sbin/iptables /usr/sbin/firewalld /usr/bin/firewall-cmd /usr/bin/dockerd /usr/bin/docker

dir /etc/fail2ban /etc/fail2ban/action.d /etc/fail2ban/filter.d
all /etc/fail2ban/jail.d
file /etc/fail2ban/*.conf /etc/fail2ban/*.local /etc/fail2ban/filter.d/sshd.conf /etc/fail2ban/filter.d/common.conf
stat /usr/bin/fail2ban-server /usr/bin/fail2ban-client /run/fail2ban/fail2ban.sock /var/run/fail2ban/fail2ban.sock /var/log/auth.log /var/log/secure
stat /usr/sbin/sshguard /usr/bin/crowdsec
dir /usr/lib /usr/lib64 /usr/local/lib /usr/local/bin /usr/local/sbin /usr/lib/python3* /usr/local/lib/python3* /usr/lib/python3*/*-packages /usr/lib64/python3*/*-packages /usr/local/lib/python3*/*-packages

dir /proc
file /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6 /proc/net/if_inet6 /proc/net/fib_trie /proc/net/ip_tables_names /proc/net/ip6_tables_names /proc/sys/net/ipv6/bindv6only
lines /proc/[0-9]*/cgroup /proc/[0-9]*/comm /proc/[0-9]*/status
sockets /proc/[0-9]*/fd

file /etc/bitcoin/bitcoin.conf ~/.bitcoin/bitcoin.conf ~/.zelcash/zelcash.conf ~/.flux/flux.conf ~/.litecoin/litecoin.conf ~/.zcash/zcash.conf

file /etc/apt/apt.conf /etc/apt/sources.list
all /etc/apt/apt.conf.d /etc/apt/sources.list.d
dir /etc/apt /etc/apt/trusted.gpg.d /var/lib/apt/periodic /var/log/unattended-upgrades
stat /etc/cron.daily/apt-compat /etc/cron.daily/dnf-automatic.cron /.dockerenv /run/.containerenv /run/systemd/container /var/lib/apt/lists /usr/bin/apt-get /usr/bin/unattended-upgrade /usr/bin/dnf /usr/bin/dnf5 /usr/bin/yum /usr/bin/zypper /sbin/apk /usr/bin/pacman
file /etc/dnf/automatic.conf /etc/dnf/dnf.conf /etc/dnf/dnf5-plugins/automatic.conf /usr/share/dnf5/dnf5-plugins/automatic.conf
all /etc/yum.repos.d

tree /etc/systemd /usr/lib/systemd/system /usr/local/lib/systemd /lib/systemd/system
tree /run/systemd/system /run/systemd/system.control /run/systemd/system.attached /run/systemd/transient
tree /run/systemd/generator /run/systemd/generator.early /run/systemd/generator.late
file /run/systemd/journald.conf /usr/lib/systemd/journald.conf
all /run/systemd/journald.conf.d /usr/lib/systemd/journald.conf.d
file /etc/rsyslog.conf /etc/syslog-ng/syslog-ng.conf
all /etc/rsyslog.d /etc/syslog-ng/conf.d
dir /var/log /var/log/journal
stat /usr/sbin/rsyslogd /usr/sbin/syslog-ng

all /etc/NetworkManager/system-connections
all /etc/wpa_supplicant
dir /var/lib/iwd
`

// Files returns the table.
func Files() (list []Item) {
	for line := range strings.Lines(files) {
		words := strings.Fields(line)
		for i := 1; i < len(words); i++ {
			list = append(list, Item{Kind: Kind(words[0]), Path: words[i]})
		}
	}
	return list
}

// Pattern reports whether a path holds wildcards.
func Pattern(name string) bool { return strings.ContainsAny(name, "*?[") }

// check says what is wrong with an item: the collector's script writes paths into a shell's loops as they are.
func (i Item) check() error {
	if !strings.HasPrefix(i.Path, "/") && !strings.HasPrefix(i.Path, "~") || i.Path != "/" && path.Clean(i.Path) != i.Path {
		return fmt.Errorf("%s: no clean absolute path", i.Path)
	}
	if strings.ContainsFunc(i.Path, func(r rune) bool { return !Word("a"+string(r)) && !strings.ContainsRune("~*?", r) }) {
		return fmt.Errorf("%s: a shell could read it otherwise", i.Path)
	}
	switch i.Kind {
	case Content, Entries, All, Deep, Outside, Lines, Sockets:
		return nil
	}
	return fmt.Errorf("%s: there is no kind %q", i.Path, i.Kind)
}
