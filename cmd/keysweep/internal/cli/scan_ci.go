package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"keysweep/finding"
	"keysweep/internal/ci"
	"keysweep/internal/git"
	"keysweep/secretscan/suppress"
)

// ciPlan is what --ci found out. The zero value is that of a scan without it.
type ciPlan struct {
	run     ci.Run
	trusted string // the commit or branch that configuration and baseline are read from; "" is the work tree
}

// resolveCI turns --ci into the flags it stands for.
func (s *scan) resolveCI(ctx context.Context) (ciPlan, error) {
	o := s.opts
	if !o.ci {
		return ciPlan{}, nil
	}
	if o.staged || o.history || o.since != "" || len(o.ranges)+len(o.targets) > 0 {
		return ciPlan{}, usagef("leave it out, or leave out --ci", "--ci finds out itself what to scan")
	}
	run, ok := ci.Detect(ci.Env{Getenv: s.env.Getenv, Open: func(name string) (io.ReadCloser, error) { return os.Open(name) }})
	if !ok {
		return ciPlan{}, usagef("name the commits: keysweep scan --range BASE..HEAD", "--ci: no CI service that is known is running this")
	}
	p, err := placeOf(ctx, s.env, s.env.Dir, false)
	if err != nil {
		return ciPlan{}, err
	}
	plan := ciPlan{run: run}
	s.ciRange(ctx, p.repo, run)
	if run.PullRequest && !o.trustHead {
		plan.trusted = trustedRev(ctx, p.repo, run)
	}
	s.notes = append(s.notes, finding.Notice{Kind: "ci", Where: run.Name, Text: run.Why})
	if len(run.Ignored) > 0 {
		s.notes = append(s.notes, finding.Notice{Kind: "ci", Where: run.Name, Text: "made no sense and was passed over: " + strings.Join(run.Ignored, ", ")})
	}
	if o.out.format == "" {
		o.out.format = run.Format
	}
	if run.Report != "" && len(o.out.reports) == 0 && o.out.output == "" {
		o.out.reports = []string{run.Report + "=" + run.ReportFile}
	}
	o.out.summary = run.Summary
	return plan, nil
}

// ciRange chooses what is scanned, in the order that package ci documents.
func (s *scan) ciRange(ctx context.Context, repo *git.Repo, run ci.Run) {
	o := s.opts
	known := func(rev string) bool {
		_, err := repo.Output(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
		return err == nil
	}
	switch {
	case run.Nothing:
		o.ranges = []string{"HEAD..HEAD"}
	case run.Base != "" && (known(run.Base) || run.BaseBranch == ""):
		o.ranges = []string{run.Base + ".." + run.Head}
	case run.BaseBranch != "" && !run.Whole:
		o.ranges = []string{baseBranch(run, known) + "..." + run.Head}
		if head := baseBranch(run, known); known(head) {
			// A...B is both sides; what the change adds is B's.
			out, err := repo.Output(ctx, "merge-base", "--end-of-options", head, run.Head)
			if base := strings.TrimSpace(string(out)); err == nil && base != "" {
				o.ranges = []string{base + ".." + run.Head}
			}
		}
	default:
		o.history, o.targets = true, []string{run.Head}
	}
}

// baseBranch returns the branch as this clone knows it.
func baseBranch(run ci.Run, known func(string) bool) string {
	if remote := "refs/remotes/origin/" + run.BaseBranch; known(remote) || !known("refs/heads/"+run.BaseBranch) {
		return remote
	}
	return "refs/heads/" + run.BaseBranch
}

// trustedRev returns where a pull request's configuration is read from: never its own commits.
func trustedRev(ctx context.Context, repo *git.Repo, run ci.Run) string {
	known := func(rev string) bool {
		_, err := repo.Output(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
		return err == nil
	}
	switch {
	case run.Trusted != "" && known(run.Trusted):
		return run.Trusted
	case run.BaseBranch != "" && known(baseBranch(run, known)):
		return baseBranch(run, known)
	}
	return "refs/remotes/origin/HEAD"
}

// proposals returns notices of what a pull request changes about the scan itself, and of the allow comments in it.
func (s *scan) proposals(ctx context.Context, plan ciPlan, hidden []finding.Suppressed) []finding.Notice {
	if plan.trusted == "" {
		return nil
	}
	var notes []finding.Notice
	base := plan.trusted // what the target branch changed since is no proposal
	out, err := s.place.repo.Output(ctx, "merge-base", "--end-of-options", plan.trusted, plan.run.Head)
	if id := strings.TrimSpace(string(out)); err == nil && id != "" {
		base = id
	}
	for _, name := range []string{gitleaksConfig, keysweepConfig, suppress.FileName, suppress.IgnoreName} {
		_, err := s.place.repo.Output(ctx, "diff-tree", "--quiet", "-r", "--end-of-options", base, plan.run.Head, "--", name)
		if err != nil && ctx.Err() == nil {
			notes = append(notes, finding.Notice{Kind: "config-changed", Where: name,
				Text: fmt.Sprintf("is changed by this pull request; the version of %s was used. Review the change; --trust-head uses it", shortIDs(plan.trusted))})
		}
	}
	for _, h := range hidden {
		if h.By == "allow comment" || h.By == "gitleaks:allow" {
			notes = append(notes, finding.Notice{Kind: "allow-added", Where: fmt.Sprintf("%s:%d", h.Place.Path, h.Place.Span.Start.Line),
				Text: h.By + " hides a finding of this change: " + h.Reason})
		}
	}
	return slices.Compact(notes)
}
