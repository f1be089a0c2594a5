package observe

import (
	"context"

	"keysweep/host"
	"keysweep/host/accounts"
	"keysweep/host/sshd"
)

// Login is a user whose shell lets a person in, and the keys that do.
type Login struct {
	accounts.User
	Files   []accounts.KeyFile
	KeysErr error // why not all of his keys are known
}

// Logins returns a machine of which nothing was looked at but sshd, the users, and who of them gets in.
func Logins(ctx context.Context, src host.Source) *Machine {
	m := &Machine{Source: src}
	m.lookSSHD(ctx, src)
	return m
}

// maxLogins bounds the users whose keys are looked at.
const maxLogins = 500

// lookSSHD finds out about the SSH server and who may log in to it.
func (m *Machine) lookSSHD(ctx context.Context, src host.Source) {
	m.Accounts = accounts.Look(src)
	var asked []sshd.Login
	for _, u := range m.Accounts.LoginUsers() {
		if len(asked) < maxAsked {
			asked = append(asked, sshd.Login{User: u.Name, Groups: u.Groups})
		}
	}
	m.SSHD = sshd.Look(ctx, src, asked)
	for i, u := range m.Accounts.LoginUsers() {
		if i >= maxLogins {
			break
		}
		m.Logins = append(m.Logins, lookKeys(src, m.SSHD, u))
	}
}

// maxAsked bounds the users whom sshd itself is asked about.
const maxAsked = 6

func lookKeys(src host.Source, f *sshd.Facts, u accounts.User) Login {
	l := Login{User: u}
	if f.Config == nil {
		l.KeysErr = f.ConfigErr
		return l
	}
	v := f.Config.Resolve(sshd.Connection{User: u.Name, Groups: u.Groups, Host: sshd.PublicAddress, Addr: sshd.PublicAddress})
	files := v.Get("authorizedkeysfile")
	l.KeysErr = files.Err
	l.Files = accounts.KeyFiles(src, u, files.Words)
	for _, k := range l.Files {
		if k.Err != nil && !host.Missing(k.Err) && l.KeysErr == nil {
			l.KeysErr = k.Err
		}
	}
	return l
}
