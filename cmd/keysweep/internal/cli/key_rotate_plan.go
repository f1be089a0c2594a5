package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"keysweep/internal/git"
	"keysweep/internal/openssh"
	"keysweep/keys"
	"keysweep/keys/inventory"
	"keysweep/policy"
	"keysweep/rotation"
	"keysweep/rotation/rollover"
)

// rotatable returns the old key as it lies in its file, or says why it cannot be rotated here.
func (g *rotating) rotatable(ctx context.Context) (inventory.Key, error) {
	r := g.old
	switch {
	case r.Kind != rotation.KindSSH:
		return inventory.Key{}, usagef("keysweep cred rotate "+shellWord(r.Name), "%s is no SSH key", r.Name)
	case !r.Status.Live():
		return inventory.Key{}, usagef("make a new key: keysweep key generate", "%s is %s already", r.Name, r.Status)
	case r.Path == "":
		return inventory.Key{}, usagef("name the accounts one by one: keysweep key deploy, and then keysweep key revoke", "the ledger knows no file of %s", r.Name)
	case r.Machine != "" && r.Machine != g.env.Hostname:
		return inventory.Key{}, usagef("run it there", "the file of %s is on another machine: %s on %s", r.Name, r.Path, r.Machine)
	}
	file, err := filepath.EvalSymlinks(r.Path)
	if err != nil {
		return inventory.Key{}, usagef("restore it from a backup, or revoke it: keysweep key revoke "+shellWord(r.Name), "%w", err)
	}
	k, err := lookAtPrivate(ctx, g.env, file)
	switch {
	case err != nil:
		return k, err
	case k.Fingerprint() != r.Fingerprint:
		return k, usagef("see: keysweep key list", "%s holds another key than %s", file, r.Name)
	case k.Files[0].Format == keys.FormatPPK2 || k.Files[0].Format == keys.FormatPPK3:
		return k, usagef("convert it first: puttygen "+shellWord(file)+" -O private-openssh -o FILE, and then keysweep key adopt FILE", "%s is in PuTTY's format, which ssh does not read", file)
	case strings.HasPrefix(k.Type, "sk-"):
		return k, usagef("make a new one with keysweep key generate --type, deploy it, and revoke the old one", "%s lives on a security device", r.Name)
	}
	return k, alone(file)
}

// justRotated reports whether the key is the outcome of a rotation that has only just ended: then the command that is run again has
// nothing more to do.
func (g *rotating) justRotated() bool {
	return g.fresh && !g.o.again && g.old.Predecessor != "" && g.old.Successor == "" && g.env.Now().Sub(g.old.FirstSeen) < settled && g.old.Status != rotation.Compromised
}

// expiry returns when hosts are to refuse the new key; zero for never.
func (g *rotating) expiry(public keys.Public) (time.Time, error) {
	now := g.env.Now()
	switch {
	case g.o.expires != "":
		return futureExpires(g.o.expires, now)
	case g.o.expireGrace == "":
		return time.Time{}, nil
	}
	grace, err := parseSpan(g.o.expireGrace)
	if err != nil {
		return time.Time{}, usagef("for example: 14d", "--expire-grace: %w", err)
	}
	settings, err := readPolicy(g.env)
	if err != nil {
		return time.Time{}, err
	}
	fresh := g.old
	fresh.Fingerprint, fresh.Type, fresh.Bits, fresh.Status, fresh.FirstSeen = public.SHA256(), public.Type, public.Bits, rotation.Active, now
	fresh.Evidence = []rotation.Evidence{{Source: rotation.MadeHere, At: now}}
	due := policy.Due(policy.DueSubject{Record: &fresh, Machine: g.env.Hostname, Since: now}, settings.rules.Rotation, now).Due
	if due.IsZero() {
		return time.Time{}, usagef("give a date: --expires 2027-03-31", "--expire-grace: the policy has the key never be due")
	}
	return due.Add(grace), nil
}

// takeHosts brings the hosts of the journal up to date with the ledger and the flags.
func (g *rotating) takeHosts() error {
	var known []string
	for _, in := range g.old.ActiveInstallations(g.env.Now()) {
		if t, err := openssh.ParseTarget(in.Target); err == nil {
			known = append(known, t.String())
		}
	}
	if g.o.noHosts && len(known) > 0 {
		return usagef("leave --no-hosts out", "the ledger knows %s that have %s: %s", counted(len(known), "host", "hosts"), g.old.Name, strings.Join(known, ", "))
	}
	g.journal.Add(known...)
	g.journal.Add(g.o.hosts...)
	if len(g.journal.Hosts) == 0 && !g.o.noHosts && g.fresh {
		return usagef("name them: --host ann@web1; or, if it is installed nowhere: --no-hosts", "nobody knows which hosts have %s", g.old.Name)
	}
	for flag, list := range map[string][]string{"--only": g.o.only, "--skip": g.o.skip, "--gone": g.o.gone} {
		for _, target := range list {
			if g.journal.Host(target) == nil {
				return usagef("it has: "+strings.Join(g.targets(), ", "), "%s: the key has no host %s", flag, target)
			}
		}
	}
	for _, target := range g.o.gone {
		if h := g.journal.Host(target); !h.Step.Over() {
			h.Step, h.At, h.Trouble = rollover.Gone, g.env.Now().UTC().Truncate(time.Second), ""
		}
	}
	return nil
}

func (g *rotating) targets() (targets []string) {
	for _, h := range g.journal.Hosts {
		targets = append(targets, h.Target)
	}
	return targets
}

// takeArchive settles what is to become of the old key's file.
func (g *rotating) takeArchive() error {
	j := &g.journal
	switch {
	case g.o.destroy:
		j.Archive = ""
	case g.o.archive != "":
		j.Archive = absolute(g.env, g.o.archive)
	case g.fresh:
		data := homeOf(g.env, "XDG_DATA_HOME")
		if data == "" {
			return usagef("name a file: --archive FILE, or --destroy", "there is no home directory to archive the old key in")
		}
		j.Archive = filepath.Join(data, "keysweep", "archive", fmt.Sprintf("%s-%.8s.age", filepath.Base(j.File), g.old.ID))
	}
	if j.Archive != "" && g.keys.unprotected && !g.o.archivePass.given() {
		return usagef("give the archive a passphrase with --archive-passphrase-file, or keep none: --destroy",
			"the new key has no passphrase, under which the old one could be archived")
	}
	return nil
}

// restrict has a run go to some of the hosts only.
func (g *rotating) restrict(r *rollover.Rotation) {
	if len(g.o.only) > 0 {
		r.Only = func(target string) bool { return slices.Contains(g.o.only, target) }
	}
	if len(g.o.skip) > 0 {
		r.Left = func(target string) bool { return slices.Contains(g.o.skip, target) }
	}
}

// name is what the key is called, fit for a terminal.
func (g *rotating) name() string { return git.Printable(g.journal.Name) }
