package remedy

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"keysweep/host"
	"keysweep/host/firewall"
	"keysweep/host/listen"
)

// firewallFix closes ports by way of the firewall that is in force.
type firewallFix struct {
	id, does string
	deny     bool // all ports but those that are named; else those that the check finds
}

// firewallFixes are those of firewalls. What else is wrong with one is left to people: which ports are for everybody is a choice.
func firewallFixes() []Fix {
	var list []Fix
	for _, f := range []firewallFix{
		{"firewall.default-deny", "has the firewall close all ports but sshd's and those of the policy", true},
		{"firewall.enabled", "has the firewall close ports for the family that it leaves open: IPv6", true},
		{"net.rpc-exposed", "has the firewall close ports of nodes' RPC", false},
		{"net.sensitive-exposed", "has the firewall close ports of databases and the like", false},
	} {
		list = append(list, Fix{ID: f.id, Does: f.does, plan: f.plan, revert: f.revert})
	}
	return list
}

// want is what a fix has a firewall do.
type want struct {
	deny     bool
	families []firewall.Family
	open     []Port // that stay open where all others are closed
	close    []Port
}

// manager is a program whose files hold the rules of a firewall, and how a fix is put into them.
type manager interface {
	// put returns what it takes to do what is wanted, and what is to be known of it.
	put(src host.Source, id string, w want) (changes []Change, notes []string, err error)
	// take returns what it takes to undo it.
	take(src host.Source, id string) ([]Change, error)
	// test has the program read the files as a source shows them.
	test(ctx context.Context, s *Situation, src host.Source) error
	// load has the kernel be as the files on the disk say, and what names it for people.
	load(ctx context.Context, s *Situation) error
	command() string
	// loaded reports whether a fix that is in no file is still in force: what took it back was interrupted.
	loaded(ctx context.Context, src host.Source, now *firewall.Firewall, id string) bool
}

// managed returns the one manager whose rules are in force, or why there is none to be used.
func managed(f *firewall.Firewall) (m manager, refused string) {
	var names []string
	for _, x := range f.Managers {
		if x.Err != nil {
			return nil, "whether " + x.Name + " makes the rules is not known: " + x.Err.Error()
		}
		if !x.Enabled {
			continue
		}
		names = append(names, x.Name)
		switch x.Name {
		case "ufw":
			m = ufw{}
		case "nftables":
			m = nft{main: x.Config.Path}
		case "iptables":
			m = iptables{v4: x.Config.Path}
		default:
			m = nil
		}
	}
	switch {
	case len(names) == 0:
		return nil, "no service loads a firewall at boot, so that nothing would hold for long; first: ufw allow PORT/tcp for sshd's port, then ufw enable"
	case len(names) > 1:
		return nil, strings.Join(names, " and ") + " are both switched on, and each may flush the other's rules: keep one of them"
	case m == nil:
		return nil, names[0] + " keeps its rules in files of its own making: use its own commands, as in firewall-cmd --permanent --zone=public --remove-port=PORT/tcp && firewall-cmd --reload"
	}
	return m, ""
}

func (f firewallFix) plan(ctx context.Context, s *Situation) (*Plan, error) {
	src := s.Open()
	wrong, err := s.judge(ctx, src, f.id)
	if err != nil || len(wrong) == 0 {
		return &Plan{}, err
	}
	now := firewall.Look(ctx, src)
	if now.Err != nil {
		return nil, fmt.Errorf("the rules that are in force are not known: %w", now.Err)
	}
	m, refused := managed(now)
	if refused != "" {
		return &Plan{Refused: []string{refused}}, nil
	}
	ports, err := sshPorts(ctx, s, src)
	if err != nil {
		return nil, fmt.Errorf("sshd's ports are not known: %w", err)
	}
	w, refused := f.wants(s, wrong, ports)
	if refused != "" {
		return &Plan{Refused: []string{refused}}, nil
	}
	if refused := sentOn(now, src, w.close); refused != "" {
		return &Plan{Refused: []string{refused}}, nil
	}
	changes, notes, err := m.put(src, f.id, w)
	if err != nil {
		return nil, err
	}
	then := boot(src, changes)
	after := firewall.Look(ctx, then)
	p := f.prepare(s, src, m, changes, shut(now, after, s.Session, ports))
	p.Notes = append(append(notes, cut(src, now, after)...), published(now)...)
	if left, err := s.judge(ctx, then, f.id); err != nil {
		p.Refused = append(p.Refused, "whether it helps is not known: "+err.Error())
	} else if len(left) > 0 {
		p.Refused = append(p.Refused, "it would not help: "+left[0].Title)
	}
	p.held = func(ctx context.Context) error { return f.holds(ctx, s, now, ports, true) }
	return p, nil
}

