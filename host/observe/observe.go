// Package observe gathers all that is looked at of a machine. It has no opinions: policy/audit judges what it found.
package observe

import (
	"context"

	"keysweep/host"
	"keysweep/host/accounts"
	"keysweep/host/containers"
	"keysweep/host/fail2ban"
	"keysweep/host/firewall"
	"keysweep/host/folder"
	"keysweep/host/listen"
	"keysweep/host/logins"
	"keysweep/host/setting"
	"keysweep/host/sshd"
	"keysweep/host/system"
	"keysweep/host/units"
	"keysweep/host/updates"
	"keysweep/host/wireless"
)

// Machine is what was found. Each part says by itself what of it could not be known.
type Machine struct {
	Source host.Source

	SSHD     *sshd.Facts
	Accounts *accounts.Accounts
	Logins   []Login // those of Accounts whose shell lets a person in, with their keys
	Firewall *firewall.Firewall
	Sockets  *listen.Sockets
	Guard    *fail2ban.Guard
	Wireless *wireless.Facts
	Updates  *updates.Facts
	System   *system.Facts
	Units    *units.Facts

	Containers *containers.Facts
	Visits     *logins.Facts // who logged in, from where

	Settings map[setting.Query]setting.Answer // what a policy asks for by itself; whoever has the policy fills it
	Folders  map[string]*folder.Facts         // that the policy names; filled likewise
	Versions map[string]system.Version        // of the programs that a policy names, by those names; filled likewise (system.Ask)
}

// Look gathers the facts of a machine. It does not fail: what could not be had is said in the part that misses it.
func Look(ctx context.Context, s host.Source) *Machine {
	m := &Machine{Source: s}
	m.lookSSHD(ctx, s)
	m.Firewall = firewall.Look(ctx, s)
	m.Sockets = listen.Look(s)
	m.Guard = fail2ban.Look(ctx, s)
	m.Wireless = wireless.Look(ctx, s)
	m.Updates = updates.Look(ctx, s)
	m.System = system.Look(ctx, s)
	m.Units = units.Look(s)
	m.Containers = containers.Look(s)
	m.Visits = logins.Look(ctx, s)
	return m
}
