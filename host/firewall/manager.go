package firewall

import (
	"context"
	"fmt"
	"path"
	"strings"

	"keysweep/host"
)

// Manager is a program that makes the rules of a firewall.
type Manager struct {
	Name    string      // "ufw", "firewalld", "nftables", "iptables"
	Enabled bool        // its configuration says that it makes rules
	Boot    bool        // the system starts it
	Config  host.Origin // what says so, or would
	Logging string      // how much of what it drops is logged: ufw's "low", firewalld's "all"; "off", or "" if its rules say
	Err     error       // why Enabled, Boot or Logging are not known
}

// managers returns the programs that are installed.
func managers(_ context.Context, s host.Source) []Manager {
	var list []Manager
	for _, find := range []func(host.Source) *Manager{findUfw, findFirewalld, findNftables, findIptables} {
		if m := find(s); m != nil {
			list = append(list, *m)
		}
	}
	return list
}

// installed reports whether one of some files is there.
func installed(s host.Source, paths ...string) bool {
	for _, p := range paths {
		if _, err := s.Stat(p); err == nil {
			return true
		}
	}
	return false
}

func findUfw(s host.Source) *Manager {
	const path = "/etc/ufw/ufw.conf"
	if !installed(s, path, "/usr/sbin/ufw", "/sbin/ufw") {
		return nil
	}
	m := Manager{Name: "ufw", Config: host.Origin{Path: path}, Logging: "low"}
	settings, err := readSettings(s, path)
	if err != nil {
		m.Err = err
		return &m
	}
	if v, ok := settings["ENABLED"]; ok {
		m.Enabled, m.Config = strings.EqualFold(v.value, "yes"), v.origin
	}
	if v, ok := settings["LOGLEVEL"]; ok {
		m.Logging = strings.ToLower(v.value)
	}
	m.Boot, m.Err = started(s, "ufw")
	m.Boot = m.Boot && m.Enabled
	return &m
}

func findFirewalld(s host.Source) *Manager {
	const path = "/etc/firewalld/firewalld.conf"
	if !installed(s, "/usr/sbin/firewalld", "/sbin/firewalld") {
		return nil
	}
	m := Manager{Name: "firewalld", Config: host.Origin{Path: path}, Logging: "off"}
	m.Boot, m.Err = started(s, "firewalld")
	m.Enabled = m.Boot
	settings, err := readSettings(s, path)
	if err != nil && !host.Missing(err) {
		m.Err = err
	}
	if v, ok := settings["LogDenied"]; ok {
		m.Logging = strings.ToLower(v.value)
	}
	return &m
}

// findNftables finds the service that loads a file of rules: Debian's and Arch's, or that of Fedora and its kin.
func findNftables(s host.Source) *Manager {
	if !installed(s, "/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft") {
		return nil
	}
	m := Manager{Name: "nftables"}
	for _, path := range []string{"/etc/nftables.conf", "/etc/sysconfig/nftables.conf", "/etc/nftables.nft"} {
		if installed(s, path) {
			m.Config = host.Origin{Path: path}
			break
		}
	}
	m.Boot, m.Err = started(s, "nftables")
	m.Boot = m.Boot && m.Config.Path != ""
	m.Enabled = m.Boot
	return &m
}

// findIptables finds the services that load what iptables-save wrote: netfilter-persistent of Debian, iptables of Fedora and Arch.
func findIptables(s host.Source) *Manager {
	if !installed(s, "/usr/sbin/iptables", "/sbin/iptables", "/usr/bin/iptables") {
		return nil
	}
	m := Manager{Name: "iptables"}
	for _, p := range []struct{ unit, path string }{
		{"netfilter-persistent", "/etc/iptables/rules.v4"},
		{"iptables", "/etc/sysconfig/iptables"},
		{"iptables", "/etc/iptables/iptables.rules"},
	} {
		if !installed(s, p.path) {
			continue
		}
		m.Config = host.Origin{Path: p.path}
		m.Boot, m.Err = started(s, p.unit)
		m.Enabled = m.Boot
		if m.Boot || m.Err != nil {
			break
		}
	}
	return &m
}

// started reports whether the system starts a service at boot: a unit of systemd that another one wants and that is not masked
// (systemd.unit(5)), or, without systemd, an entry of a run level.
func started(s host.Source, service string) (bool, error) {
	unit := service + ".service"
	const own = "/etc/systemd/system"
	if info, err := s.Lstat(path.Join(own, unit)); err == nil && info.Link == "/dev/null" {
		return false, nil
	}
	if wanted, err := wantedIn(s, own, unit); wanted || err != nil {
		return wanted, err
	}
	for _, dir := range []string{"/usr/lib/systemd/system", "/lib/systemd/system"} { // a distribution's own; one of them may lead to the other
		if wanted, err := wantedIn(s, dir, unit); err == nil && wanted {
			return true, nil
		}
	}
	if installed(s, own) {
		return false, nil
	}
	for _, level := range []string{"S", "2", "3"} {
		entries, err := host.Glob(s, "/etc/rc"+level+".d/S[0-9][0-9]"+service)
		if err != nil {
			return false, fmt.Errorf("look for what is started at boot: %w", err)
		}
		if len(entries) > 0 {
			return true, nil
		}
	}
	return false, nil
}

func wantedIn(s host.Source, dir, unit string) (bool, error) {
	entries, err := s.List(dir)
	if host.Missing(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for what is started at boot: %w", err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name, ".wants") && !strings.HasSuffix(e.Name, ".requires") {
			continue
		}
		_, err := s.Lstat(path.Join(dir, e.Name, unit))
		switch {
		case err == nil:
			return true, nil
		case !host.Missing(err):
			return false, fmt.Errorf("look for what is started at boot: %w", err)
		}
	}
	return false, nil
}

// setting is a value of a file of lines like NAME="value".
type setting struct {
	value  string
	origin host.Origin
}

// readSettings reads such a file as a shell would, without substitutions; the last line of a name counts.
func readSettings(s host.Source, path string) (map[string]setting, error) {
	f, err := s.Read(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	found := map[string]setting{}
	number := 0
	for line := range strings.SplitSeq(string(f.Data), "\n") {
		number++
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		value, _, _ = strings.Cut(value, " #")
		value = strings.Trim(strings.TrimSpace(value), `"'`)
		found[strings.TrimSpace(name)] = setting{value, host.Origin{Path: path, Line: number, Text: strings.TrimSpace(line)}}
	}
	return found, nil
}