// prepare makes a plan of changes to a firewall's files.
func (f firewallFix) prepare(s *Situation, src host.Source, m manager, changes []Change, refused []string) *Plan {
	return &Plan{Changes: changes, Refused: refused, Load: m.command(),
		before: func(ctx context.Context) error { return m.test(ctx, s, overlay{src, changes}) },
		after:  func(ctx context.Context) error { return m.test(ctx, s, s.Open()) },
		load:   func(ctx context.Context) error { return m.load(ctx, s) }}
}

// sentOn says that a port is one of a container's: packets for it are sent on before the rules for the machine's own ports are asked, so that
// to close it there would only look as if it helped.
func sentOn(f *firewall.Firewall, src host.Source, ports []Port) string {
	for _, p := range ports {
		for _, to := range f.Forwards() {
			if !to.Loopback() && to.Protocol == p.Protocol && to.First <= p.First && p.First <= to.Last {
				return fmt.Sprintf("%s is sent on (%s), which rules for the machine's own ports do not see: publish it for the machine alone, as in docker run -p 127.0.0.1:%d:%d", p.span("-")+"/"+p.Protocol, to, p.First, p.First)
			}
		}
		for _, l := range listen.Look(src).Listeners {
			if l.Command == "docker-proxy" && l.At.Port() == p.First && !l.Loopback() {
				return fmt.Sprintf("%d/%s is published by Docker, whose rules come before these: publish it for the machine alone, as in docker run -p 127.0.0.1:%d:%d", p.First, p.Protocol, p.First, p.First)
			}
		}
	}
	return ""
}

// published tells of ports of containers, which no fix here closes.
func published(f *firewall.Firewall) (notes []string) {
	const most = 8
	for _, to := range f.Forwards() {
		if !to.Loopback() && len(notes) < most {
			notes = append(notes, "it does not close what is sent on to containers: "+to.String()+"; see net.docker-bypass")
		}
	}
	return notes
}

// judge asks what is wrong by a check.
func (s *Situation) judge(ctx context.Context, src host.Source, id string) ([]Wrong, error) {
	if s.Judge == nil {
		return nil, errors.New("nobody judges the machine")
	}
	return s.Judge(ctx, src, id)
}

// wants makes of what a check finds what the firewall is to do.
func (f firewallFix) wants(s *Situation, wrong []Wrong, ssh []uint16) (w want, refused string) {
	w.deny = f.deny
	for _, x := range wrong {
		switch {
		case x.Subject == "conflict":
			return w, x.Title + ": keep one of them"
		case !f.deny:
			p, ok := portOf(x.Subject)
			if !ok {
				return w, x.Title + ": that is a setting of " + x.Subject + ", which a firewall does not change"
			}
			if !slices.Contains(w.close, p) {
				w.close = append(w.close, p)
			}
		case x.Subject == "IPv4":
			w.families = append(w.families, firewall.IPv4)
		case x.Subject == "IPv6":
			w.families = append(w.families, firewall.IPv6)
		default:
			w.families = []firewall.Family{firewall.IPv4, firewall.IPv6}
		}
	}
	if !f.deny {
		w.families = []firewall.Family{firewall.IPv4, firewall.IPv6}
		return w, ""
	}
	if len(ssh) == 0 {
		return w, "at which port sshd listens is not known, and nothing that is closed now could be opened again from elsewhere"
	}
	for _, n := range ssh {
		w.open = append(w.open, Port{n, n, "tcp"})
	}
	for _, p := range s.Ports {
		if !slices.Contains(w.open, p) {
			w.open = append(w.open, p)
		}
	}
	return w, ""
}

