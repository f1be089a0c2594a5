package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/policy"
	"keysweep/report"
	"keysweep/rotation"
)

// credListOptions are the flags of cred list.
type credListOptions struct {
	envs, providers, owners, services []string
	kind                              string
	all                               bool
	snapshot                          string
	output                            tableOptions
	ledger                            ledgerOptions
}

// kindAll is the value of --kind for every kind of record.
const kindAll = "all"

func newCredListCommand(env *Env) *cobra.Command {
	o := &credListOptions{}
	c := &cobra.Command{
		Use:   "list",
		Short: "List the credentials of the ledger: what they are for, how old they are, when they are due",
		Long: "List the credentials that the ledger keeps, never their values: environment and name, provider, age with what it rests on, and\n" +
			"when each is due. A value that two of them share is said. What is due, as an exit code for programs: keysweep rotate-due.",
		Example: `  keysweep cred list                       every credential in use
  keysweep cred list --env prod -v         those of one environment, with purpose and next command
  keysweep cred list --all                 those that are out of use, too
  keysweep cred list --snapshot ~/.local/state/keysweep/snapshot.json     without opening the ledger
  keysweep cred list --format json         everything that is known, for programs`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runCredList(c.Context(), env, o) },
	}
	f := c.Flags()
	f.StringSliceVarP(&o.envs, "env", "e", nil, "only those of this `ENV` (repeatable)")
	f.StringSliceVar(&o.providers, "provider", nil, "only those of this `PROVIDER` (repeatable)")
	f.StringSliceVar(&o.owners, "owner", nil, "only those of this `OWNER` (repeatable)")
	f.StringSliceVar(&o.services, "service", nil, "only those of this `SERVICE` (repeatable)")
	f.StringVar(&o.kind, "kind", string(rotation.KindAPI), fmt.Sprintf("only this `KIND`: %s, %s, or %s", rotation.KindAPI, rotation.KindSSH, kindAll))
	f.BoolVar(&o.all, "all", false, "list also what is retired or revoked")
	f.StringVar(&o.snapshot, "snapshot", "", "read the signed snapshot `FILE` instead of the ledger")
	o.output.addFlags(f)
	o.ledger.addPassphraseFlags(f)
	return c
}

func (o *credListOptions) validate() error {
	kinds := []string{string(rotation.KindAPI), string(rotation.KindSSH), kindAll}
	if !slices.Contains(kinds, o.kind) {
		return usagef("one of: "+strings.Join(kinds, ", "), "--kind: there is no kind %q", o.kind)
	}
	for name, list := range map[string][]string{"env": o.envs, "provider": o.providers, "owner": o.owners, "service": o.services} {
		if slices.Contains(list, "") {
			return usagef("is a variable not set?", "--%s is empty", name)
		}
	}
	return o.output.validate()
}

// wants reports whether the flags ask for a record.
func (o *credListOptions) wants(r *rotation.Record) bool {
	among := func(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }
	return (o.kind == kindAll || o.kind == string(r.Kind)) && (o.all || r.Status.Live()) && among(o.envs, r.Env) &&
		among(o.providers, r.Provider) && among(o.owners, r.Owner) && among(o.services, r.Service)
}

func runCredList(ctx context.Context, env *Env, o *credListOptions) error {
	if err := o.validate(); err != nil {
		return err
	}
	settings, err := readPolicy(env)
	if err != nil {
		return err
	}
	l := &credList{env: env, opts: o, rules: settings.rules.Rotation}
	records, err := l.read(ctx)
	if err != nil {
		return err
	}
	l.judge(records)
	return o.output.write(env, l.table())
}

// credList is a listing on its way.
type credList struct {
	env    *Env
	opts   *credListOptions
	rules  policy.RotationRules
	source report.Source
	creds  []listedCred
	shared []policy.Sharing // among all records in use, listed or not
	empty  string           // why there is nothing
}

// listedCred is a record with what is to be said of it.
type listedCred struct {
	rotation.Record
	due    policy.DueItem
	others []string // that have the same value
}

