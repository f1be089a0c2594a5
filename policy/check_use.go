package policy

import (
	"fmt"
	"slices"
	"strings"

	"keysweep/finding"
	"keysweep/keys/inventory"
	"keysweep/rotation"
)

func useChecks() []keyCheck {
	return []keyCheck{
		{Check{"key-shared", finding.Medium, "one key for several services",
			"who gets the key at one service has it for all, and it cannot be replaced at one alone",
			"NIST SP 800-57 part 1, 5.2: one key, one purpose"}, (*subject).shared},
		{Check{"key-compromised", finding.Critical, "a key that others know",
			"it opens every door that still takes it",
			"NIST SP 800-57 part 2: a compromised key is revoked at once"}, (*subject).compromised},
		{Check{"key-retired", finding.High, "a key that was taken out of use is still here",
			"what was retired is no longer watched, and must not come back into use",
			"NIST SP 800-57 part 1, 8.3: keys past their life are destroyed or archived"}, (*subject).retired},
		{Check{"key-certificate-expired", finding.Low, "a certificate that has expired",
			"servers refuse it, and the key falls back to what it may do alone",
			"PROTOCOL.certkeys of OpenSSH, valid before"}, (*subject).certificate},
	}
}

func (s *subject) shared() {
	services := map[string]bool{}
	for _, r := range s.ledger.Records {
		if r.Status.Live() && r.Service != "" {
			name := r.Service
			if r.Env != "" {
				name += " (" + r.Env + ")"
			}
			services[name] = true
		}
	}
	if len(services) < 2 {
		services = domains(s.Hosts)
	}
	if len(services) < 2 {
		return
	}
	var names []string
	for name := range services {
		names = append(names, name)
	}
	slices.Sort(names)
	s.say(finding.Medium, "", strings.Join(names, ", "), "make a key for each: keysweep key generate --service NAME")
}

// domains returns the domains whose hosts use the key, as far as the configuration names them. Two hosts of one domain
// count as one service; names without a dot and patterns may stand for anything and do not count.
func domains(uses []inventory.Use) map[string]bool {
	found := map[string]bool{}
	for _, use := range uses {
		for _, name := range append(slices.Clone(use.Patterns), use.HostName) {
			name = strings.ToLower(strings.TrimSuffix(name, "."))
			if use.Match || strings.ContainsAny(name, "*?!%") || strings.Trim(name, "0123456789.") == "" || strings.Contains(name, ":") {
				continue
			}
			if labels := strings.Split(name, "."); len(labels) > 1 {
				found[strings.Join(labels[len(labels)-2:], ".")] = true
			}
		}
	}
	return found
}

func (s *subject) compromised() {
	if s.rec == nil || s.rec.Status != rotation.Compromised {
		return
	}
	evidence := "not yet revoked"
	if here := places(s.Key); here != "" {
		evidence = "in " + here
	}
	for _, i := range s.rec.ActiveInstallations(s.now) {
		evidence += ", installed for " + i.Target
	}
	s.say(finding.Critical, "", evidence, "keysweep key revoke "+s.name())
}

func (s *subject) retired() {
	here := places(s.Key)
	if here == "" || s.rec != nil && s.rec.Status == rotation.Compromised {
		return
	}
	switch {
	case s.ledger.Grave != nil:
		s.say(finding.High, "", fmt.Sprintf("in %s; since %s: %s", here, date(s.ledger.Grave.At), s.ledger.Grave.Reason), s.remove())
	case s.rec != nil && !s.rec.Status.Live():
		s.say(finding.High, "", fmt.Sprintf("in %s; %s in the ledger", here, s.rec.Status), s.remove())
	}
}

// remove is how to get rid of a key's last traces.
func (s *subject) remove() string {
	switch {
	case len(s.Authorized) > 0:
		return fmt.Sprintf("remove line %d of %s", s.Authorized[0].Number, s.Authorized[0].Path)
	case len(s.Files) > 0:
		return "archive or remove it: rm " + quote(s.Files[0].Path)
	}
	return "ssh-add -d FILE, or log out"
}

func (s *subject) certificate() {
	for _, c := range s.Certificates {
		if !c.Until.IsZero() && !s.now.Before(c.Until) {
			where := c.Path
			if where == "" {
				where = "the agent"
			}
			s.say(finding.Low, c.Path, fmt.Sprintf("%s (%s): valid until %s", where, c.KeyID, date(c.Until)), "have it signed again, or remove it")
		}
	}
}
