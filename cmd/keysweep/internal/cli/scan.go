package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/finding"
	"keysweep/secretscan"
	"keysweep/secretscan/rules"
)

// scanOptions are what the user typed.
type scanOptions struct {
	targets []string

	staged    bool
	ranges    []string
	since     string
	history   bool
	reflog    bool
	ci        bool
	trustHead bool
	stdinName string
	startup   bool
	files     bool // targets are exactly the files to scan, as the pre-commit program gives them

	noCache          bool
	noIgnore         bool
	include, exclude []string
	maxSize          string
	archives         archiveFlags
	decodeDepth      decodeDepth
	ruleIDs          []string
	jobs             int
	timeout          time.Duration

	config        string
	baseline      string
	noBaseline    bool
	failOn        string
	minConfidence string

	push        *pushScan // set by hooks
	ignoreAllow bool      // set by hooks: allow comments have no force

	out outputOptions
}

func (o *scanOptions) addFlags(f *pflag.FlagSet) {
	f.BoolVar(&o.staged, "staged", false, "scan what is staged, and report what staging it adds")
	f.StringArrayVar(&o.ranges, "range", nil, "scan what the commits `A..B` add (repeatable)")
	f.StringVar(&o.since, "since", "", "scan what the commits after `REV` add; the same as --range REV..HEAD")
	f.BoolVar(&o.history, "history", false, "scan every version of every file, reachable from the arguments or from any ref, stash or note")
	f.BoolVar(&o.reflog, "reflog", false, "with --history: what reflogs still hold, too")
	f.BoolVar(&o.ci, "ci", false, "find out from the CI service's environment what to scan and how to report")
	f.BoolVar(&o.trustHead, "trust-head", false, "with --ci: take configuration and baseline of a pull request from itself")
	f.BoolVar(&o.startup, "startup", false, "scan what this machine and this account start with: profiles, units, crontabs, histories, files of credentials")
	f.StringVar(&o.stdinName, "stdin-name", "", "with -: the `PATH` to report and to try path rules on")
	f.BoolVar(&o.files, "files", false, "the arguments are exactly the files to scan (for the pre-commit program)")

	f.BoolVar(&o.noIgnore, "no-ignore", false, "scan files that git ignores, too")
	f.StringArrayVar(&o.include, "include", nil, "scan only paths that match `GLOB` (repeatable)")
	f.StringArrayVar(&o.exclude, "exclude", nil, "leave out paths that match `GLOB` (repeatable)")
	f.StringVar(&o.maxSize, "max-size", "", "leave out files larger than `SIZE`, such as 10MB (default: none is too large)")
	o.archives.addFlags(f)
	f.Var(&o.decodeDepth, "max-decode-depth", "decode what is encoded, up to `N` layers; 0: decode nothing")
	f.StringArrayVar(&o.ruleIDs, "rule", nil, "use only the rule `ID` (repeatable)")
	f.IntVar(&o.jobs, "jobs", 0, "how many files to scan at once (default: one per processor)")
	f.BoolVar(&o.noCache, "no-cache", false, "with --history: look at everything, and remember nothing for the next time")
	f.DurationVar(&o.timeout, "timeout", 0, "stop after `DURATION`, report what was found and exit with 3")

	f.StringVar(&o.config, "config", "", "rules `FILE` in gitleaks' TOML format (default: .gitleaks.toml and .keysweep.toml of the repository)")
	f.StringVar(&o.baseline, "baseline", "", "baseline `FILE` (default: .keysweep-baseline of the repository)")
	f.BoolVar(&o.noBaseline, "no-baseline", false, "report known secrets, too: use neither baseline nor .gitleaksignore")
	f.StringVar(&o.failOn, "fail-on", "", "exit with 1 for findings of this `SEVERITY` or worse: info, low, medium, high, critical (default low)")
	f.StringVar(&o.minConfidence, "min-confidence", "", "report what is a secret with this `CONFIDENCE` at least: low, medium, high (default medium)")
	o.out.addFlags(f)
}

func newScanCommand(env *Env) *cobra.Command {
	o := new(scanOptions)
	c := &cobra.Command{
		Use:   "scan [PATH...]",
		Short: "Find hard-coded API keys, passwords and private keys",
		Long: "Scan files, staged changes, a push or all of a repository's history for secrets. Without arguments: the files of the\n" +
			"repository around the working directory, without those that git ignores.",
		Example: `  keysweep scan                              this repository's files
  keysweep scan deploy/ .env                 these, ignored by git or not
  keysweep scan --staged                     what is about to be committed
  keysweep scan --range origin/main..HEAD    what a push would bring
  keysweep scan --history                    every version of every file
  keysweep scan --startup                    what this machine and this account start with
  keysweep scan --ci                         in CI: the right range and output
  kubectl logs app | keysweep scan -         standard input`,
		RunE: func(c *cobra.Command, args []string) error {
			o.targets = args
			return runScan(c.Context(), env, o)
		},
	}
	o.addFlags(c.Flags())
	c.Flags().SortFlags = false
	return c
}

