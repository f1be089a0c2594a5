package audit

import (
	"errors"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/accounts"
	"keysweep/host/sshd"
)

// accountChecks are the checks of users.
func accountChecks() []hostCheck {
	return []hostCheck{
		{Check{ID: "host.sudo-user", Area: "accounts", Severity: finding.Medium, Title: "no user but root can keep the machine up",
			Why:   "Before root's login is switched off, another user must be able to get in with a key and to become root.",
			Fix:   "adduser NAME, install a key: keysweep key deploy, and then: keysweep fix host.sudo-user --user NAME",
			FixBy: finding.FixCommand}, judgeSudo},
	}
}

// judgeSudo looks for a user who is not root, gets in with a key, and may become root.
func judgeSudo(m *machine) {
	a := m.Accounts
	switch {
	case a == nil || a.Err != nil:
		m.unknown("the users of the machine are not known", orNotCollected(a), asRoot)
		return
	case a.GroupErr != nil:
		m.unknown("the groups of users are not known", a.GroupErr, asRoot)
		return
	case !a.Sudo.Known():
		m.unknown("who may become root by sudo is not known", sudoCause(a), asRoot)
		return
	}
	var near []finding.Spot
	var doubt error
	for _, l := range m.Logins {
		may, quiet, by := a.Sudo.Root(l.User)
		if !may || l.UID == 0 {
			continue
		}
		rule := spot(by, sshd.Version{}, "lets "+l.Name+" become root")
		keys := accounts.UsableKeys(l.Files, m.now)
		switch {
		case len(keys) > 0 && (quiet || l.Password == accounts.Usable || l.Password == accounts.Unknown):
			m.pass(l.Name+" gets in with a key and may become root", rule)
			return
		case len(keys) > 0:
			rule.Note += ", but has no password for sudo"
		case l.KeysErr != nil:
			doubt = l.KeysErr
		default:
			rule.Note += ", but has no key that sshd takes" + refused(l.Files)
		}
		near = append(near, rule)
	}
	if doubt != nil {
		m.unknown("whether a user of sudo has a key is not known", doubt, asRoot)
		return
	}
	found := "no user of sudo with a login shell"
	if len(near) > 0 {
		found = "users of sudo, but none who gets in with a key and may use it"
	}
	m.say(finding.Result{State: finding.Fail, Found: found, Wanted: "a user with a key and sudo", Where: finding.Spot{Path: "/etc/passwd"}, Related: near})
}

func refused(files []accounts.KeyFile) string {
	for _, f := range files {
		if f.Refused != "" {
			return ": " + f.Refused
		}
	}
	return ""
}

func orNotCollected(a *accounts.Accounts) error {
	if a == nil {
		return host.ErrNotCollected
	}
	return a.Err
}

func sudoCause(a *accounts.Accounts) error {
	if a.Sudo.Err != nil {
		return a.Sudo.Err
	}
	return errors.Join(a.Sudo.Gaps...)
}
