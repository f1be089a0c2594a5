// Package accounts reads who may log in on a machine and who may become root: users, groups, whether a password can be used, sudo, and
// the public keys that let a user in. It never keeps a password's hash. It states facts and has no opinions.
//
// Start at Look. Formats are those of passwd(5), group(5), shadow(5), sudoers(5) and sshd(8).
package accounts

import (
	"slices"
	"strings"

	"keysweep/host"
)

// PasswordState says whether a user can log in with a password.
type PasswordState string

// What is known of a password.
const (
	Usable  PasswordState = "usable"  // there is one
	Locked  PasswordState = "locked"  // none can be right
	Empty   PasswordState = "empty"   // none is asked for
	Unknown PasswordState = "unknown" // shadow(5) could not be read
)

// User is an account.
type User struct {
	Name     string
	UID, GID int
	Home     string
	Shell    string
	Login    bool          // the shell lets a person in
	Password PasswordState // the hash itself is never kept
	Groups   []string      // names, the primary one first
	Origin   host.Origin
}

// Accounts are the users of a machine.
type Accounts struct {
	Users     []User // in the order of /etc/passwd
	Err       error  // why users are not known
	GroupErr  error  // why the groups of users are not known
	ShadowErr error  // why passwords are not known
	Sudo      Sudo
}

// Bounds of what is read.
const (
	maxUsers = 10_000
	maxGroup = 20_000
)

// Look reads the users of a machine.
func Look(src host.Source) *Accounts {
	a := &Accounts{}
	data, err := read(src, "/etc/passwd")
	if err != nil {
		a.Err, a.GroupErr, a.ShadowErr = err, err, err
		a.Sudo.Err = err
		return a
	}
	a.Users = parsePasswd(data)
	if data, err = read(src, "/etc/group"); err != nil {
		a.GroupErr = err
	} else {
		join(a.Users, parseGroup(data))
	}
	a.passwords(src)
	a.Sudo = lookSudo(src)
	return a
}

func read(src host.Source, path string) (string, error) {
	f, err := src.Read(path)
	if err != nil {
		return "", err
	}
	return string(f.Data), nil
}

// Find returns the user with a name.
func (a *Accounts) Find(name string) (User, bool) {
	i := slices.IndexFunc(a.Users, func(u User) bool { return u.Name == name })
	if i < 0 {
		return User{}, false
	}
	return a.Users[i], true
}

// LoginUsers returns root and the users whose shell lets a person in.
func (a *Accounts) LoginUsers() []User {
	var list []User
	for _, u := range a.Users {
		if u.Login {
			list = append(list, u)
		}
	}
	return list
}

// HasGroup reports whether any user is in a group. A group without members is not known to it.
func (a *Accounts) HasGroup(name string) bool {
	return slices.ContainsFunc(a.Users, func(u User) bool { return slices.Contains(u.Groups, name) })
}

// noLogin are shells that let nobody in.
var noLogin = []string{"nologin", "false", "sync", "shutdown", "halt", "true"}

func canLogin(shell string) bool {
	return !slices.Contains(noLogin, shell[strings.LastIndexByte(shell, '/')+1:])
}
