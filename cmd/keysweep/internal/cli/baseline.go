package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/finding"
	"keysweep/internal/atomicfile"
	"keysweep/secretscan/suppress"
)

// baselineOptions are the flags of the baseline commands: what to scan, as for scan, and the decision to write down.
type baselineOptions struct {
	scan     scanOptions
	from     string
	all      bool
	decision suppress.Decision
}

func (o *baselineOptions) addFlags(f *pflag.FlagSet) {
	f.BoolVar(&o.scan.history, "history", false, "scan all of the history, not only the files there are now")
	f.StringVar(&o.scan.config, "config", "", "rules `FILE` instead of the repository's")
	f.StringVar(&o.scan.baseline, "baseline", "", "baseline `FILE` (default: .keysweep-baseline of the repository)")
	f.BoolVar(&o.scan.out.noProgress, "no-progress", false, "no progress bar")
}

func (o *baselineOptions) addDecision(f *pflag.FlagSet) {
	f.StringVar(&o.decision.Reason, "reason", "", "why the secret may stay")
	f.StringVar(&o.decision.Who, "who", "", "who decided so (default: $USER)")
	f.StringVar(&o.decision.Until, "until", "", "the last day, `YYYY-MM-DD`, after which it is reported again")
}

func newBaselineCommand(env *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "baseline",
		Short: "Keep the list of known secrets that scans need not report",
		Long: "The baseline, .keysweep-baseline at the root of the repository, lists secrets that are known, by fingerprint and path.\n" +
			"It holds no secret, but whoever has it can test guesses against it: do not baseline weak passwords that are in use.",
		Example: `  keysweep baseline create --history --reason "before we scanned"
  keysweep baseline add 3f0c... --reason "test fixture" --until 2027-06-30
  keysweep baseline update       new places of known secrets
  keysweep baseline prune        remove what has expired or is gone`,
	}
	c.AddCommand(
		baselineSub(env, "create", "Make a baseline of everything a scan finds", cobra.NoArgs, createBaseline, true),
		baselineSub(env, "add [FINGERPRINT...]", "Add findings to the baseline", cobra.ArbitraryArgs, addBaseline, true),
		baselineSub(env, "update", "Add the new places of secrets that are known", cobra.NoArgs, updateBaseline, false),
		baselineSub(env, "prune", "Remove entries that have expired or match nothing any more", cobra.NoArgs, pruneBaseline, false),
	)
	return c
}

func baselineExample(name string) string {
	return map[string]string{
		"create": "  keysweep baseline create --reason \"before we scanned\"\n  keysweep baseline create --from gitleaks.json",
		"add":    "  keysweep baseline add 3f0c... --reason \"test fixture\" --until 2027-06-30\n  keysweep baseline add --all --history",
		"update": "  keysweep baseline update",
		"prune":  "  keysweep baseline prune",
	}[name]
}

type baselineFunc func(ctx context.Context, env *Env, o *baselineOptions, args []string) error

func baselineSub(env *Env, use, short string, args cobra.PositionalArgs, run baselineFunc, decides bool) *cobra.Command {
	o := new(baselineOptions)
	name, _, _ := strings.Cut(use, " ")
	c := &cobra.Command{Use: use, Short: short, Args: args, Example: baselineExample(name),
		RunE: func(c *cobra.Command, args []string) error {
			if o.decision.Who == "" {
				o.decision.Who = env.Getenv("USER")
			}
			if err := suppress.CheckDate(o.decision.Until); o.decision.Until != "" && err != nil {
				return usagef("for example: --until 2027-06-30", "--until: %w", err)
			}
			return run(c.Context(), env, o, args)
		}}
	o.addFlags(c.Flags())
	if decides {
		o.addDecision(c.Flags())
	}
	switch name {
	case "create":
		c.Flags().StringVar(&o.from, "from", "", "take the findings of a gitleaks JSON `REPORT` instead of scanning")
	case "add":
		c.Flags().BoolVar(&o.all, "all", false, "add everything the scan finds")
	}
	return c
}

// baselineScan scans as the options say, known secrets included, and returns the findings with the file of the baseline.
func baselineScan(ctx context.Context, env *Env, o *baselineOptions) (s *scan, findings []finding.Finding, file string, err error) {
	opts := o.scan
	opts.baseline, opts.noBaseline = "", true
	if s, err = prepareScan(ctx, env, &opts); err != nil {
		return nil, nil, "", err
	}
	if o.scan.baseline != "" {
		file = absolute(env, o.scan.baseline)
	} else if file = filepath.Join(s.place.root, suppress.FileName); s.place.repo != nil && s.place.repo.Root() == "" {
		return nil, nil, "", usagef("name it with --baseline FILE", "a bare repository has no place for a baseline")
	}
	if o.from != "" {
		return s, nil, file, nil
	}
	report, err := s.run(ctx)
	if err != nil {
		return nil, nil, "", err
	}
	for _, p := range report.Problems {
		_, _ = fmt.Fprintf(env.Stderr, "could not %s %s: %s\n", p.Op, p.Where, p.Err)
	}
	if len(report.Problems) > 0 {
		err = verdict(exitIncomplete)
	}
	return s, report.Findings, file, err
}

func readBaseline(env *Env, file string) (*suppress.Baseline, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usagef("keysweep baseline create", "there is no baseline %s", shownPath(env, file))
	}
	if err != nil {
		return nil, err
	}
	b, err := suppress.Parse(shownPath(env, file), data)
	if err != nil {
		return nil, usagef("", "%w", err)
	}
	return b, nil
}

