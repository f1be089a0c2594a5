package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/keys/inventory"
	"keysweep/policy"
	"keysweep/report"
	"keysweep/rotation"
)

// keyListOptions are the flags of key list.
type keyListOptions struct {
	ledger ledgerOptions
	output tableOptions
	paths  []string
	system bool
	all    bool
	failOn string
}

func newKeyListCommand(env *Env) *cobra.Command {
	o := &keyListOptions{}
	c := &cobra.Command{
		Use:   "list",
		Short: "List every SSH key that lies around, and what is wrong with it",
		Long: "Looks at ~/.ssh, the agent, authorized_keys, the SSH client's configuration and the files that the ledger names, and lists each\n" +
			"key once: where it is, how old it is at least, whether a passphrase protects it, what it is used for, and what is wrong with it.\n" +
			"Needs no passphrase of any key. The rules are in policy.toml: /etc/keysweep and $XDG_CONFIG_HOME/keysweep.",
		Example: `  keysweep key list                       every key of yours
  keysweep key list -v                    what is wrong with each, and what to do
  keysweep key list --path /srv --system  there too, and this machine's host keys
  keysweep key list --format json         everything that is known, for programs`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runKeyList(c.Context(), env, o) },
	}
	f := c.Flags()
	f.StringArrayVar(&o.paths, "path", nil, "look at this `FILE|DIR` too (repeatable)")
	f.BoolVar(&o.system, "system", false, "look at the host keys of this machine's SSH server too")
	f.BoolVar(&o.all, "all", false, "list also what the ledger knows of keys that are on other machines, or retired")
	f.StringVar(&o.failOn, "fail-on", "", "exit with 1 if something of this `SEVERITY` or worse is wrong: info, low, medium, high, critical (default low)")
	o.output.addFlags(f)
	o.ledger.addFlags(f)
	return c
}

// keyList is a listing on its way.
type keyList struct {
	env      *Env
	opts     *keyListOptions
	rules    policy.KeyRules
	failOn   finding.Severity
	records  []rotation.Record
	graves   map[string]rotation.Tombstone // by fingerprint
	noLedger bool                          // there is none, or it was not to be asked
	problems []finding.Problem
	notices  []finding.Notice
}

// listedKey is a key with what is to be said of it.
type listedKey struct {
	inventory.Key
	ledger   policy.Ledger
	verdicts []policy.Verdict
}

func runKeyList(ctx context.Context, env *Env, o *keyListOptions) error {
	l := &keyList{env: env, opts: o, failOn: finding.Low}
	if o.failOn != "" && l.failOn.UnmarshalText([]byte(o.failOn)) != nil {
		return usagef("one of: "+strings.Join(finding.Severities(), ", "), "--fail-on: there is no severity %q", o.failOn)
	}
	if err := o.output.validate(); err != nil {
		return err
	}
	found, err := l.find(ctx)
	if err != nil {
		return err
	}
	listed := l.judge(found)
	t := l.table(found, listed)
	if err := o.output.write(env, t); err != nil {
		return err
	}
	return l.exit(listed)
}

// find looks for keys wherever the options, the policy and the ledger say, and notes what could not be looked at.
func (l *keyList) find(ctx context.Context) (*inventory.Inventory, error) {
	if slices.Contains(l.opts.paths, "") {
		return nil, usagef("is a variable not set?", "--path is empty")
	}
	settings, err := readPolicy(l.env)
	if err != nil {
		return nil, err
	}
	l.rules = settings.rules
	where := inventory.Options{System: l.opts.system, SystemDir: systemSSH(l.env), Paths: settings.paths}
	for _, p := range l.opts.paths {
		where.Paths = append(where.Paths, absolute(l.env, p))
	}
	if err := l.readLedger(ctx); err != nil {
		return nil, err
	}
	l.missingFiles()
	where.Paths = append(where.Paths, recordedPaths(l.env, l.records)...)
	found, err := inventory.Walk(ctx, inventoryEnv(l.env), where)
	if err != nil {
		return nil, err
	}
	l.notes(found)
	return found, nil
}

// inventoryEnv is the part of the environment that the inventory needs.
func inventoryEnv(env *Env) inventory.Env {
	return inventory.Env{Home: env.Home, UID: userID(), Environ: env.Environ, Agent: env.Getenv("SSH_AUTH_SOCK")}
}

// systemSSH is where the system's SSH server keeps its keys.
func systemSSH(env *Env) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(env.Getenv("ProgramData"), "ssh")
	}
	return "/etc/ssh"
}

