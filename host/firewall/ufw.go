package firewall

import (
	"fmt"
	"strings"

	"keysweep/host"
)

// ufwTables puts the rules together that ufw loads at boot: its files are in iptables-restore's form, and ufw-init joins them with a
// frame of chains of its own.
func ufwTables(s host.Source) ([]*table, error) {
	const path = "/etc/default/ufw"
	settings, err := readSettings(s, path)
	if err != nil {
		return nil, err
	}
	var all []*table
	for _, f := range []Family{IPv4, IPv6} {
		if f == IPv6 && !strings.EqualFold(settings["IPV6"].value, "yes") {
			list, err := parseIptables(IPv6, "ufw", "", "*filter\n:INPUT DROP\n:FORWARD DROP\n-A INPUT -i lo -j ACCEPT\n")
			if err != nil {
				return nil, err
			}
			all = append(all, list...)
			continue
		}
		list, err := ufwFamily(s, f, settings["DEFAULT_INPUT_POLICY"])
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// ufwFamily reads the files of a family into the frame.
func ufwFamily(s host.Source, f Family, policy setting) ([]*table, error) {
	six, name := "", "ufw"
	if f == IPv6 {
		six, name = "6", "ufw6"
	}
	r := restore{family: f, kind: "ufw", tables: map[string]*table{}}
	if err := r.read("", strings.ReplaceAll(ufwFrame(policy.value), "ufw-", name+"-")); err != nil {
		return nil, err
	}
	for _, path := range []string{"/etc/ufw/before" + six + ".rules", "/etc/ufw/after" + six + ".rules", "/etc/ufw/user" + six + ".rules"} {
		file, err := s.Read(path)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		if err := r.read(path, string(file.Data)); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	if err := r.read("", "*filter\n-A "+name+"-before-input -j "+name+"-user-input\n"); err != nil {
		return nil, err
	}
	list := r.list()
	for i := range list[0].bases {
		if b := &list[0].bases[i]; b.hook == "input" && policy.origin.Path != "" {
			b.origin = policy.origin
		}
	}
	return list, nil
}

// ufwFrame is what ufw-init makes in front of the files, as far as it is about incoming packets. REJECT is a policy of ufw's own: a
// last rule, and DROP.
func ufwFrame(policy string) string {
	policy = strings.ToUpper(policy)
	builtin, last := policy, ""
	switch policy {
	case "REJECT":
		builtin, last = "DROP", "-A ufw-reject-input -j REJECT\n"
	case "ACCEPT":
		last = "-A ufw-track-input -p tcp -m conntrack --ctstate NEW -j ACCEPT\n-A ufw-track-input -p udp -m conntrack --ctstate NEW -j ACCEPT\n"
	default:
		builtin = "DROP"
	}
	return "*filter\n:INPUT " + builtin + "\n:FORWARD DROP\n" +
		":ufw-before-logging-input -\n:ufw-before-input -\n:ufw-after-input -\n:ufw-after-logging-input -\n:ufw-reject-input -\n:ufw-track-input -\n" +
		":ufw-logging-deny -\n:ufw-logging-allow -\n:ufw-skip-to-policy-input -\n:ufw-user-input -\n" +
		"-A INPUT -j ufw-before-logging-input\n-A INPUT -j ufw-before-input\n-A INPUT -j ufw-after-input\n" +
		"-A INPUT -j ufw-after-logging-input\n-A INPUT -j ufw-reject-input\n-A INPUT -j ufw-track-input\n" +
		"-A ufw-skip-to-policy-input -j " + builtin + "\n" + last
}

// stored puts together the rules that the managers that are enabled would load at boot.
func stored(s host.Source, managers []Manager) (all []*table, from string, err error) {
	var names []string
	for _, m := range managers {
		if m.Err != nil {
			return nil, "", m.Err
		}
		if !m.Enabled {
			continue
		}
		var list []*table
		switch m.Name {
		case "ufw":
			list, err = ufwTables(s)
		case "iptables":
			list, err = savedIptables(s, m.Config.Path)
		case "nftables":
			list, err = nftFile(s, m.Config.Path)
		case "firewalld":
			list, err = firewalldTables(s)
		}
		if err != nil {
			return nil, "", err
		}
		all, names = append(all, list...), append(names, m.Name)
	}
	if len(names) == 0 {
		return nil, "no firewall's files", nil
	}
	return all, "files of " + strings.Join(names, " and "), nil
}

// savedIptables reads what netfilter-persistent and its kin load: a file for each family.
func savedIptables(s host.Source, path4 string) ([]*table, error) {
	path6 := map[string]string{"/etc/iptables/rules.v4": "/etc/iptables/rules.v6", "/etc/sysconfig/iptables": "/etc/sysconfig/ip6tables",
		"/etc/iptables/iptables.rules": "/etc/iptables/ip6tables.rules"}[path4]
	var all []*table
	for i, path := range []string{path4, path6} {
		f, err := s.Read(path)
		if host.Missing(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		list, err := parseIptables([]Family{IPv4, IPv6}[i], "iptables", path, string(f.Data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, list...)
	}
	return all, nil
}
