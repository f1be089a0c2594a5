package remedy

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"keysweep/host"
	"keysweep/host/firewall"
)

// ufw keeps its rules in files. They are changed here, and not by its commands: those write the whole file anew in their own form, and what
// somebody wrote by hand would not come back. Rules are put in as ufw writes them, so that "ufw status" shows them and "ufw delete" knows them; a
// comment says which fix they are of.
type ufw struct{}

const ufwDefaults = "/etc/default/ufw"

// ufwFiles are the rules of users by family.
func ufwFiles() map[firewall.Family]string {
	return map[firewall.Family]string{firewall.IPv4: "/etc/ufw/user.rules", firewall.IPv6: "/etc/ufw/user6.rules"}
}

func ufwComment(id string) string { return "comment=" + hex.EncodeToString([]byte("keysweep fix "+id)) }

func (ufw) put(src host.Source, id string, w want) (changes []Change, notes []string, err error) {
	for _, family := range []firewall.Family{firewall.IPv4, firewall.IPv6} {
		list, told, err := ufwRules(src, family, id, w)
		if err != nil {
			return nil, nil, err
		}
		changes, notes = append(changes, list...), append(notes, told...)
	}
	if w.deny {
		defaults, err := openBlock(src, ufwDefaults)
		if err != nil {
			return nil, nil, err
		}
		if defaults.state == nil {
			return nil, nil, fmt.Errorf("%s is not there", ufwDefaults)
		}
		defaults.set(id, `DEFAULT_INPUT_POLICY="DROP"`, atEnd)
		changes = append(changes, defaults.changes()...) // last: until then nothing is closed
	}
	slices.Sort(notes)
	return changes, slices.Compact(notes), nil
}

