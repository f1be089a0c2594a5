package units

import (
	"fmt"
	"strings"

	"keysweep/host"
)

// Limits of units.
const (
	maxSettings = 20_000 // assignments of a unit with all its drop-ins
	maxLine     = 1 << 20
)

// parse adds the assignments of a file (systemd.syntax(7)).
func (u *Unit) parse(name, text string) error {
	u.Files = append(u.Files, name)
	section, number, count := "", 0, 0
	for _, n := range u.settings {
		count += len(n)
	}
	whole, begin, first := "", 0, ""
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		trimmed := strings.TrimSpace(line)
		if trimmed == "" && whole == "" || strings.HasPrefix(trimmed, "#") || strings.HasPrefix(trimmed, ";") {
			continue // comments may stand within a line that goes on
		}
		if whole == "" {
			begin, first = number, trimmed
		}
		if rest, more := strings.CutSuffix(line, `\`); more {
			if whole += rest + " "; len(whole) > maxLine {
				return fmt.Errorf("%s:%d: the line goes on for too long", name, begin)
			}
			continue
		}
		statement := strings.TrimSpace(whole + line)
		whole = ""
		if strings.HasPrefix(statement, "[") && strings.HasSuffix(statement, "]") {
			section = statement[1 : len(statement)-1]
			continue
		}
		key, value, ok := strings.Cut(statement, "=")
		if !ok || section == "" {
			continue // systemd passes over it
		}
		if count++; count > maxSettings {
			return fmt.Errorf("%s: it sets too much", name)
		}
		u.set(section, strings.TrimSpace(key), Setting{Value: strings.TrimSpace(value), At: host.Origin{Path: name, Line: begin, Text: first}})
	}
	return nil
}

// set adds an assignment. The empty one takes back what was assigned before.
func (u *Unit) set(section, key string, s Setting) {
	name := section + "." + key
	if s.Value == "" {
		u.settings[name] = nil
		return
	}
	u.settings[name] = append(u.settings[name], s)
}

// All returns what is assigned to a key, in order, since the last empty assignment.
func (u *Unit) All(section, key string) []Setting { return u.settings[section+"."+key] }

// Last returns what counts of a key that holds one value.
func (u *Unit) Last(section, key string) (Setting, bool) {
	all := u.All(section, key)
	if len(all) == 0 {
		return Setting{}, false
	}
	return all[len(all)-1], true
}

// True reports whether a key is switched on (systemd.syntax(7)).
func (u *Unit) True(section, key string) bool {
	s, _ := u.Last(section, key)
	switch strings.ToLower(s.Value) {
	case "1", "yes", "y", "true", "t", "on":
		return true
	}
	return false
}

// User is who a service runs as: "root" if nothing else is set, and where it was set. A user of its own that systemd makes up is "(dynamic)".
func (u *Unit) User() (name string, at host.Origin) {
	if u.True("Service", "DynamicUser") {
		s, _ := u.Last("Service", "DynamicUser")
		return "(dynamic)", s.At
	}
	s, ok := u.Last("Service", "User")
	if !ok {
		return "root", host.Origin{}
	}
	if s.Value == "0" {
		return "root", s.At
	}
	return s.Value, s.At
}
