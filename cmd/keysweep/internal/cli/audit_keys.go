package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/keys/inventory"
	"keysweep/policy"
	"keysweep/policy/audit"
)

// auditKeysOptions are the flags of audit keys.
type auditKeysOptions struct {
	auditOptions
	ledger ledgerOptions
	paths  []string
	system bool
}

func newAuditKeysCommand(env *Env) *cobra.Command {
	o := &auditKeysOptions{}
	c := &cobra.Command{
		Use:   "keys",
		Short: "Check the SSH keys of this account: type, passphrase, place, modes, reuse, age, backups",
		Long: "Judges the keys that keysweep key list shows, by the same rules, as results that name the practice they come from.\n" +
			"Needs no passphrase of any key.",
		Example: `  keysweep audit keys
  keysweep audit keys --path /srv --system   there too, and this machine's host keys
  keysweep audit keys --format junit         for CI`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runAuditKeys(c.Context(), env, o) },
	}
	f := c.Flags()
	f.StringArrayVar(&o.paths, "path", nil, "look at this `FILE|DIR` too (repeatable)")
	f.BoolVar(&o.system, "system", false, "look at the host keys of this machine's SSH server too")
	o.addFlags(f)
	o.ledger.addFlags(f)
	return c
}

func runAuditKeys(ctx context.Context, env *Env, o *auditKeysOptions) error {
	if err := o.validate(env); err != nil {
		return err
	}
	a, err := auditKeys(ctx, env, &keyListOptions{ledger: o.ledger, paths: o.paths, system: o.system})
	if err != nil {
		return err
	}
	return o.finish(ctx, env, a, "keys")
}

// keysTarget is what an audit of keys looks at.
const keysTarget = "the SSH keys of this account"

// auditKeys judges the keys that key list would list.
func auditKeys(ctx context.Context, env *Env, o *keyListOptions) (*finding.Audit, error) {
	l := &keyList{env: env, opts: o}
	found, err := l.find(ctx)
	if err != nil {
		return nil, err
	}
	a := newAudit(env, keysTarget)
	listed := l.judge(found)
	for i := range listed {
		a.Results = append(a.Results, keyResults(&listed[i])...)
	}
	if len(listed) == 0 && len(l.problems) == 0 {
		a.Results = []finding.Result{{Check: "key", Area: "keys", State: finding.NotApplicable, Title: "there is no key"}}
	}
	a.Problems, a.Notices = l.problems, l.notices
	rules, _, err := auditRules(env)
	if err != nil {
		return nil, err
	}
	audit.Settle(a, rules.WaiversOf(nil), audit.Site{Host: env.Hostname, Dir: filepath.ToSlash(env.Dir)}, env.Now()) // what could not be looked at
	return a, nil
}

// keyResults says of a key what is wrong with it, or that nothing is.
func keyResults(k *listedKey) (list []finding.Result) {
	name := keyName(&k.Key)
	for _, v := range k.verdicts {
		r := finding.Result{
			Check: v.Check, Area: "keys", Subject: name, State: finding.Fail, Severity: v.Severity, Confidence: finding.HighConfidence,
			Title: v.Title, Found: v.Evidence, Where: finding.Spot{Path: v.Path}, Why: v.Why, Fix: v.Fix, FixBy: finding.FixCommand,
		}
		if v.Path == "" {
			r.Where = finding.Spot{Fact: "key " + name}
		}
		if x := v.Excused; x != nil {
			until, _ := time.Parse(time.DateOnly, x.Until) // "" has no end
			r.State, r.Waiver = finding.Waived, &finding.Waiver{Reason: x.Reason, Until: until, Where: x.By}
		}
		list = append(list, r)
	}
	if _, bad := policy.Worst(k.verdicts); !bad {
		list = append(list, finding.Result{Check: "key", Area: "keys", Subject: name, State: finding.Pass, Confidence: finding.HighConfidence,
			Title: fmt.Sprintf("nothing is wrong with it (%d checks)", len(policy.KeyChecks())), Where: finding.Spot{Path: k.Path()}})
	}
	return list
}

// keyName is what a key is called: its file, or its fingerprint.
func keyName(k *inventory.Key) string {
	if path := k.Path(); path != "" {
		return path
	}
	return k.Fingerprint()
}
