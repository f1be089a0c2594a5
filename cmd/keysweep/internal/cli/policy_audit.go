package cli

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"keysweep/finding"
	"keysweep/policy/audit"
	"keysweep/policy/practice"
)

// policyAudit are the settings of a policy file that are about audits.
type policyAudit struct {
	Profile       string                  `toml:"profile"`
	Checks        map[string]policyCheck  `toml:"checks"`
	Ports         policyPorts             `toml:"ports"`
	Services      policyServices          `toml:"services"`
	Logins        policyLogins            `toml:"logins"`
	Waive         []policyWaiver          `toml:"waive"`
	AcceptUnknown []policyWaiver          `toml:"accept_unknown"`
	Attest        map[string]policyAttest `toml:"attest"`
	Custom        []policyCustom          `toml:"custom"`
	Software      []policySoftware        `toml:"software"`
	Domains       policyDomains           `toml:"domains"`
	ClientData    policyClients           `toml:"client_data"`
	Contacts      []policyContact         `toml:"contacts"`
	Channels      []policyChannel         `toml:"channels"`
}

// policyCheck is a table [checks."ID"].
type policyCheck struct {
	Enabled  *bool             `toml:"enabled"`
	Max      *int              `toml:"max"`
	Severity *finding.Severity `toml:"severity"`
}

// policyPorts is the table [ports].
type policyPorts struct {
	Allow    []string `toml:"allow"`
	Public   []string `toml:"public"`
	Required []string `toml:"required"`
}

// policyServices is the table [services].
type policyServices struct {
	Node []string `toml:"node"`
}

// policyAttest is a table [attest."ID"].
type policyAttest struct {
	Every span `toml:"every"`
}

// policySoftware is a table [[software]].
type policySoftware struct {
	Name    string   `toml:"name"`
	Command []string `toml:"command"`
	Minimum string   `toml:"minimum"`
}

// policyDomains is the table [domains].
type policyDomains struct {
	Official []string `toml:"official"`
}

// auditSettings are the rules for audits that are in force.
type auditSettings struct {
	rules    *audit.Rules
	every    map[string]int // days for which attestations count, by practice, where that is not the table's
	domains  []string       // official ones
	profile  string         // "" is baseline
	layers   []auditLayer   // the files that were read, the user's last
	switched []finding.Notice
}

// auditLayer is what one file says.
type auditLayer struct {
	file   string
	places policyPlaces
	doc    policyAudit
}

//go:embed profiles
var profileFiles embed.FS

// profiles names the embedded profiles, with the version of each and the one below it.
func profiles() map[string]struct{ version, below string } {
	return map[string]struct{ version, below string }{
		"baseline": {"baseline@1", ""}, "strict": {"strict@1", "baseline"}, "fluxnode": {"fluxnode@1", "baseline"},
	}
}

func profileNames() []string { return slices.Sorted(maps.Keys(profiles())) }

// readAudit takes one file's settings for audits. The rules are made anew from the profile up: which that is, the last file says.
func (s *policySettings) readAudit(file string, places policyPlaces, doc policyAudit) error {
	if _, known := profiles()[doc.Profile]; doc.Profile != "" && !known {
		return usagef("one of: "+strings.Join(profileNames(), ", "), "%s: profile: there is no profile %q", file, doc.Profile)
	}
	s.audit.layers = append(s.audit.layers, auditLayer{file, places, doc})
	if reflect.ValueOf(doc).IsZero() {
		return nil
	}
	return s.audit.build()
}

// readAuditPolicy reads the policy files, and has rules for audits even if they say nothing of audits: those of the profile. Other commands do
// without, since many of them are called often.
func readAuditPolicy(env *Env) (policySettings, error) {
	s, err := readPolicy(env)
	if err == nil && s.audit.rules == nil {
		err = s.audit.build()
	}
	return s, err
}