// mode is what kind of thing a scan looks at.
type mode int

const (
	modeFiles mode = iota
	modeList
	modeStdin
	modeStaged
	modeRange
	modeHistory
)

// validate holds the rules between flags and says which mode they ask for; --ci is resolved before.
func (o *scanOptions) validate() (mode, error) {
	chosen, m := []string{}, modeFiles
	for _, c := range []struct {
		on   bool
		flag string
		mode mode
	}{
		{o.staged, "--staged", modeStaged},
		{len(o.ranges) > 0, "--range", modeRange},
		{o.since != "", "--since", modeRange},
		{o.history, "--history", modeHistory},
		{len(o.targets) == 1 && o.targets[0] == "-", "-", modeStdin},
		{o.files, "--files", modeList},
		{o.startup, "--startup", modeFiles},
		{o.push != nil, "a push", modeRange},
	} {
		if c.on {
			chosen, m = append(chosen, c.flag), c.mode
		}
	}
	switch {
	case len(chosen) > 1 && (len(chosen) > 2 || m != modeRange || chosen[0] != "--range"):
		return 0, usagef("scan them one after the other", "%s and %s cannot be combined", chosen[0], chosen[1])
	case m == modeRange && len(o.targets) > 0, m == modeStaged && len(o.targets) > 0:
		return 0, usagef("use --include GLOB to narrow it down", "%s takes no paths", chosen[0])
	case o.startup && (len(o.targets) > 0 || len(o.include)+len(o.exclude) > 0 || o.noIgnore || o.maxSize != ""):
		return 0, usagef("leave them out, or scan the paths on their own: keysweep scan PATH", "--startup takes no paths and nothing that chooses among them")
	case o.reflog && m != modeHistory:
		return 0, usagef("add --history", "--reflog belongs to --history")
	case o.stdinName != "" && m != modeStdin:
		return 0, usagef("keysweep scan - --stdin-name "+o.stdinName, "--stdin-name belongs to standard input")
	case o.trustHead && !o.ci:
		return 0, usagef("add --ci", "--trust-head belongs to --ci")
	case o.jobs < 0:
		return 0, usagef("0 is one per processor", "--jobs %d: it cannot be less than 0", o.jobs)
	case o.timeout < 0:
		return 0, usagef("for example: --timeout 5m", "--timeout %v: it cannot be less than 0", o.timeout)
	case o.noBaseline && o.baseline != "":
		return 0, usagef("", "--baseline and --no-baseline cannot be combined")
	}
	if m == modeFiles && slices.Contains(o.targets, "-") {
		return 0, usagef("scan it on its own: keysweep scan -", "standard input cannot be combined with paths")
	}
	if err := o.validateFileFlags(m); err != nil {
		return 0, err
	}
	if err := o.archives.validate(); err != nil {
		return 0, err
	}
	return m, o.out.validate()
}

// validateFileFlags refuses flags that would have no effect: what looks like a smaller or larger scan must be one.
func (o *scanOptions) validateFileFlags(m mode) error {
	what := map[mode]string{modeList: "files that --files names", modeStdin: "standard input",
		modeStaged: "staged changes", modeRange: "commits", modeHistory: "the history"}[m]
	narrow := len(o.include)+len(o.exclude) > 0
	switch {
	case m == modeFiles:
		return nil
	case o.noIgnore:
		return usagef("leave it out: git ignores nothing there", "--no-ignore has no effect on %s", what)
	case o.maxSize != "" && (m == modeList || m == modeStdin):
		return usagef("leave it out", "--max-size has no effect on %s", what)
	case o.maxSize != "":
		return usagef("leave it out, or narrow the scan down with --exclude GLOB", "--max-size has no effect on %s", what)
	case narrow && (m == modeList || m == modeStdin):
		return usagef("leave them out", "--include and --exclude have no effect on %s", what)
	}
	return nil
}

func runScan(ctx context.Context, env *Env, o *scanOptions) error {
	s, err := prepareScan(ctx, env, o)
	if err != nil {
		return err
	}
	report, err := s.run(ctx)
	if isUsage(err) && report.Coverage.Files == 0 {
		return err // a report on nothing would only stand in the way of what is wrong
	}
	if werr := s.opts.out.write(env, report); werr != nil {
		return errors.Join(werr, err)
	}
	if err != nil {
		return err
	}
	s.remember(report)
	return s.verdict(report)
}

// scan is a scan that is ready to run.
type scan struct {
	env    *Env
	opts   *scanOptions
	mode   mode
	place  place
	rules  secretscan.Ruleset
	engine *secretscan.Engine
	source chosenSource
	known  suppression
	plan   ciPlan
	failOn finding.Severity
	notes  []finding.Notice

	minConfidence   finding.Confidence
	startupProblems []finding.Problem // startup places that could not be looked at
}