// writeBaseline writes the baseline and says what changed.
func writeBaseline(env *Env, file string, b *suppress.Baseline, c suppress.Changes, create bool) error {
	write := atomicfile.Write
	if create {
		write = atomicfile.Create
	}
	if c.Any() || create {
		if err := write(file, b.Encode(), 0o644); err != nil {
			return fmt.Errorf("write baseline: %w", err)
		}
	}
	_, err := fmt.Fprintf(env.Stdout, "%s: %d entries (added %d, new places %d, decisions changed %d, expired and removed %d, gone and removed %d)\n",
		shownPath(env, file), b.Len(), c.Added, c.Places, c.Decided, c.Expired, c.Stale)
	return err
}

// under gives findings their fingerprints under a baseline's salt.
func under(b *suppress.Baseline, findings []finding.Finding) []finding.Finding {
	out := slices.Clone(findings)
	for i := range out {
		out[i].Fingerprint = out[i].FingerprintUnder(b.Salt())
	}
	return out
}

func createBaseline(ctx context.Context, env *Env, o *baselineOptions, _ []string) error {
	s, findings, file, scanErr := baselineScan(ctx, env, o)
	if s == nil {
		return scanErr
	}
	b, err := suppress.New(rand.Reader)
	if err != nil {
		return err
	}
	if o.from != "" {
		data, err := os.ReadFile(absolute(env, o.from))
		if err != nil {
			return usagef("gitleaks git --report-format json --report-path report.json makes one", "%w", err)
		}
		imported, notes, err := suppress.FromGitleaksReport(o.from, data, b.Salt())
		if err != nil {
			return usagef("", "%w", err)
		}
		for _, n := range notes {
			_, _ = fmt.Fprintf(env.Stderr, "%s: %s\n", n.Where, n.Text)
		}
		if len(imported) == 0 {
			return usagef("gitleaks git --report-format json --report-path report.json makes one with its secrets", "%s holds no secret to take over", o.from)
		}
		findings = imported
	}
	changes, err := b.Add(under(b, findings), o.decision, env.Now())
	if err != nil {
		return usagef("", "%w", err)
	}
	if err := writeBaseline(env, file, b, changes, true); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return usagef("keysweep baseline add, update or prune change it", "%s is there already", shownPath(env, file))
		}
		return err
	}
	if s.place.repo != nil && o.scan.baseline == "" {
		_, _ = fmt.Fprintln(env.Stderr, "hint: so that git can merge it, add to .gitattributes: /"+suppress.FileName+" merge=union")
	}
	return scanErr
}

func addBaseline(ctx context.Context, env *Env, o *baselineOptions, args []string) error {
	if len(args) == 0 && !o.all {
		return usagef("reports name the fingerprints; --all adds everything", "which finding?")
	}
	var wanted []finding.Fingerprint
	for _, arg := range args {
		var id finding.Fingerprint
		if err := id.UnmarshalText([]byte(arg)); err != nil {
			return usagef("reports name the fingerprints", "%w", err)
		}
		wanted = append(wanted, id)
	}
	s, findings, file, scanErr := baselineScan(ctx, env, o)
	if s == nil {
		return scanErr
	}
	b, err := readBaseline(env, file)
	create := false
	if isUsage(err) && errors.As(err, new(*usageError)) && !exists(file) {
		b, err = suppress.New(rand.Reader)
		create = true
	}
	if err != nil {
		return err
	}
	chosen := under(b, findings)
	if !o.all {
		chosen, err = choose(s, findings, chosen, wanted)
		if err != nil {
			return err
		}
	}
	if o.all { // what is named gets the decision, known or not
		chosen, _, _ = b.Apply(chosen, suppress.Scan{Now: env.Now()})
	}
	changes, err := b.Add(chosen, o.decision, env.Now())
	if err != nil {
		return usagef("", "%w", err)
	}
	if err := writeBaseline(env, file, b, changes, create); err != nil {
		return err
	}
	return scanErr
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// choose returns the findings whose fingerprints were named: those of the baseline, or those that reports had before there was
// one.
func choose(s *scan, before, now []finding.Finding, wanted []finding.Fingerprint) ([]finding.Finding, error) {
	var out []finding.Finding
	for _, id := range wanted {
		i := slices.IndexFunc(now, func(f finding.Finding) bool { return f.Fingerprint == id })
		if i < 0 {
			i = slices.IndexFunc(before, func(f finding.Finding) bool { return f.Fingerprint == id })
		}
		if i < 0 {
			return nil, usagef("is it in the history only? add --history", "the %s holds no secret with the fingerprint %s", s.source.what, id)
		}
		out = append(out, now[i])
	}
	return out, nil
}

func updateBaseline(ctx context.Context, env *Env, o *baselineOptions, _ []string) error {
	s, findings, file, scanErr := baselineScan(ctx, env, o)
	if s == nil {
		return scanErr
	}
	b, err := readBaseline(env, file)
	if err != nil {
		return err
	}
	if err := writeBaseline(env, file, b, b.Update(under(b, findings)), false); err != nil {
		return err
	}
	return scanErr
}

// pruneBaseline scans the history as well as the files, since only what is in neither is gone.
func pruneBaseline(ctx context.Context, env *Env, o *baselineOptions, _ []string) error {
	seen := make(map[finding.Fingerprint]bool)
	var b *suppress.Baseline
	var file string
	for _, history := range []bool{false, true} {
		o.scan.history = history
		s, findings, name, err := baselineScan(ctx, env, o)
		if err != nil {
			return err // an incomplete scan cannot tell what is gone
		}
		if b == nil {
			if b, err = readBaseline(env, name); err != nil {
				return err
			}
			file = name
		}
		for _, f := range under(b, findings) {
			seen[f.Fingerprint] = true
		}
		if s.place.repo == nil {
			break
		}
	}
	return writeBaseline(env, file, b, b.Prune(func(f finding.Fingerprint) bool { return seen[f] }, env.Now()), false)
}