// build makes the rules of the profile and all files.
func (a *auditSettings) build() error {
	layers := a.layers
	a.profile = "baseline"
	for _, l := range layers {
		a.profile = cmp.Or(l.doc.Profile, a.profile)
	}
	a.rules, a.every, a.domains, a.switched = audit.Baseline(), map[string]int{}, nil, nil
	a.rules.Profile = profiles()[a.profile].version
	var all []auditLayer
	for name := a.profile; name != ""; name = profiles()[name].below {
		l, err := profileLayer(name)
		if err != nil {
			return err
		}
		all = append([]auditLayer{l}, all...)
	}
	for _, l := range append(all, layers...) {
		if err := a.apply(l); err != nil {
			return err
		}
	}
	return nil
}

// profileLayer reads an embedded profile.
func profileLayer(name string) (auditLayer, error) {
	data, err := profileFiles.ReadFile("profiles/" + name + ".toml")
	if err != nil {
		return auditLayer{}, fmt.Errorf("read profile: %w", err)
	}
	var doc policyAudit
	if err := toml.Unmarshal(data, &doc); err != nil {
		return auditLayer{}, fmt.Errorf("read profile %s: %w", name, err)
	}
	return auditLayer{"profile " + name, findPlaces("profile "+name, data), doc}, nil
}

// apply lays what one file says over what is there.
func (a *auditSettings) apply(l auditLayer) error {
	d, r := l.doc, a.rules
	if err := a.applyCustom(l); err != nil { // first: what follows may speak of them
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(d.Checks)) {
		if err := a.applyCheck(l, id, d.Checks[id]); err != nil {
			return err
		}
	}
	for _, p := range []struct {
		name string
		list []string
		into *[]audit.Port
	}{{"allow", d.Ports.Allow, &r.Allow}, {"public", d.Ports.Public, &r.Public}, {"required", d.Ports.Required, &r.Required}} {
		ports, err := parsePorts(p.list)
		if err != nil {
			return usagef(`for example: "2222/tcp", "16124-16129/tcp"`, "%s: ports: %s: %w", l.places.of("ports", 0), p.name, err)
		}
		*p.into = append(*p.into, ports...)
	}
	r.NodeServices = append(r.NodeServices, d.Services.Node...)
	known, err := parseNetworks(d.Logins.Known)
	if err != nil {
		return usagef(`for example: "192.0.2.0/24", "2001:db8::7"`, "%s: logins: known: %w", l.places.of("logins", 0), err)
	}
	r.Known = append(r.Known, known...)
	for _, id := range slices.Sorted(maps.Keys(d.Attest)) {
		if err := a.applyAttest(l, id, d.Attest[id]); err != nil {
			return err
		}
	}
	for i, s := range d.Software {
		if s.Name == "" || len(s.Command) == 0 || !startsWithDigit(s.Minimum) {
			return usagef(`name = "fluxd", command = ["fluxd", "--version"], minimum = "7.1.0"`,
				"%s: software: it needs name, command and minimum", l.places.of("software", i))
		}
		r.Software = append(r.Software, audit.Software{Name: s.Name, Command: s.Command, Minimum: s.Minimum})
	}
	waivers, err := waiverReader{a.auditIDs(), l.places}.read(d.Waive, d.AcceptUnknown)
	if err != nil {
		return err
	}
	r.Waivers = append(r.Waivers, waivers...)
	return errors.Join(a.applyDomains(l), a.applyClients(l), a.applyContacts(l), a.applyChannels(l))
}

func startsWithDigit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

// auditIDs are the checks that a policy may speak of, and those that it made itself.
func (a *auditSettings) auditIDs() (ids []string) {
	for _, c := range slices.Concat(audit.HostChecks(), audit.RepoChecks(), scriptChecks()) {
		ids = append(ids, c.ID)
	}
	for _, c := range a.rules.Custom {
		ids = append(ids, c.ID)
	}
	return ids
}

