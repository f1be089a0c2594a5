package cli

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/live"
	"keysweep/host/observe"
	"keysweep/policy/audit"
)

// auditHostOptions are the flags of audit host.
type auditHostOptions struct {
	auditOptions
}

func newAuditHostCommand(env *Env) *cobra.Command {
	o := &auditHostOptions{}
	c := &cobra.Command{
		Use:   "host",
		Short: "Check a machine: sshd, firewall, open ports, updates, services, logs",
		Long: "Looks at files of the machine and at what its own programs say; changes nothing, and connects to nothing. Each result names the value\n" +
			"that was found and where it is set, the value that is wanted, the line of the guide, and the fix. Without the rights of root some facts\n" +
			"stay unknown: they are named, and the exit code is 3.",
		Example: `  sudo keysweep audit host                 all of it
  keysweep audit host -v                   what passed, too
  keysweep audit host --diff last          what changed since the last time
  keysweep audit host --format sarif       for code scanning`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runAuditHost(c.Context(), env, o) },
	}
	o.addFlags(c.Flags())
	return c
}

func runAuditHost(ctx context.Context, env *Env, o *auditHostOptions) error {
	if err := o.validate(); err != nil {
		return err
	}
	rules := audit.Baseline()
	source, of, err := o.source(env)
	if err != nil {
		return err
	}
	a := newAudit(env, machineWords(source))
	a.Profile = rules.Profile
	if source.Kind() == host.Bundle {
		a.AsOf = source.Time()
	}
	now := env.Now()
	a.Results = audit.Host(observe.Look(ctx, source), rules, now)
	if err := ctx.Err(); err != nil {
		return err
	}
	a.Notices = audit.Settle(a.Results, rules.Waivers, source.Name(), now)
	a.Programs = programsOf(source)
	return o.finish(ctx, env, a, of)
}

// source opens what is to be looked at; of names it for the next audit of the same.
func (o *auditHostOptions) source(env *Env) (s host.Source, of string, err error) {
	if runtime.GOOS != "linux" {
		return nil, "", fmt.Errorf("audit host: %w", live.ErrOtherSystem)
	}
	return live.New(live.Options{Now: env.Now}), "host", nil
}

// machineWords says what is looked at.
func machineWords(s host.Source) string {
	switch s.Kind() {
	case host.Image:
		return "the tree " + s.Name()
	case host.Bundle:
		return "what was collected on " + s.Name()
	}
	return "this machine (" + s.Name() + ")"
}

// programsOf lists what a source ran.
func programsOf(s host.Source) (list []finding.Program) {
	ran, ok := s.(interface{ Programs() []host.Output })
	if !ok {
		return nil
	}
	for _, p := range ran.Programs() {
		list = append(list, finding.Program{Command: strings.Join(p.Argv, " "), Exit: p.Exit, CPU: p.CPU, Elapsed: p.Elapsed})
	}
	return list
}
