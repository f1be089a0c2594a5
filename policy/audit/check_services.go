package audit

import (
	"errors"
	"fmt"
	"slices"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/listen"
	"keysweep/host/units"
)

// serviceChecks are the checks of what runs by itself.
func serviceChecks() []hostCheck {
	const area = "services"
	return []hostCheck{
		{Check{ID: "service.root-user", Area: area, Severity: finding.High, Title: "a service of your own runs as root",
			Why: "Whoever finds a hole in it has the whole machine.", FixBy: finding.FixCommand, Fix: "set User= to a user of its own"}, judgeRootServices},
		{Check{ID: "container.root-user", Area: area, Severity: finding.Medium, Title: "a container runs with root's own rights",
			Why: "Root in a container is the machine's root: only the kernel keeps it in.", FixBy: finding.FixAdvice,
			Fix: "run it as a user of its own (--user, or USER in its Dockerfile), or with user namespaces"}, judgeContainers},
	}
}

func judgeRootServices(m *machine) {
	f := m.Units
	switch {
	case f == nil:
		m.unknown("services were not looked at", host.ErrNotCollected, "")
		return
	case host.Missing(f.Err):
		m.unknown("which services run as root is not known", errors.New("there is no systemd, and no other manager of services is read"), "ps -eo user,args")
		return
	case f.Err != nil:
		m.unknown("services are not known", f.Err, asRoot)
		return
	}
	before := len(m.results)
	names := m.exposedServices()
	for _, name := range names {
		if err := f.Errs[name]; err != nil {
			m.say(finding.Result{State: finding.Undetermined, Subject: name, Title: "whose rights it has is not known", Cause: err.Error(), Hint: asRoot})
			continue
		}
		m.judgeUser(f.Services[name])
	}
	if s := m.Sockets; s != nil && (s.Err != nil || s.Owners != nil) && m.Source.Kind() != host.Image {
		cause := s.Err
		if cause == nil {
			cause = s.Owners
		}
		m.unknown("which services listen is not known", cause, asRoot)
	}
	if len(m.results) == before {
		m.pass("no service of your own that others reach runs as root", finding.Spot{Fact: fmt.Sprintf("%d services", len(f.Names()))})
	}
}

// exposedServices are the services that the policy calls nodes, and those made on this machine that listen for others. What a distribution brings
// gives up its rights by itself, or cannot do without.
func (m *machine) exposedServices() (names []string) {
	all := m.Units.Names()
	for _, pattern := range m.rules.NodeServices {
		names = append(names, units.Match(all, pattern)...)
	}
	var listeners []listen.Listener
	if m.Sockets != nil {
		listeners = m.Sockets.Listeners
	}
	for _, l := range listeners {
		if u := m.Units.Services[l.Unit]; u != nil && u.Local() && !l.Loopback() {
			names = append(names, l.Unit)
		}
	}
	if m.Sockets == nil || m.Sockets.Err != nil || m.Sockets.Owners != nil { // any of them could listen
		for name, u := range m.Units.Services {
			if u.Local() && u.State == units.Enabled {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (m *machine) judgeUser(u *units.Unit) {
	if u == nil || u.State == units.Masked || u.Path == "" {
		return
	}
	user, at := u.User()
	if user != "root" {
		return
	}
	where := spotOf(at)
	if at.Path == "" {
		where = finding.Spot{Path: u.Path, Note: "User= is not set, which means root"}
	}
	r := finding.Result{State: finding.Fail, Subject: u.Name, Title: "it runs as root", Found: "root", Wanted: "a user of its own, or DynamicUser=yes", Where: where,
		Fix: "systemctl edit " + u.Name + ", and write: [Service] User=..."}
	if l := m.listener(u.Name); l != nil {
		r.Found = "root, and listens at " + l.String()
		if l.UID != 0 { // it gives up root's rights by itself
			r.State, r.Title = finding.Pass, "it starts as root, and gives that up"
			r.Wanted, r.Fix = "", ""
		}
	} else if !m.isNode(u.Name) {
		r.Title = "it runs as root, and may be reached by others"
		m.grade(r, finding.Low, finding.LowConfidence)
		return
	}
	m.say(r)
}

func (m *machine) listener(unit string) *listen.Listener {
	if m.Sockets == nil {
		return nil
	}
	for i, l := range m.Sockets.Listeners {
		if l.Unit == unit && !l.Loopback() {
			return &m.Sockets.Listeners[i]
		}
	}
	return nil
}

func (m *machine) isNode(name string) bool {
	return slices.ContainsFunc(m.rules.NodeServices, func(pattern string) bool { return len(units.Match([]string{name}, pattern)) > 0 })
}

func judgeContainers(m *machine) {
	f := m.Containers
	switch {
	case f == nil:
		m.unknown("containers were not looked at", host.ErrNotCollected, "")
		return
	case f.Err != nil && len(f.Running) == 0:
		m.unknown("whose rights containers have is not known", f.Err, "look at the machine while it runs, as root")
		return
	case len(f.Running) == 0:
		m.absent("no container runs")
		return
	}
	for _, c := range f.Running {
		where := finding.Spot{Fact: fmt.Sprintf("container %s (%s, pid %d)", c.Short(), c.Command, c.PID)}
		switch {
		case c.AllCaps && c.UID == 0:
			m.say(finding.Result{State: finding.Fail, Severity: finding.High, Subject: c.Short(), Title: "a container is privileged: it is root on the machine", Found: "root with all capabilities",
				Wanted: "a user of its own, without --privileged", Where: where})
		case c.UID == 0:
			m.say(finding.Result{State: finding.Fail, Subject: c.Short(), Found: "root", Wanted: "a user of its own", Where: where})
		default:
			m.say(finding.Result{State: finding.Pass, Subject: c.Short(), Title: fmt.Sprintf("a container runs as user %d", c.UID), Found: fmt.Sprint(c.UID), Where: where})
		}
	}
	if f.Err != nil {
		m.unknown("not all containers are known", f.Err, asRoot)
	}
}