func prepareScan(ctx context.Context, env *Env, o *scanOptions) (*scan, error) {
	s := &scan{env: env, opts: o}
	var err error
	if s.plan, err = s.resolveCI(ctx); err != nil {
		return nil, err
	}
	if s.mode, err = o.validate(); err != nil {
		return nil, err
	}
	if err = o.out.checkFiles(env); err != nil {
		return nil, err
	}
	if o.startup {
		s.atStartup()
	} else if s.place, err = findPlace(ctx, env, o, s.mode); err != nil {
		return nil, err
	}
	if s.place.many && !o.startup {
		s.notes = append(s.notes, finding.Notice{Kind: "config",
			Text: "the targets lie in several places: no repository's configuration or baseline is read; --config and --baseline name some"})
	}
	trusted, err := trustedFiles(ctx, s)
	if err != nil {
		return nil, err
	}
	settings, err := s.loadRules(trusted)
	if err != nil {
		return nil, err
	}
	if s.known, err = loadSuppression(ctx, s, trusted); err != nil {
		return nil, err
	}
	s.source, err = s.chooseSource(settings)
	return s, err
}

// run scans and returns the report. An error says that it is not all there is, and is not told in the report.
func (s *scan) run(ctx context.Context) (*finding.Report, error) {
	start := s.env.Now()
	counters := new(secretscan.Counters)
	stop := s.opts.out.progress(s.env, counters)
	runCtx, cancel := ctx, context.CancelFunc(func() {})
	if s.opts.timeout > 0 {
		runCtx, cancel = context.WithTimeout(ctx, s.opts.timeout)
	}
	defer cancel()
	result, err := secretscan.Run(runCtx, s.engine, s.source.Source, secretscan.Options{
		Workers: s.opts.jobs, Salt: s.known.salt, IgnoreAllow: s.opts.ignoreAllow, Counters: counters, MinConfidence: s.minConfidence,
		Prove: s.prover(ctx), DecodeDepth: int(s.opts.decodeDepth),
	})
	stop()
	report := s.report(ctx, result)
	report.Coverage.Elapsed = s.env.Now().Sub(start)
	return report, s.settle(ctx, report, err)
}

// settle turns the error of a run into a problem of its report where that says all there is to say.
func (s *scan) settle(ctx context.Context, report *finding.Report, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		report.Problems = append(report.Problems, finding.Problem{Where: s.source.what, Op: "scan everything", Err: "interrupted"})
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		report.Problems = append(report.Problems, finding.Problem{Where: s.source.what, Op: "scan everything",
			Err: fmt.Sprintf("the time limit of %v ran out", s.opts.timeout), Hint: "raise --timeout, or scan a part"})
		return nil
	case isUsage(err):
		return err
	}
	said, hint, ok := strings.Cut(err.Error(), hintMark)
	if !ok {
		hint = hintOf(err)
	}
	report.Problems = append(report.Problems, finding.Problem{Where: s.source.what, Op: "scan", Err: said, Hint: hint})
	return nil
}

func (s *scan) report(ctx context.Context, result secretscan.Result) *finding.Report {
	r := &finding.Report{
		Schema:      "keysweep.scan/v1",
		Tool:        finding.Tool{Name: "keysweep", Version: s.env.Version, Commit: s.env.Commit, Ruleset: s.rulesHash(), Rules: len(s.rules.Rules)},
		GeneratedAt: s.env.Now().UTC(),
		Salt:        *s.known.saltFrom,
		Coverage:    result.Coverage,
		Problems:    result.Problems,
		Notices:     append(s.notes, result.Notices...),
		Suppressed:  result.Suppressed,
	}
	r.Coverage.Source, r.Coverage.Root = s.source.what, s.place.shown
	if s.mode == modeFiles && len(s.opts.targets) > 0 {
		r.Coverage.Root = strings.Join(s.opts.targets, ", ")
	}
	if s.source.empty != nil {
		r.Coverage.Empty = s.source.empty()
	}
	r.Notices = append(r.Notices, s.proposals(ctx, s.plan, result.Suppressed)...)
	s.known.apply(r, result.Findings, s.env.Now(), s.source.complete && len(result.Problems) == 0)
	if s.opts.startup {
		s.tellOwners(r)
	}
	return r
}

// rulesHash names the rules for reports that machines read, and for what is remembered. A text report does not tell it, and to take
// it is no small part of the time that a few files take.
func (s *scan) rulesHash() string {
	if s.opts.out.onlyText() && s.rememberedAs() == "" {
		return ""
	}
	return rules.Hash(s.rules)
}

// verdict is the exit code that a report asks for.
func (s *scan) verdict(r *finding.Report) error {
	if len(r.Problems) > 0 {
		return verdict(exitIncomplete)
	}
	for _, f := range r.Findings {
		if f.Severity >= s.failOn {
			return verdict(exitFindings)
		}
	}
	return nil
}