// ufwRules puts rules into the file of a family.
func ufwRules(src host.Source, family firewall.Family, id string, w want) (changes []Change, notes []string, err error) {
	name := ufwFiles()[family]
	state, err := current(src, name)
	if err != nil || state == nil {
		return nil, nil, err // without the file ufw has no rules for the family
	}
	text := ufwWithout(string(state.Data), id)
	for _, p := range w.open {
		if at, _ := ufwOpens(text, p); at < 0 {
			if text, err = ufwInsert(text, -1, ufwRule(family, "allow", p, id)); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	for _, p := range w.close {
		at, later := ufwOpens(text, p)
		for _, rule := range later {
			notes = append(notes, "the rule \""+rule+"\" of ufw has no effect any more: put it before the one that opens the port to everybody")
		}
		if text, err = ufwInsert(text, at, ufwRule(family, "deny", p, id)); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if text == string(state.Data) {
		return nil, notes, nil
	}
	return []Change{{Path: name, Before: state, After: &State{[]byte(text), state.Mode}}}, notes, nil
}

// ufwRule is a rule as ufw writes it, with the line from which it reads it back.
func ufwRule(family firewall.Family, action string, p Port, id string) string {
	any, six := "0.0.0.0/0", ""
	if family == firewall.IPv6 {
		any, six = "::/0", "6"
	}
	target := map[string]string{"allow": "ACCEPT", "deny": "DROP"}[action]
	match := "--dport " + p.span(":")
	if p.First != p.Last {
		match = "-m multiport --dports " + p.span(":")
	}
	return fmt.Sprintf("### tuple ### %s %s %s %s any %s in %s\n-A ufw%s-user-input -p %s %s -j %s\n\n", action, p.Protocol, p.span(":"), any, any, ufwComment(id), six, p.Protocol, match, target)
}

const (
	ufwTuple = "### tuple ### "
	ufwBegin = "### RULES ###\n"
	ufwEnd   = "### END RULES ###\n"
)

// ufwInsert puts a rule at a place, or behind all others.
func ufwInsert(text string, at int, rule string) (string, error) {
	if at < 0 {
		at = strings.Index(text, ufwEnd)
	}
	if begin := strings.Index(text, ufwBegin); at < 0 && begin >= 0 { // as it is shipped, before the first rule
		at = begin + len(ufwBegin)
	}
	if at < 0 {
		return "", fmt.Errorf("there is no line %q: %w", strings.TrimSpace(ufwBegin), ErrEdited)
	}
	return text[:at] + rule + text[at:], nil
}

// ufwWithout takes the rules of a fix out: of each the line with the comment, the rule itself and the empty line behind it.
func ufwWithout(text, id string) string {
	var b strings.Builder
	const none, tuple, rule = 0, 1, 2
	last := none // what of ours the line before was
	for l := range strings.Lines(text) {
		word, marked := strings.CutPrefix(strings.TrimRight(l, "\r\n"), ufwTuple)
		switch {
		case marked && strings.HasSuffix(word, " "+ufwComment(id)):
			last = tuple
			continue
		case last == tuple && strings.HasPrefix(l, "-A "):
			last = rule
			continue
		case last == rule && l == "\n":
			last = none
			continue
		}
		last = none
		b.WriteString(l)
	}
	return b.String()
}

// ufwOpens finds the first rule that opens a port to everybody: -1 if there is none. later are those for the port that stand behind it.
func ufwOpens(text string, p Port) (at int, later []string) {
	at = -1
	offset := 0
	for l := range strings.Lines(text) {
		start := offset
		offset += len(l)
		rule, ok := strings.CutPrefix(strings.TrimRight(l, "\r\n"), ufwTuple)
		f := strings.Fields(rule)
		if !ok || len(f) < 7 || f[1] != "any" && f[1] != p.Protocol || !ufwPorts(f[2], p) {
			continue
		}
		action, _, _ := strings.Cut(f[0], "_") // allow_log
		in := slices.ContainsFunc(f[6:], func(w string) bool { return w == "in" })
		every := f[5] == "0.0.0.0/0" || f[5] == "::/0"
		switch {
		case at >= 0 && (action == "allow" || action == "limit"):
			later = append(later, rule)
		case (action == "allow" || action == "limit") && every && in:
			at = start
		}
	}
	return at, later
}

// ufwPorts reports whether "any", "22", "8000:8010,9000" is about all ports of a range.
func ufwPorts(words string, p Port) bool {
	if words == "any" {
		return true
	}
	for w := range strings.SplitSeq(words, ",") {
		first, last, ok := strings.Cut(w, ":")
		if !ok {
			last = first
		}
		a, err1 := strconv.ParseUint(first, 10, 16)
		b, err2 := strconv.ParseUint(last, 10, 16)
		if err1 == nil && err2 == nil && uint16(a) <= p.First && p.Last <= uint16(b) {
			return true
		}
	}
	return false
}

func (ufw) take(src host.Source, id string) (changes []Change, err error) {
	defaults, err := openBlock(src, ufwDefaults)
	if err != nil {
		return nil, err
	}
	defaults.set(id, "", atEnd)
	changes = defaults.changes() // first: after that nothing is closed
	for _, family := range []firewall.Family{firewall.IPv6, firewall.IPv4} {
		name := ufwFiles()[family]
		state, err := current(src, name)
		if err != nil {
			return nil, err
		}
		if state == nil {
			continue
		}
		if text := ufwWithout(string(state.Data), id); text != string(state.Data) {
			changes = append(changes, Change{Path: name, Before: state, After: &State{[]byte(text), state.Mode}})
		}
	}
	return changes, nil
}

// loaded compares what is in force with ufw's files.
func (ufw) loaded(ctx context.Context, src host.Source, now *firewall.Firewall, _ string) bool {
	if !now.Loaded("ufw") || now.From != "the kernel" {
		return false
	}
	then := firewall.Look(ctx, boot(src, nil))
	for _, class := range append(now.Classes(), then.Classes()...) {
		for _, q := range []firewall.Query{{Family: firewall.IPv4, Protocol: "tcp", Port: class[0]}, {Family: firewall.IPv6, Protocol: "tcp", Port: class[0]}} {
			if then.Err == nil && (len(lost(now, then, q)) > 0 || len(lost(then, now, q)) > 0) {
				return true
			}
		}
	}
	return false
}

func (ufw) command() string { return "ufw reload" }

func (ufw) test(ctx context.Context, s *Situation, src host.Source) error {
	files := map[string]string{}
	for name, path := range map[string]string{"user.rules": ufwFiles()[firewall.IPv4], "user6.rules": ufwFiles()[firewall.IPv6], "defaults": ufwDefaults} {
		state, err := current(src, path)
		if err != nil {
			return err
		}
		if state != nil {
			files[name] = string(state.Data)
		}
	}
	return scratch(files, func(path map[string]string) error {
		for name, argv := range map[string][]string{"user.rules": {"iptables-restore", "--test", "-n"}, "user6.rules": {"ip6tables-restore", "--test", "-n"}, "defaults": {"sh", "-n"}} {
			if path[name] == "" {
				continue
			}
			if _, err := s.run(ctx, append(argv, path[name])...); err != nil {
				return err
			}
		}
		return nil
	})
}

func (ufw) load(ctx context.Context, s *Situation) error {
	_, err := s.run(ctx, "ufw", "reload")
	return err
}