func (a *auditSettings) applyCheck(l auditLayer, id string, c policyCheck) error {
	where := l.places.of("checks."+id, 0)
	if !isProfile(l) && !slices.Contains(a.auditIDs(), id) { // a profile may be ahead of what this system's checks are
		return unknownCheck(where+": checks", id, a.auditIDs())
	}
	if c.Max != nil {
		limits := a.limits()
		limit := limits[id]
		switch {
		case limit == nil:
			return usagef("only: "+strings.Join(slices.Sorted(maps.Keys(limits)), ", "), "%s: checks.%q has no max", where, id)
		case *c.Max < 1 || *c.Max > 100_000:
			return usagef("a number from 1", "%s: checks.%q: max: %d makes no sense", where, id, *c.Max)
		}
		*limit = *c.Max
	}
	if c.Severity != nil {
		if a.rules.Severities == nil {
			a.rules.Severities = map[string]finding.Severity{}
		}
		a.rules.Severities[id] = *c.Severity
	}
	if c.Enabled != nil {
		a.rules.Off = slices.DeleteFunc(a.rules.Off, func(off string) bool { return off == id })
		a.switched = slices.DeleteFunc(a.switched, func(n finding.Notice) bool { return n.Text == offText(id) })
		if !*c.Enabled {
			a.rules.Off = append(a.rules.Off, id)
			a.switched = append(a.switched, finding.Notice{Kind: "off", Where: where, Text: offText(id)})
		}
	}
	return nil
}

// limits are the settings max, by check.
func (a *auditSettings) limits() map[string]*int {
	return map[string]*int{"ssh.max-auth-tries": &a.rules.MaxAuthTries, "host.uptime": &a.rules.UptimeDays}
}

func isProfile(l auditLayer) bool { return strings.HasPrefix(l.file, "profile ") }

func offText(id string) string { return id + " is switched off by the policy" }

func (a *auditSettings) applyAttest(l auditLayer, id string, p policyAttest) error {
	where := l.places.of("attest."+id, 0)
	known, err := findPractice(id)
	const day = 24 * time.Hour
	switch {
	case err != nil:
		return usagef(hintOf(err), "%s: attest: %w", where, err)
	case known.Every == 0:
		return usagef("", "%s: attest.%q: it is judged by checks alone", where, id)
	case !p.Every.set || p.Every.Duration < day || p.Every.Duration%day != 0 || p.Every.Duration > longestSpan:
		return usagef(`for example: every = "30d"`, "%s: attest.%q: every is not a number of days, 1d to ten years", where, id)
	}
	a.every[id] = int(p.Every.Duration / day)
	return nil
}

// auditRules returns the rules that audits compare with, and what the policy switched off: the profile's, with what the policy files of
// this machine and user say laid over it. A repository's files have no say in them.
func auditRules(env *Env) (*audit.Rules, []finding.Notice, error) {
	s, err := readAuditPolicy(env)
	if err != nil {
		return nil, nil, err
	}
	return s.audit.rules, s.audit.switched, nil
}

// ofChecks returns of what the policy switched off that which is among some checks.
func ofChecks(switched []finding.Notice, checks []audit.Check) (list []finding.Notice) {
	for _, n := range switched {
		if slices.ContainsFunc(checks, func(c audit.Check) bool { return n.Text == offText(c.ID) }) {
			list = append(list, n)
		}
	}
	return list
}

// days returns how long something that people look after counts.
func (a *auditSettings) days(id string) int {
	p, _ := practice.Find(id)
	return cmp.Or(a.every[id], p.Every)
}

// attestEvery returns for how many days attestations of a practice count here; 0 if nobody is asked.
func attestEvery(env *Env) (func(practice.Practice) int, error) {
	s, err := readAuditPolicy(env)
	if err != nil {
		return nil, err
	}
	return func(p practice.Practice) int {
		own := slices.ContainsFunc(s.audit.rules.Custom, func(c audit.Custom) bool { return c.ID == p.ID })
		if p.Kind == practice.Attested && own || s.audit.rules.Holds(p.ID) {
			return 0 // the policy checks it
		}
		return s.audit.days(p.ID)
	}, nil
}
