package audit

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/system"
	"keysweep/host/updates"
)

// updateChecks are the checks of where software comes from and how it stays up to date.
func updateChecks() []hostCheck {
	const area = "updates"
	return []hostCheck{
		{Check{ID: "updates.pending", Area: area, Severity: finding.Medium, Title: "updates wait to be installed",
			Why: "Each update that waits is a fault that others can read about.", Fix: "apt-get update && apt-get dist-upgrade", FixBy: finding.FixCommand}, judgePending},
		{Check{ID: "updates.security-pending", Area: area, Severity: finding.High, Title: "security updates wait to be installed",
			Why: "A hole that has an update is known to everybody, with what it takes to use it.", Fix: "apt-get update && apt-get dist-upgrade", FixBy: finding.FixCommand}, judgeSecurityPending},
		{Check{ID: "updates.auto", Area: area, Severity: finding.High, Title: "security updates are not installed by themselves",
			Why: "Attacks begin within days of an update; people install it when they have time.",
			Fix: "apt-get install unattended-upgrades && keysweep fix updates.auto", FixBy: finding.FixAuto}, judgeAuto},
		{Check{ID: "updates.security-repo", Area: area, Severity: finding.High, Title: "no source of security updates is configured",
			Why: "Without it the machine looks up to date and is not.", Fix: "add the distribution's security archive to /etc/apt/sources.list.d", FixBy: finding.FixAdvice}, judgeSecurityRepo},
		{Check{ID: "pkg.untrusted-source", Area: area, Severity: finding.High, Title: "packages are installed from a source that nothing vouches for",
			Why: "Whoever sits between the machine and that source, or takes it over, runs programs as root here.", Fix: "set Signed-By to the key of its maker, and remove trusted=yes", FixBy: finding.FixAdvice}, judgeSources},
		{Check{ID: "software.minimum-version", Area: area, Severity: finding.Medium, Title: "a program is older than the policy wants",
			Why: "Old versions of a node fall out of the network, and their faults are known.", Fix: "install the newest version from its maker", FixBy: finding.FixAdvice}, judgeSoftware},
	}
}

// aptFacts returns what is known of apt, or says why the check has nothing to judge.
func (m *machine) manager(what string) (*updates.Facts, bool) {
	f := m.Updates
	switch {
	case f == nil:
		m.unknown(what, host.ErrNotCollected, "")
	case f.ManagerErr != nil:
		m.unknown(what, f.ManagerErr, asRoot)
	case f.Manager == "":
		m.unknown(what, fmt.Errorf("no package manager that keysweep knows was found"), "look at its updates by hand and attest it")
	case f.Apt == nil && f.Dnf == nil:
		m.unknown(what, fmt.Errorf("only apt and dnf are asked: what %s says is not read", f.Manager), "look yourself, and attest it: "+byHand(f.Manager))
	default:
		return f, true
	}
	return nil, false
}

// byHand is the command with which a person sees what waits.
func byHand(manager string) string {
	return map[string]string{"zypper": "zypper refresh && zypper list-patches --category security", "apk": "apk update && apk version -l '<'", "pacman": "checkupdates, of pacman-contrib",
		"yum": "yum check-update"}[manager]
}

// waiting returns what waits, the updates of apt or dnf.
func (m *machine) waiting(what string) (updates.Pending, bool) {
	f, ok := m.manager(what)
	if !ok {
		return updates.Pending{}, false
	}
	p := updates.Pending{}
	if f.Apt != nil {
		p = f.Apt.Pending
	} else {
		p = f.Dnf.Pending
	}
	if p.PendingErr != nil {
		m.unknown(what, p.PendingErr, "look at the machine while it runs: keysweep audit host")
		return p, false
	}
	return p, true
}

// staleLists is after how many days lists of packages say nothing about today: apt's own timer fetches them daily.
const staleLists = 7

func judgePending(m *machine) {
	p, ok := m.waiting("what updates wait is not known")
	if !ok {
		return
	}
	if m.stale() {
		return
	}
	m.sayPending(p.Updates, "updates")
}

func judgeSecurityPending(m *machine) {
	p, ok := m.waiting("what security updates wait is not known")
	if !ok {
		return
	}
	var list []updates.Update
	for _, u := range p.Updates {
		if u.Security {
			list = append(list, u)
		}
	}
	if len(list) == 0 && m.stale() {
		return
	}
	m.sayPending(list, "security updates")
}

// stale says that nothing waits by lists that are old: that is no knowledge.
func (m *machine) stale() bool {
	a := m.Updates.Apt
	if a == nil || m.waits(a.Updates) {
		return false
	}
	switch {
	case a.ListsErr != nil:
		m.unknown("how old the lists of packages are is not known", a.ListsErr, asRoot)
	case a.Lists.IsZero():
		m.unknown("no lists of packages were ever fetched", fmt.Errorf("apt cannot know what waits"), "apt-get update")
	case m.at().Sub(a.Lists) > staleLists*24*time.Hour:
		m.unknown("the lists of packages are old", fmt.Errorf("they were fetched on %s", a.Lists.UTC().Format(time.DateOnly)), "apt-get update")
	default:
		return false
	}
	return true
}

