package cli

import (
	"context"
	"errors"
	"slices"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/firewall"
	"keysweep/host/folder"
	"keysweep/host/listen"
	"keysweep/host/observe"
	"keysweep/host/sshd"
	"keysweep/host/system"
	"keysweep/policy"
	"keysweep/policy/audit"
	"keysweep/remedy"
)

// fixJudge judges by the audit's own checks what a fix is to put right, and whether it did.
type fixJudge struct {
	env   *Env
	rules *audit.Rules
}

// judge returns what a check finds wrong. What it cannot say is an error.
func (j fixJudge) judge(ctx context.Context, src host.Source, id string) ([]remedy.Wrong, error) {
	results, err := j.results(ctx, src, id)
	if err != nil {
		return nil, err
	}
	var wrong []remedy.Wrong
	for i := range results {
		r := &results[i]
		switch {
		case r.Check != id:
		case r.State == finding.Undetermined:
			return nil, errors.New(r.Title + ": " + r.Cause)
		case r.State == finding.Fail:
			title := r.Title
			if r.Found != "" {
				title += " (" + r.Found + ")"
			}
			wrong = append(wrong, remedy.Wrong{Subject: r.Subject, Path: r.Where.Path, Title: title})
		}
	}
	return wrong, nil
}

func (j fixJudge) results(ctx context.Context, src host.Source, id string) ([]finding.Result, error) {
	isOf := func(checks []audit.Check) bool {
		return slices.ContainsFunc(checks, func(c audit.Check) bool { return c.ID == id })
	}
	switch {
	case slices.ContainsFunc(policy.KeyChecks(), func(c policy.Check) bool { return c.ID == id }):
		a, err := auditKeys(ctx, j.env, &keyListOptions{})
		if err != nil {
			return nil, err
		}
		return a.Results, nil
	case isOf(audit.RepoChecks()):
		return j.repository(ctx)
	}
	only := *j.rules
	only.Off, only.Custom = nil, nil
	for _, c := range audit.HostChecks() {
		if c.ID != id {
			only.Off = append(only.Off, c.ID)
		}
	}
	return audit.Host(lookFor(ctx, src, id, &only), &only, j.env.Now()), nil
}

// lookFor looks at what a check needs, and at nothing else.
func lookFor(ctx context.Context, src host.Source, id string, rules *audit.Rules) *observe.Machine {
	switch id {
	case "host.sudo-user":
		return observe.Logins(ctx, src)
	case "logs.persistent":
		return &observe.Machine{Source: src, System: system.Look(ctx, src)}
	case "client.data-permissions":
		m := &observe.Machine{Source: src, Folders: map[string]*folder.Facts{}}
		for _, path := range rules.Clients.Paths {
			m.Folders[path] = folder.Look(src, path)
		}
		return m
	}
	return &observe.Machine{Source: src, Firewall: firewall.Look(ctx, src), Sockets: listen.Look(src), SSHD: sshd.Look(ctx, src, nil)}
}

// repository judges what git ignores in the repository around the working directory.
func (j fixJudge) repository(ctx context.Context) ([]finding.Result, error) {
	p, err := placeOf(ctx, j.env, j.env.Dir, false)
	if err != nil {
		return nil, err
	}
	inside := *j.env
	inside.Dir = p.root
	look := repoLook{ctx, &inside, &auditRepoOptions{}, p, &audit.Repository{}}
	if err := look.ignored(); err != nil {
		return nil, err
	}
	return audit.Repo(look.found, j.rules), nil
}

// portsOf are those that the policy names.
func portsOf(rules *audit.Rules) (list []remedy.Port) {
	for _, some := range [][]audit.Port{rules.Allow, rules.Public, rules.Required} {
		for _, p := range some {
			list = append(list, remedy.Port(p))
		}
	}
	return list
}