// portOf reads "0.0.0.0:5432/tcp".
func portOf(subject string) (Port, bool) {
	at, protocol, ok := strings.Cut(subject, "/")
	a, err := netip.ParseAddrPort(at)
	return Port{a.Port(), a.Port(), protocol}, ok && err == nil && (protocol == "tcp" || protocol == "udp")
}

// revert takes the lines of the fix out of the files of every manager that has some.
func (f firewallFix) revert(ctx context.Context, s *Situation) (*Plan, error) {
	src := s.Open()
	now := firewall.Look(ctx, src)
	for _, m := range []manager{ufw{}, nft{main: mainOf(now, "nftables")}, iptables{v4: mainOf(now, "iptables")}} {
		changes, err := m.take(src, f.id)
		if err != nil {
			return nil, err
		}
		if len(changes) == 0 && !m.loaded(ctx, src, now, f.id) {
			continue
		}
		if now.Err != nil {
			return nil, fmt.Errorf("the rules that are in force are not known: %w", now.Err)
		}
		ports, err := sshPorts(ctx, s, src)
		if err != nil {
			return nil, fmt.Errorf("sshd's ports are not known: %w", err)
		}
		p := f.prepare(s, src, m, changes, shut(now, firewall.Look(ctx, boot(src, changes)), s.Session, ports))
		p.held = func(ctx context.Context) error { return f.holds(ctx, s, now, ports, false) }
		return p, nil
	}
	return &Plan{}, nil
}

func mainOf(f *firewall.Firewall, name string) string {
	for _, m := range f.Managers {
		if m.Name == name {
			return m.Config.Path
		}
	}
	return ""
}

// holds looks at the kernel: sshd can be reached from where it could before, and, if so, the check finds nothing any more.
func (f firewallFix) holds(ctx context.Context, s *Situation, before *firewall.Firewall, ports []uint16, judged bool) error {
	src := s.Open()
	if refused := shut(before, firewall.Look(ctx, src), s.Session, ports); len(refused) > 0 {
		return errors.New(strings.Join(refused, "; "))
	}
	if !judged {
		return nil
	}
	left, err := s.judge(ctx, src, f.id)
	switch {
	case err != nil:
		return err
	case len(left) > 0:
		return fmt.Errorf("it did not help: %s", left[0].Title)
	}
	return nil
}

// cut tells of listeners that others could reach and cannot any more, for which nobody asked by name.
func cut(src host.Source, before, after *firewall.Firewall) (notes []string) {
	const most = 12
	sockets := listen.Look(src)
	seen := map[string]bool{}
	for _, l := range sockets.Listeners {
		name := strconv.Itoa(int(l.At.Port())) + "/" + l.Protocol
		if l.Loopback() || seen[name] || l.Protocol == "udp" && l.At.Port() >= 32768 {
			continue
		}
		family := firewall.IPv4
		if l.At.Addr().Is6() {
			family = firewall.IPv6
		}
		if len(lost(before, after, firewall.Query{Family: family, Protocol: l.Protocol, Port: l.At.Port()})) == 0 {
			continue
		}
		seen[name] = true
		who := l.Command
		if who == "" {
			who = "a program"
		}
		if len(notes) < most {
			notes = append(notes, fmt.Sprintf("%s listens at %s, and others cannot reach it any more", who, name))
		}
	}
	if sockets.Err != nil {
		notes = append(notes, "not all that listens is known: "+sockets.Err.Error())
	}
	return notes
}
