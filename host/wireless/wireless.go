// Package wireless finds the wireless networks that a machine knows: those of NetworkManager, wpa_supplicant and iwd, whether they are
// encrypted, and which one is in use. It states facts; package policy/audit judges them. Passphrases are passed over.
//
// Start at Look.
package wireless

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"keysweep/host"
)

// Facts are what is known of wireless networks.
type Facts struct {
	Cards    []string  // interfaces that are wireless
	CardsErr error     // why they are not known
	Networks []Network // that are stored, in the order of their files
	Active   []Network // in use now, as NetworkManager says
	Err      error     // why not all stored networks are known
}

// Network is a wireless network.
type Network struct {
	Name     string // its SSID
	Security string // "" is none; "WEP" is one that anybody breaks within minutes; else how it is encrypted
	Origin   host.Origin
}

// Weak reports whether others can read along.
func (n Network) Weak() bool { return n.Security == "" || n.Security == "WEP" }

// maxNetworks is how many networks are listed.
const maxNetworks = 1000

// Look finds them. It does not fail; the errors stand in what it returns.
func Look(ctx context.Context, s host.Source) *Facts {
	f := &Facts{}
	f.Cards, f.CardsErr = cards(s)
	f.files(s, "/etc/NetworkManager/system-connections/*", keyfile)
	f.files(s, "/etc/wpa_supplicant/*.conf", supplicant)
	if entries, err := host.Glob(s, "/var/lib/iwd/*.open"); err == nil { // iwd.network(5)
		for _, e := range entries {
			f.add(Network{Name: strings.TrimSuffix(e.Name, ".open"), Origin: host.Origin{Path: path.Join("/var/lib/iwd", e.Name)}})
		}
	}
	if out, err := s.Run(ctx, "nmcli", "-t", "-f", "active,ssid,security", "dev", "wifi"); err == nil && out.Exit == 0 {
		f.Active = inUse(string(out.Stdout))
	}
	return f
}

func (f *Facts) add(n Network) {
	if len(f.Networks) < maxNetworks {
		f.Networks = append(f.Networks, n)
	}
}

// cards returns the interfaces that the kernel calls wireless.
func cards(s host.Source) ([]string, error) {
	if s.Kind() == host.Image {
		return nil, fmt.Errorf("look for wireless cards: %w", host.ErrNotRun)
	}
	entries, err := s.List("/sys/class/net")
	if err != nil {
		return nil, fmt.Errorf("look for wireless cards: %w", err)
	}
	var list []string
	for _, e := range entries {
		for _, mark := range []string{"wireless", "phy80211"} {
			if _, err := s.Stat(path.Join("/sys/class/net", e.Name, mark)); err == nil {
				list = append(list, e.Name)
				break
			}
		}
	}
	return list, nil
}

// files reads the files of a pattern; what cannot be read is noted.
func (f *Facts) files(s host.Source, pattern string, read func(name, text string) []Network) {
	entries, err := host.Glob(s, pattern)
	if err != nil {
		f.Err = errors.Join(f.Err, fmt.Errorf("look for wireless networks: %w", err))
		return
	}
	for _, e := range entries {
		name := path.Join(path.Dir(pattern), e.Name)
		file, err := s.Read(name)
		switch {
		case host.Missing(err) || e.Mode.IsDir():
		case err != nil:
			f.Err = errors.Join(f.Err, fmt.Errorf("look for wireless networks: %w", err))
		default:
			for _, n := range read(name, string(file.Data)) {
				f.add(n)
			}
		}
	}
}

// keyfile reads a connection of NetworkManager (nm-settings-keyfile(5)). One without security is open; key-mgmt=none is WEP.
func keyfile(name, text string) []Network {
	sections := map[string]map[string]string{}
	section := ""
	line, number := 0, 0
	for text := range strings.SplitSeq(text, "\n") {
		number++
		text = strings.TrimSpace(text)
		if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
			section = text[1 : len(text)-1]
			if sections[section] == nil {
				sections[section] = map[string]string{}
			}
			continue
		}
		key, value, ok := strings.Cut(text, "=")
		if !ok || section == "" || text[0] == '#' {
			continue
		}
		key = strings.TrimSpace(key)
		if key == "ssid" {
			line = number
		}
		sections[section][key] = strings.TrimSpace(value)
	}
	first := func(names ...string) (map[string]string, bool) {
		for _, n := range names {
			if s, ok := sections[n]; ok {
				return s, true
			}
		}
		return nil, false
	}
	kind := sections["connection"]["type"]
	wifi, ok := first("wifi", "802-11-wireless")
	if kind != "wifi" && kind != "802-11-wireless" || !ok {
		return nil
	}
	n := Network{Name: wifi["ssid"], Origin: host.Origin{Path: name, Line: line, Text: "ssid=" + wifi["ssid"]}}
	if security, ok := first("wifi-security", "802-11-wireless-security"); ok {
		n.Security = security["key-mgmt"]
		if n.Security == "none" || n.Security == "ieee8021x" {
			n.Security = "WEP"
		}
		if n.Security == "" {
			n.Security = "unnamed"
		}
	}
	return []Network{n}
}

// supplicant reads wpa_supplicant's networks (wpa_supplicant.conf(5)): key_mgmt=NONE is open, or WEP if there is a key; without
// key_mgmt it is WPA. Networks that are disabled are passed over.
func supplicant(name, text string) (list []Network) {
	var n *Network
	management, wep, disabled := "", false, false
	number := 0
	for text := range strings.SplitSeq(text, "\n") {
		number++
		text = strings.TrimSpace(text)
		switch {
		case strings.HasPrefix(strings.ReplaceAll(text, " ", ""), "network={"):
			n, management, wep, disabled = &Network{Origin: host.Origin{Path: name, Line: number}}, "WPA-PSK", false, false
		case text == "}" && n != nil:
			n.Security = management
			if management == "NONE" {
				n.Security = map[bool]string{true: "WEP"}[wep]
			}
			if !disabled {
				list = append(list, *n)
			}
			n = nil
		case n != nil:
			key, value, _ := strings.Cut(text, "=")
			switch key, value = strings.TrimSpace(key), strings.TrimSpace(value); {
			case key == "ssid":
				n.Name = strings.Trim(value, `"`)
				n.Origin.Text = text
			case key == "key_mgmt":
				management = strings.ToUpper(value)
			case strings.HasPrefix(key, "wep_key"):
				wep = true
			case key == "disabled":
				disabled = value == "1"
			}
		}
	}
	return list
}

// inUse reads nmcli's lines, "yes:NAME:WPA2": colons in a name have a backslash before them.
func inUse(text string) (list []Network) {
	for line := range strings.SplitSeq(text, "\n") {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "yes:")
		if !ok {
			continue
		}
		i := strings.LastIndexByte(rest, ':')
		if i < 0 {
			continue
		}
		name := strings.NewReplacer(`\:`, ":", `\\`, `\`).Replace(rest[:i])
		list = append(list, Network{Name: name, Security: strings.TrimPrefix(rest[i+1:], "--"), Origin: host.Origin{Text: "nmcli dev wifi"}})
	}
	return list
}
