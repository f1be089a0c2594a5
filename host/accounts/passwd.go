package accounts

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"keysweep/host"
)

// parsePasswd reads passwd(5). Lines that are none are passed over, as the C library does.
func parsePasswd(text string) []User {
	var list []User
	for i, l := range numbered(text) {
		f := strings.Split(l, ":")
		if len(f) != 7 || f[0] == "" || len(list) >= maxUsers {
			continue
		}
		uid, err := strconv.ParseUint(f[2], 10, 32)
		gid, err2 := strconv.ParseUint(f[3], 10, 32)
		if err != nil || err2 != nil {
			continue
		}
		list = append(list, User{Name: f[0], UID: int(uid), GID: int(gid), Home: f[5], Shell: cmp.Or(f[6], "/bin/sh"), Login: canLogin(f[6]),
			Password: state(f[1]), Origin: host.Origin{Path: "/etc/passwd", Line: i}})
	}
	return list
}

// numbered yields the lines that say something, by their numbers.
func numbered(text string) func(func(int, string) bool) {
	return func(yield func(int, string) bool) {
		n := 0
		for l := range strings.Lines(text) {
			n++
			l = strings.TrimRight(l, "\r\n")
			if l == "" || l[0] == '#' {
				continue
			}
			if !yield(n, l) {
				return
			}
		}
	}
}

// state says what the field of a password means. "x" refers to shadow(5).
func state(field string) PasswordState {
	switch {
	case field == "":
		return Empty
	case field == "x":
		return Unknown
	case field[0] == '!' || field[0] == '*':
		return Locked
	}
	return Usable
}

// passwords reads what shadow(5) says of each password, and forgets the rest.
func (a *Accounts) passwords(src host.Source) {
	if !slices.ContainsFunc(a.Users, func(u User) bool { return u.Password == Unknown }) {
		return
	}
	text, err := read(src, "/etc/shadow")
	if err != nil {
		a.ShadowErr = err
		return
	}
	states := map[string]PasswordState{}
	for _, l := range numbered(text) {
		f := strings.SplitN(l, ":", 3)
		if len(f) < 2 || len(states) >= maxUsers {
			continue
		}
		if f[1] == "x" { // no hash is so short: nothing can match it
			f[1] = "*"
		}
		states[f[0]] = state(f[1])
	}
	for i, u := range a.Users {
		if u.Password == Unknown {
			a.Users[i].Password = cmp.Or(states[u.Name], Locked) // without an entry no password is right
		}
	}
}

// group is a line of group(5).
type group struct {
	name    string
	gid     int
	members []string
}

func parseGroup(text string) []group {
	var list []group
	for _, l := range numbered(text) {
		f := strings.Split(l, ":")
		if len(f) != 4 || f[0] == "" || len(list) >= maxGroup {
			continue
		}
		gid, err := strconv.ParseUint(f[2], 10, 32)
		if err != nil {
			continue
		}
		g := group{name: f[0], gid: int(gid)}
		for m := range strings.SplitSeq(f[3], ",") {
			if m = strings.TrimSpace(m); m != "" {
				g.members = append(g.members, m)
			}
		}
		list = append(list, g)
	}
	return list
}

// join gives each user the names of his groups, the primary one first.
func join(users []User, groups []group) {
	index := map[string]int{}
	for i, u := range users {
		if _, twice := index[u.Name]; !twice {
			index[u.Name] = i
		}
	}
	primary := map[int]string{}
	for _, g := range groups {
		if _, twice := primary[g.gid]; !twice {
			primary[g.gid] = g.name
		}
	}
	for i, u := range users {
		if name, ok := primary[u.GID]; ok {
			users[i].Groups = []string{name}
		}
	}
	for _, g := range groups {
		for _, m := range g.members {
			if i, ok := index[m]; ok && !slices.Contains(users[i].Groups, g.name) {
				users[i].Groups = append(users[i].Groups, g.name)
			}
		}
	}
}
