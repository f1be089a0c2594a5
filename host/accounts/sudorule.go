package accounts

import (
	"slices"
	"strings"

	"keysweep/host"
)

// rule reads WHO HOST = (RUNAS) TAG: COMMAND, COMMAND : HOST = ... and keeps it if it lets anybody run every command as root.
func (s *sudoers) rule(l string, o host.Origin) {
	left, right, ok := strings.Cut(l, "=")
	if !ok {
		return
	}
	who := users(left)
	if len(who) == 0 {
		return
	}
	every, noPassword := s.commands(right)
	if !every {
		return
	}
	for _, w := range s.expand(who, 0) {
		if len(s.out.Rules) >= maxSudoRules {
			s.gap(errRules)
			return
		}
		if strings.HasPrefix(strings.TrimPrefix(w, "!"), "+") {
			s.gap(errNetgroup)
			continue
		}
		s.out.Rules = append(s.out.Rules, SudoRule{w, noPassword, o})
	}
}

// users takes the list of users off the left side, whose last word, or last list of words, is the hosts.
func users(left string) []string {
	left = strings.TrimSpace(left)
	end := len(left)
	for { // the hosts: words that commas join
		i := strings.LastIndexAny(left[:end], " \t")
		if i < 0 {
			return nil
		}
		before := strings.TrimRight(left[:i], " \t")
		if strings.HasSuffix(before, ",") || strings.HasPrefix(strings.TrimLeft(left[i:], " \t"), ",") {
			end = len(strings.TrimRight(before, " \t,"))
			continue
		}
		return splitNames(before)
	}
}

// commands says whether the right side allows every command as root, and without a password. Tags hold for what follows them.
func (s *sudoers) commands(right string) (every, noPassword bool) {
	asRoot, quiet := true, false
	for _, c := range splitOutside(right) {
		c = strings.TrimSpace(c)
		if strings.HasPrefix(c, "(") {
			runas, rest, ok := strings.Cut(c[1:], ")")
			if !ok {
				return every, noPassword
			}
			users, _, _ := strings.Cut(runas, ":")
			asRoot = s.root(users)
			c = strings.TrimSpace(rest)
		}
		for {
			tag, rest, ok := strings.Cut(c, ":")
			tag = strings.TrimSpace(tag)
			if !ok || tag == "" || strings.ContainsAny(tag, "/ \t=") || strings.ToUpper(tag) != tag {
				break
			}
			switch tag {
			case "NOPASSWD":
				quiet = true
			case "PASSWD":
				quiet = false
			}
			c = strings.TrimSpace(rest)
		}
		if asRoot && slices.Contains(s.expand([]string{c}, 0), "ALL") {
			every, noPassword = true, quiet
		}
	}
	return every, noPassword
}

// root reports whether a list of RUNAS users holds root. An empty list is the caller himself.
func (s *sudoers) root(list string) bool {
	for _, n := range s.expand(splitNames(list), 0) {
		if n == "ALL" || n == "root" || n == "#0" {
			return true
		}
	}
	return false
}

// expand replaces aliases, which start with a capital letter, by what they stand for.
func (s *sudoers) expand(names []string, depth int) []string {
	var list []string
	for _, n := range names {
		bare, denied := strings.CutPrefix(n, "!")
		members, ok := s.aliases[bare]
		if !ok || depth > 8 || len(list) > maxSudoRules {
			list = append(list, n)
			continue
		}
		for _, m := range s.expand(members, depth+1) {
			if denied {
				m = "!" + strings.TrimPrefix(m, "!")
			}
			list = append(list, m)
		}
	}
	return list
}

// splitOutside splits at commas that do not stand in parentheses.
func splitOutside(s string) []string {
	var list []string
	depth, start := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth <= 0 {
				list = append(list, s[start:i])
				start = i + 1
			}
		}
	}
	return append(list, s[start:])
}
