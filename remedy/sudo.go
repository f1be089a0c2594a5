package remedy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"keysweep/host"
	"keysweep/host/accounts"
	"keysweep/host/sshd"
)

// sudoFixes are those of sudo.
func sudoFixes() []Fix {
	return []Fix{{ID: sudoID, Does: "lets a user become root by sudo, with his password: --user NAME", plan: planSudo, revert: revertSudo}}
}

const (
	sudoID     = "host.sudo-user"
	sudoOwn    = "/etc/sudoers.d/00-keysweep"
	sudoHeader = "# Made by keysweep fix; taken back by keysweep fix ID --revert.\n"
	noRight    = 0o440 // sudo takes no other file that its group or others may write
)

func planSudo(ctx context.Context, s *Situation) (*Plan, error) {
	src := s.Open()
	wrong, err := s.judge(ctx, src, sudoID)
	if err != nil || len(wrong) == 0 {
		return &Plan{}, err
	}
	g, err := sudoGate(s, src)
	if err != nil {
		return nil, err
	}
	if why := g.candidate(s.User); why != "" {
		return &Plan{Refused: []string{why}}, nil
	}
	own, err := openOwn(src, sudoOwn, sudoHeader, "")
	if err != nil {
		return nil, err
	}
	own.set(sudoID, s.User+" ALL=(ALL:ALL) ALL")
	p := &Plan{Changes: own.changes(noRight)}
	if left, err := s.judge(ctx, boot(src, p.Changes), sudoID); err != nil {
		p.Refused = append(p.Refused, "whether it helps is not known: "+err.Error())
	} else if len(left) > 0 {
		p.Refused = append(p.Refused, "it would not help: "+left[0].Title+"; see that /etc/sudoers has @includedir /etc/sudoers.d")
	}
	proveSudo(s, p)
	return p, nil
}

// sudoGate is sshd as it is configured, if there is one.
func sudoGate(s *Situation, src host.Source) (g gate, err error) {
	g = gate{src: src, accounts: accounts.Look(src), at: s}
	if err := errors.Join(g.accounts.Err, g.accounts.GroupErr); err != nil {
		return g, fmt.Errorf("who may log in is not known: %w", err)
	}
	main, _ := s.places()
	if g.config, err = sshd.ReadFile(src, main); host.Missing(err) {
		g.config, err = nil, nil
	}
	return g, err
}

// candidate says why a user is not one to be given the rights of root.
func (g gate) candidate(name string) string {
	if name == "" {
		var names []string
		for _, u := range g.accounts.LoginUsers() {
			if u.UID != 0 && g.unfit(u) == "" {
				names = append(names, u.Name)
			}
		}
		if len(names) == 0 {
			return "nobody but root gets in with a key and has a password for sudo: adduser NAME, and keysweep key deploy; then --user NAME"
		}
		return "whom to trust is for you to say: --user NAME, with one of " + strings.Join(names, ", ")
	}
	u, ok := g.accounts.Find(name)
	switch {
	case !ok:
		return "there is no user " + name + " in /etc/passwd"
	case u.UID == 0:
		return name + " is root"
	}
	if why := g.unfit(u); why != "" {
		return name + ": " + why
	}
	return ""
}

// unfit says why the rights of root would be of no use to a user, or of use to others.
func (g gate) unfit(u accounts.User) string {
	if strings.Trim(u.Name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" || u.Name[0] == '-' {
		return "a name with other letters than a-z, 0-9, _ and - is to be written by hand: visudo"
	}
	switch u.Password {
	case accounts.Usable:
	case accounts.Unknown:
		return "whether he has a password for sudo is not known: run it as root"
	default:
		return "he has no password for sudo; first: passwd " + u.Name
	}
	if g.config == nil {
		return ""
	}
	return g.byKey(u)
}

// proveSudo has visudo read the file before it is there, and all of them afterwards: with a mistake in one, sudo lets nobody become root.
func proveSudo(s *Situation, p *Plan) {
	p.before = func(ctx context.Context) error {
		for _, c := range p.Changes {
			if c.After == nil || c.After.Mode.IsDir() {
				continue
			}
			err := scratch(map[string]string{"sudoers": string(c.After.Data)}, func(path map[string]string) error {
				_, err := s.run(ctx, "visudo", "-c", "-f", path["sudoers"])
				return err
			})
			if err != nil {
				return err
			}
		}
		_, err := s.run(ctx, "visudo", "-c")
		return err
	}
	p.after = func(ctx context.Context) error {
		_, err := s.run(ctx, "visudo", "-c")
		return err
	}
}

// revertSudo takes the rights away again, unless nobody could become root then.
func revertSudo(_ context.Context, s *Situation) (*Plan, error) {
	src := s.Open()
	own, err := openOwn(src, sudoOwn, sudoHeader, "")
	if err != nil || own.state == nil {
		return &Plan{}, err
	}
	own.set(sudoID, "")
	p := &Plan{Changes: own.changes(noRight)}
	g, err := sudoGate(s, overlay{src, p.Changes})
	if err != nil {
		return nil, err
	}
	if why := g.nobody(); why != "" {
		p.Refused = append(p.Refused, why)
	}
	proveSudo(s, p)
	return p, nil
}

// nobody says why nobody could become root: by a key, by a password where sshd takes one, or at the machine itself if there is no sshd.
func (g gate) nobody() string {
	if g.config != nil && g.anybody() == "" {
		return ""
	}
	for _, u := range g.accounts.LoginUsers() {
		may, quiet, _ := g.accounts.Sudo.Root(u)
		if u.Password != accounts.Usable || u.UID != 0 && !may && !quiet {
			continue
		}
		if g.config == nil || g.byPassword(u) {
			return ""
		}
	}
	if g.config == nil {
		return "nobody could become root: neither root nor a user of sudo has a password"
	}
	return g.anybody() + ", nor with a password"
}

// byPassword reports whether sshd lets a user in with his password.
func (g gate) byPassword(u accounts.User) bool {
	for _, c := range g.connections(u) {
		v := g.config.Resolve(c)
		if g.door(u, v, c) != "" || u.UID == 0 && !v.Get("permitrootlogin").Is("yes") {
			continue
		}
		for _, m := range v.Get("authenticationmethods").Words {
			if (m == "any" || m == "password") && v.Get("passwordauthentication").Is("yes") {
				return true
			}
		}
	}
	return false
}