// readLedger asks the ledger, if there is one. A ledger that does not open is a problem, but the list is made all the same.
func (l *keyList) readLedger(ctx context.Context) error {
	ledger, err := l.opts.ledger.existing(ctx, l.env)
	if err == nil && ledger == nil {
		l.noLedger = true
		if !l.opts.ledger.none {
			l.notices = append(l.notices, finding.Notice{Kind: "ledger", Text: "there is no ledger yet; key generate and key adopt begin one"})
		}
		return nil
	}
	if err == nil {
		l.records, err = ledger.Records(ctx)
	}
	var graves []rotation.Tombstone
	if err == nil {
		graves, err = ledger.Tombstones(ctx)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	if err != nil {
		l.noLedger = true
		l.problems = append(l.problems, finding.Problem{Where: "ledger", Err: err.Error(), Hint: hintOf(err)})
		return nil
	}
	l.graves = map[string]rotation.Tombstone{}
	for _, g := range graves {
		l.graves[g.Fingerprint] = g
	}
	return nil
}

// missingFiles says of which recorded keys of this machine the file is gone.
func (l *keyList) missingFiles() {
	for _, r := range l.records {
		if r.Status == rotation.Active && recordedHere(l.env, &r) && fileGone(r.Path) {
			l.notices = append(l.notices, finding.Notice{Kind: "missing-file", Where: "ledger",
				Text: r.Name + ": its file is not there any more: " + homePath(l.env, r.Path)})
		}
	}
}

// judge joins what was found with the ledger and judges it. Keys of the ledger that should be on this machine and were not found
// follow; with --all, all others of it too.
func (l *keyList) judge(found *inventory.Inventory) []listedKey {
	var list []listedKey
	used := map[string]bool{}
	index := indexRecords(l.env, l.records)
	for _, k := range found.Keys {
		facts := l.recorded(index, &k)
		for _, r := range facts.Records {
			used[r.ID] = true
		}
		list = append(list, listedKey{k, facts, policy.Key(&k, facts, l.rules, l.env.Now())})
	}
	for _, r := range l.records {
		here := r.Machine == l.env.Hostname && r.Path != "" && r.Status.Live() || r.Status == rotation.Compromised
		if used[r.ID] || r.Kind != rotation.KindSSH || !here && !l.opts.all {
			continue
		}
		k := inventory.Key{Type: r.Type, Bits: r.Bits}
		facts := policy.Ledger{Records: []rotation.Record{r}}
		list = append(list, listedKey{k, facts, policy.Key(&k, facts, l.rules, l.env.Now())})
	}
	return list
}

// recorded is what the ledger knows of a key.
func (l *keyList) recorded(index recordIndex, k *inventory.Key) policy.Ledger {
	facts := policy.Ledger{Records: index.of(k)}
	if grave, buried := l.graves[k.Fingerprint()]; buried {
		facts.Grave = &grave
	}
	return facts
}

// exit turns the verdicts into the exit code.
func (l *keyList) exit(list []listedKey) error {
	if len(l.problems) > 0 {
		return verdict(exitIncomplete)
	}
	for i := range list {
		if worst, any := policy.Worst(list[i].verdicts); any && worst >= l.failOn {
			return verdict(exitFindings)
		}
	}
	return nil
}

// notes takes over what the inventory could not look at, and what a person should know of it.
func (l *keyList) notes(found *inventory.Inventory) {
	for _, p := range found.Problems {
		l.problems = append(l.problems, finding.Problem{Where: p.Where, Op: p.Op, Err: p.Err.Error(), Hint: hintOf(p.Err)})
	}
	for _, m := range found.Missing {
		l.notices = append(l.notices, finding.Notice{Kind: "missing-file", Where: fmt.Sprintf("%s:%d", l.home(m.Path), m.Line),
			Text: "names a file that does not exist: " + l.home(m.File)})
	}
	if strings.HasPrefix(found.Agent, "none listens") {
		l.notices = append(l.notices, finding.Notice{Kind: "agent", Text: "ssh-agent was not asked: " + found.Agent})
	}
}

// table makes the report.
func (l *keyList) table(found *inventory.Inventory, list []listedKey) *report.Table {
	t := &report.Table{
		Schema: "keysweep.key-list/v1", Tool: finding.Tool{Name: "keysweep", Version: l.env.Version, Commit: l.env.Commit},
		GeneratedAt: l.env.Now(), Columns: keyColumns(!l.noLedger), Problems: l.problems, Notices: l.notices,
		Coverage: finding.Coverage{Source: strings.Join(found.Sources, ", "), Root: l.env.Home, Files: found.Files, Bytes: found.Bytes},
	}
	for _, s := range found.Skipped {
		t.Coverage.Skipped = append(t.Coverage.Skipped, finding.Skip{Reason: s.Reason, Count: int64(len(s.Paths)),
			Paths: s.Paths[:min(len(s.Paths), finding.SkipExamples)]})
	}
	for i := range list {
		t.Rows = append(t.Rows, l.row(&list[i]))
	}
	if t.Empty = "no keys found"; l.env.Home != "" {
		t.Empty += " in " + filepath.Join(l.env.Home, ".ssh")
	}
	t.Coverage.Empty = t.Empty
	if len(list) > 0 || len(l.problems) > 0 { // what could not be looked at may hold some
		t.Empty, t.Coverage.Empty = "", ""
	}
	t.Verdict, t.Good = l.summary(list)
	return t
}

// summary says in a sentence how many keys have something wrong.
func (l *keyList) summary(list []listedKey) (string, bool) {
	var counts [finding.Critical + 1]int
	fine := 0
	for i := range list {
		if worst, any := policy.Worst(list[i].verdicts); any && worst > finding.Info {
			counts[worst]++
		} else {
			fine++
		}
	}
	var parts []string
	for s := finding.Critical; s > finding.Info; s-- {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	if len(l.problems) > 0 {
		parts = append(parts, "not everything could be looked at")
	}
	if len(list) == 0 && len(parts) == 0 {
		return "", true
	}
	keys := fmt.Sprintf("%d keys", len(list))
	if len(list) == 1 {
		keys = "1 key"
	}
	if len(parts) == 0 {
		return keys + ": nothing wrong", true
	}
	said := keys + ": " + strings.Join(parts, ", ")
	if !l.opts.output.verbose && fine < len(list) {
		said += " (what, why and what to do: -v)"
	}
	return said, false
}

// home shortens a path in the home directory as people write it.
func (l *keyList) home(path string) string { return homePath(l.env, path) }
