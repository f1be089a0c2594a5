package audit

import (
	"strings"

	"keysweep/finding"
)

func wirelessChecks() []hostCheck {
	return []hostCheck{
		{Check{ID: "net.open-wifi", Area: "ports", Severity: finding.Medium, Title: "a wireless network without encryption is stored or in use",
			Why: "everybody nearby reads along, and anybody can set up a network of that name, to which the machine goes by itself",
			Fix: "nmcli connection delete NAME", FixBy: finding.FixCommand}, judgeWireless},
	}
}

func judgeWireless(m *machine) {
	w := m.Wireless
	if w == nil {
		m.absent("wireless networks are not looked at here")
		return
	}
	weak := false
	seen := map[string]bool{}
	for i, n := range append(w.Active[:len(w.Active):len(w.Active)], w.Networks...) {
		if !n.Weak() || seen[n.Name] {
			continue
		}
		weak, seen[n.Name] = true, true
		r := finding.Result{State: finding.Fail, Subject: n.Name, Title: "a wireless network without encryption is stored", Found: "no encryption", Wanted: "WPA2 or WPA3", Where: spotOf(n.Origin)}
		if n.Security != "" {
			r.Title, r.Found = "a wireless network with broken encryption is stored", n.Security
		}
		if i < len(w.Active) {
			r.Title = strings.Replace(r.Title, "stored", "in use", 1)
		}
		m.say(r)
	}
	switch {
	case w.Err != nil:
		m.unknown("not all stored wireless networks are known", w.Err, rootHint)
	case weak:
	case len(w.Networks)+len(w.Active) == 0 && w.CardsErr == nil && len(w.Cards) == 0:
		m.absent("there is no wireless card")
	default:
		m.pass("no wireless network without encryption is stored", finding.Spot{Fact: "wireless networks"})
	}
}