// waits reports whether the check at hand has something to report, whatever the age of the lists.
func (m *machine) waits(list []updates.Update) bool {
	return slices.ContainsFunc(list, func(u updates.Update) bool { return u.Security || m.check.ID == "updates.pending" })
}

// at is the time of the facts: ages are told by the machine's own clock.
func (m *machine) at() time.Time {
	if t := m.Source.Time(); !t.IsZero() {
		return t
	}
	return m.now
}

func (m *machine) sayPending(list []updates.Update, what string) {
	if len(list) == 0 {
		m.pass("no "+what+" wait", finding.Spot{Fact: "the package manager's lists"})
		return
	}
	var names []string
	for _, u := range list[:min(len(list), 8)] {
		names = append(names, u.Package+" "+u.New)
	}
	found := strings.Join(names, ", ")
	if more := len(list) - len(names); more > 0 {
		found += fmt.Sprintf(", and %d more", more)
	}
	r := finding.Result{State: finding.Fail, Title: fmt.Sprintf("%d %s wait to be installed", len(list), what), Found: found, Wanted: "none", Where: finding.Spot{Fact: "the package manager's lists"}}
	if m.Updates.Dnf != nil {
		r.Fix = "dnf upgrade"
	}
	m.say(r)
}

func judgeAuto(m *machine) {
	f, ok := m.manager("whether updates are installed by themselves is not known")
	switch {
	case !ok:
	case f.Apt != nil:
		m.judgeApt(f.Apt)
	default:
		m.judgeDnf(f.Dnf)
	}
}

// off says why updates do not come by themselves.
func (m *machine) off(found, wanted string, where finding.Spot) {
	m.say(finding.Result{State: finding.Fail, Found: found, Wanted: wanted, Where: where})
}

func (m *machine) judgeApt(a *updates.Apt) {
	const what = "whether updates are installed by themselves is not known"
	switch {
	case host.Missing(a.Upgrader):
		m.off("unattended-upgrades is not installed", "it installs security updates daily", finding.Spot{Fact: "/usr/bin/unattended-upgrade is not there"})
		return
	case a.Upgrader != nil:
		m.unknown(what, a.Upgrader, asRoot)
		return
	case a.ConfigErr != nil:
		m.unknown(what, a.ConfigErr, asRoot)
		return
	}
	before := len(m.results)
	m.judgePeriodic(a.Config)
	m.judgeOrigins(a.Config)
	m.judgeBlacklist(a.Config)
	m.judgeTimers(a.Timers, true)
	m.judgeRan(a)
	if len(m.results) == before {
		v, _ := a.Config.Get("APT::Periodic::Unattended-Upgrade")
		m.pass("security updates are installed by themselves", spotOf(v.At))
	}
}

// judgePeriodic looks at the switches that apt's daily job reads (apt.systemd.daily): one switches all off, two must be on.
func (m *machine) judgePeriodic(c *updates.AptConfig) {
	if v, ok := c.Get("APT::Periodic::Enable"); ok && zeroDays(v.Text) {
		m.off("APT::Periodic::Enable "+v.Text, "1", spotOf(v.At))
	}
	for _, name := range []string{"APT::Periodic::Update-Package-Lists", "APT::Periodic::Unattended-Upgrade"} {
		if v, ok := c.Get(name); !ok {
			m.off(name+" is not set, which is off", "1", finding.Spot{Fact: "default (apt)"})
		} else if zeroDays(v.Text) {
			m.off(name+" "+v.Text, "1", spotOf(v.At))
		}
	}
}

// zeroDays reports whether an interval of apt's daily job means never: 0, with or without a unit. "always" is an interval, too.
func zeroDays(text string) bool {
	return strings.Trim(strings.TrimRight(strings.TrimSpace(text), "smhd"), "0") == "" || strings.EqualFold(text, "false") || strings.EqualFold(text, "no")
}

func (m *machine) judgeOrigins(c *updates.AptConfig) {
	patterns := append(c.List("Unattended-Upgrade::Origins-Pattern"), c.List("Unattended-Upgrade::Allowed-Origins")...)
	if slices.ContainsFunc(patterns, func(v updates.Value) bool { return security(v.Text) }) {
		return
	}
	if len(patterns) == 0 {
		m.off("Unattended-Upgrade names no origins", "one with security updates", finding.Spot{Fact: "Unattended-Upgrade::Origins-Pattern is not set"})
		return
	}
	m.off(fmt.Sprintf("none of the %d origins of Unattended-Upgrade brings security updates", len(patterns)), "origin=Debian,codename=${distro_codename}-security", spotOf(patterns[0].At))
}

// security reports whether a pattern of unattended-upgrades takes security updates: it says so, or takes everything.
func security(pattern string) bool {
	p := strings.ToLower(strings.ReplaceAll(pattern, " ", ""))
	return strings.Contains(p, "security") || slices.Contains([]string{"*", "*:*", "o=*", "origin=*", "site=*", "a=*", "archive=*"}, p)
}