// read reads the records from where the flags say.
func (l *credList) read(ctx context.Context) ([]rotation.Record, error) {
	if l.opts.snapshot != "" {
		s, err := readSnapshot(ctx, l.env, l.opts.snapshot)
		l.source = report.Source{Kind: "snapshot", Where: l.opts.snapshot, Machine: s.Machine, At: s.GeneratedAt}
		return s.Records, err
	}
	ledger, err := l.opts.ledger.existing(ctx, l.env)
	if err != nil {
		return nil, err
	}
	if ledger == nil {
		l.empty = "there is no ledger yet; keysweep cred add and keysweep cred import begin one"
		return nil, nil
	}
	noteRescues(ctx, l.env, ledger, "")
	l.source = report.Source{Kind: "ledger", Where: l.opts.ledger.store.Describe(), Machine: l.env.Hostname, At: l.env.Now()}
	return ledger.Records(ctx)
}

// judge chooses the records that are asked for, in the order of their names.
func (l *credList) judge(records []rotation.Record) {
	l.shared = policy.Shared(records)
	others := sameValue(l.shared)
	for i := range records {
		r := &records[i]
		if !l.opts.wants(r) {
			continue
		}
		due := policy.Due(policy.DueSubject{Record: r, Machine: l.env.Hostname}, l.rules, l.env.Now())
		l.creds = append(l.creds, listedCred{*r, due, others[r.ID]})
	}
	slices.SortStableFunc(l.creds, func(a, b listedCred) int {
		if byEnv := strings.Compare(a.Env, b.Env); byEnv != 0 {
			return byEnv
		}
		if byName := strings.Compare(a.Name, b.Name); byName != 0 {
			return byName
		}
		return a.FirstSeen.Compare(b.FirstSeen)
	})
}

// table makes the report.
func (l *credList) table() *report.Table {
	t := &report.Table{
		Schema: "keysweep.cred-list/v1", Tool: finding.Tool{Name: "keysweep", Version: l.env.Version, Commit: l.env.Commit},
		GeneratedAt: l.env.Now(), Columns: l.columns(), Coverage: finding.Coverage{Source: l.source.Kind, Root: l.source.Where},
	}
	if l.source.Kind != "" {
		t.Sources = []report.Source{l.source}
	}
	for i := range l.creds {
		t.Rows = append(t.Rows, l.row(&l.creds[i]))
	}
	for _, s := range l.shared {
		if slices.ContainsFunc(s.Records, func(r rotation.Record) bool { return l.opts.wants(&r) }) {
			t.Notices = append(t.Notices, finding.Notice{Kind: s.Check, Where: l.source.Kind, Text: fmt.Sprintf("%s: %s", s.Title, s.Evidence)})
		}
	}
	if len(l.creds) == 0 {
		if t.Empty = "no credentials fit; begin with: keysweep cred add NAME --env ENV"; l.empty != "" {
			t.Empty = l.empty
		}
		t.Coverage.Empty = t.Empty
	}
	t.Verdict, t.Good = l.summary()
	return t
}

// summary says in a sentence how many press.
func (l *credList) summary() (string, bool) {
	if len(l.creds) == 0 {
		return "", true
	}
	said, good := counted(len(l.creds), "credential", "credentials"), true
	if l.opts.kind != string(rotation.KindAPI) {
		said = counted(len(l.creds), "record", "records")
	}
	for _, state := range policy.DueStates() {
		n := 0
		for i := range l.creds {
			if l.creds[i].due.State == state {
				n++
			}
		}
		if n > 0 && state != policy.StateOK {
			said += fmt.Sprintf(", %d %s", n, state)
			good = good && state == policy.StateExempt
		}
	}
	if l.source.Kind == "snapshot" {
		said += fmt.Sprintf(" (snapshot of %s, %s)", l.source.Machine, l.source.At.Format(time.DateOnly))
	}
	return said, good
}
