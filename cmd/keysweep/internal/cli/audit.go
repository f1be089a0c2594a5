package cli

import (
	"cmp"
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/finding"
	"keysweep/policy/audit"
	"keysweep/policy/practice"
	"keysweep/report"
)

func newAuditCommand(env *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "audit",
		Short: "Check the practices of key and credential hygiene on a machine, in a repository, for keys and startup scripts",
		Long: "Every check cites the line of the guide that it comes from. What could not be looked at is unknown, never passed. What only a\n" +
			"person can say is attested: keysweep attest. keysweep practices lists all of it.",
		Example: `  keysweep audit host                     this machine; as root it sees more
  keysweep audit host --host admin@web1   another one, over ssh
  keysweep audit keys                     SSH keys of this account
  keysweep audit repo                     the repository around the working directory`,
		Args: cobra.NoArgs,
	}
	c.AddCommand(newAuditHostCommand(env), newAuditKeysCommand(env), newAuditRepoCommand(env), newAuditScriptsCommand(env), newAuditAllCommand(env))
	return c
}

// auditOptions are the flags of every audit.
type auditOptions struct {
	output     tableOptions
	showWaived bool
	failOn     string
	strict     bool
	diff       string

	threshold finding.Severity
}

func (o *auditOptions) addFlags(f *pflag.FlagSet) {
	o.output.addFlagsFor(f, report.AuditFormats())
	f.Lookup("verbose").Usage = "what passed and what does not apply, too"
	f.Lookup("quiet").Usage = "one line a result, no summary"
	f.BoolVar(&o.showWaived, "show-waived", false, "list what the policy lives with")
	f.StringVar(&o.failOn, "fail-on", "low", "exit with 1 if a check of this `SEVERITY` or worse fails, with 3 if one is unknown: info, low, medium, high, critical")
	f.BoolVar(&o.strict, "strict", false, "what a person has to attest, and has not, fails")
	f.StringVar(&o.diff, "diff", "", "only what changed since the `last` audit of the same thing")
}

func (o *auditOptions) validate(env *Env) error {
	if err := o.threshold.UnmarshalText([]byte(o.failOn)); err != nil {
		return usagef("one of: "+strings.Join(finding.Severities(), ", "), "--fail-on: there is no severity %q", o.failOn)
	}
	if o.diff != "" && o.diff != "last" {
		return usagef("--diff last", "--diff: %q cannot be compared with", o.diff)
	}
	if err := o.output.validateFor(report.AuditFormats()); err != nil {
		return err
	}
	return o.output.checkFile(env)
}

// newAudit begins the report of an audit.
func newAudit(env *Env, target string) *finding.Audit {
	return &finding.Audit{
		Schema: "keysweep.audit/v1", Tool: finding.Tool{Name: "keysweep", Version: env.Version, Commit: env.Commit},
		GeneratedAt: env.Now(), Target: target,
	}
}

// finish settles, remembers and writes an audit, and says how it ended. of names what was looked at, for the next --diff last: "host web1".
func (o *auditOptions) finish(_ context.Context, env *Env, a *finding.Audit, of string) error {
	areaOf := map[string]string{}
	for _, p := range practice.All() {
		areaOf[p.ID] = p.Area
		for _, check := range p.Checks {
			areaOf[check] = cmp.Or(areaOf[check], p.Area)
		}
	}
	if err := addIncidents(env, a); err != nil {
		return err
	}
	for _, area := range practice.Areas() {
		a.Areas = append(a.Areas, finding.Area{ID: area.ID, Title: area.Title})
	}
	for i := range a.Results {
		r := &a.Results[i]
		if r.State == finding.Open && o.strict {
			r.State = finding.Fail
		}
		r.Seeds, r.Area = practice.For(r.Check), cmp.Or(areaOf[r.Check], r.Area)
	}
	audit.Sort(a.Results, a.Areas)
	whole := *a
	if o.diff != "" {
		onlyChanged(env, a, of)
	}
	code := o.exit(&finding.Audit{Results: whole.Results, Problems: a.Problems})
	rememberAudit(env, &whole, of)
	err := o.output.render(env, func(w io.Writer, options report.Options) error {
		options.ShowSuppressed = o.showWaived
		return report.WriteAudit(w, o.output.format, a, options)
	})
	if err != nil {
		return err
	}
	return code
}

// exit is the exit code of an audit: 3 if something could not be looked at that would count, 1 if something that counts fails.
func (o *auditOptions) exit(a *finding.Audit) error {
	failed := false
	for i := range a.Results {
		r := &a.Results[i]
		if r.Severity < o.threshold {
			continue
		}
		switch r.State {
		case finding.Undetermined:
			return verdict(exitIncomplete)
		case finding.Fail:
			failed = true
		}
	}
	switch {
	case len(a.Problems) > 0:
		return verdict(exitIncomplete)
	case failed:
		return verdict(exitFindings)
	}
	return nil
}