// judgeBlacklist finds what unattended-upgrades is told to leave alone, where that is the kernel or what guards the machine.
func (m *machine) judgeBlacklist(c *updates.AptConfig) {
	for _, v := range c.List("Unattended-Upgrade::Package-Blacklist") {
		for _, name := range []string{"linux-image-amd64", "openssh-server", "openssl", "libssl3", "libc6", "sudo"} {
			if re, err := regexp.Compile("^(?:" + v.Text + ")"); err == nil && re.MatchString(name) {
				m.say(finding.Result{State: finding.Fail, Severity: finding.Medium, Subject: v.Text, Title: "security updates leave out " + name, Found: "Package-Blacklist " + v.Text,
					Wanted: "no package that strangers can reach", Where: spotOf(v.At)})
				break
			}
		}
	}
}

// judgeTimers wants all, or one, of some timers to start updates.
func (m *machine) judgeTimers(list []updates.Timer, all bool) {
	on := 0
	for _, t := range list {
		if t.On() {
			on++
		}
	}
	if on == len(list) || !all && on > 0 {
		return
	}
	for _, t := range list {
		switch {
		case t.On():
		case t.Err != nil && !host.Missing(t.Err):
			m.unknown("whether "+t.Name+" starts is not known", t.Err, asRoot)
		case t.Unit == nil:
			m.off(t.Name+" is not there", "a job that starts the updates", finding.Spot{Path: t.Name})
		default:
			m.say(finding.Result{State: finding.Fail, Subject: t.Name, Found: t.Name + " is " + string(t.Unit.State), Wanted: "enabled", Where: finding.Spot{Path: t.Unit.By, Fact: "unit " + t.Name},
				Fix: "systemctl unmask " + t.Name + "; systemctl enable --now " + t.Name})
		}
	}
}

// silentDays is after how many days without a run the switches cannot be all of the truth: the job runs daily.
const silentDays = 14

func (m *machine) judgeRan(a *updates.Apt) {
	if m.Source.Kind() == host.Image || a.RanErr != nil || a.Ran.IsZero() || m.at().Sub(a.Ran) < silentDays*24*time.Hour {
		return
	}
	m.say(finding.Result{State: finding.Fail, Subject: "last run", Confidence: finding.MediumConfidence, Title: "security updates are switched on, and have not run for long",
		Found: "it ran last on " + a.Ran.UTC().Format(time.DateOnly), Wanted: "daily", Where: finding.Spot{Path: "/var/lib/apt/periodic"}, Fix: "systemctl status apt-daily-upgrade.service; unattended-upgrade --debug"})
}

func (m *machine) judgeDnf(d *updates.Dnf) {
	const fix = "dnf install dnf-automatic, set apply_updates = yes in /etc/dnf/automatic.conf, then: systemctl enable --now dnf-automatic.timer"
	install := slices.ContainsFunc(d.Timers, func(t updates.Timer) bool { return t.Name == "dnf-automatic-install.timer" && t.On() })
	switch {
	case host.Missing(d.Err) && !install:
		m.say(finding.Result{State: finding.Fail, Found: "dnf-automatic is not installed", Wanted: "it installs security updates", Where: finding.Spot{Fact: "/etc/dnf/automatic.conf is not there"}, Fix: fix})
		return
	case d.Err != nil && !install:
		m.unknown("whether updates are installed by themselves is not known", d.Err, asRoot)
		return
	}
	before := len(m.results)
	if apply := strings.ToLower(d.Apply.Text); !install && apply != "yes" && apply != "true" && apply != "1" && apply != "on" {
		m.say(finding.Result{State: finding.Fail, Found: "apply_updates = " + d.Apply.Text, Wanted: "yes", Where: spotOf(d.Apply.At), Fix: fix})
	}
	m.judgeTimers(d.Timers, false)
	if len(m.results) == before {
		m.pass("updates are installed by themselves", spotOf(d.Apply.At))
	}
}

func judgeSoftware(m *machine) {
	if len(m.rules.Software) == 0 {
		m.absent("the policy names no program and its oldest version")
		return
	}
	for _, s := range m.rules.Software {
		v, asked := m.Versions[s.Name]
		where := finding.Spot{Fact: strings.Join(s.Command, " ")}
		switch {
		case !asked:
			m.say(finding.Result{State: finding.Undetermined, Subject: s.Name, Title: "its version is not known", Cause: host.ErrNotCollected.Error()})
		case host.Missing(v.Err):
			m.say(finding.Result{State: finding.NotApplicable, Subject: s.Name, Title: "it is not installed"})
		case v.Err != nil:
			m.say(finding.Result{State: finding.Undetermined, Subject: s.Name, Title: "its version is not known", Cause: v.Err.Error()})
		case system.CompareVersions(v.Text, s.Minimum) < 0:
			m.say(finding.Result{State: finding.Fail, Subject: s.Name, Title: "it is older than the policy wants", Found: v.Text, Wanted: s.Minimum + " or newer", Where: where})
		default:
			m.say(finding.Result{State: finding.Pass, Subject: s.Name, Title: "it is " + v.Text, Found: v.Text, Where: where})
		}
	}
}
