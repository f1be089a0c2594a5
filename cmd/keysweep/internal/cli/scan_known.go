package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"keysweep/finding"
	"keysweep/secretscan/source"
	"keysweep/secretscan/suppress"
)

// constantSalt keys the fingerprints where nothing ties them to a repository. It is no secret.
const constantSalt = "keysweep fingerprint v1"

// suppression is what is known already, and the salt that fingerprints are made with.
type suppression struct {
	baseline *suppress.Baseline
	ignore   *suppress.Ignore
	salt     func() []byte // finds it when it is needed
	saltFrom *string       // says then where it comes from
}

// loadSuppression reads the baseline and .gitleaksignore, and settles the salt.
func loadSuppression(ctx context.Context, s *scan, f files) (suppression, error) {
	known := suppression{saltFrom: new(string)}
	if !s.opts.noBaseline {
		data, name, err := s.baselineData(f)
		switch {
		case err == nil:
			if known.baseline, err = suppress.Parse(name, data); err != nil {
				return known, usagef("", "%w", err)
			}
			known.salt, *known.saltFrom = known.baseline.Salt, "baseline"
		case !errors.Is(err, fs.ErrNotExist) || s.opts.baseline != "":
			return known, usagef("keysweep baseline create makes one", "read baseline: %w", err)
		}
		if data, err := f.read(suppress.IgnoreName); err == nil {
			var notes []finding.Notice
			known.ignore, notes = suppress.ParseIgnore(suppress.IgnoreName, data)
			s.notes = append(s.notes, notes...)
		}
	}
	if known.salt == nil {
		*known.saltFrom = "not needed"
		known.salt = func() (salt []byte) {
			salt, *known.saltFrom = repositorySalt(ctx, s.place, s.source.root)
			return salt
		}
	}
	return known, nil
}

func (s *scan) baselineData(f files) (data []byte, name string, err error) {
	if s.opts.baseline != "" {
		data, err = os.ReadFile(absolute(s.env, s.opts.baseline))
		return data, s.opts.baseline, err
	}
	data, err = f.read(suppress.FileName)
	return data, filepath.Join(s.place.shown, suppress.FileName), err
}

// rootFinder finds a repository's root commit as source.RootCommits does.
type rootFinder func(context.Context) (id string, shallow bool, err error)

// repositorySalt returns the salt of a repository without a baseline: its root commit, which is the same in every clone. find knows it;
// nil: git is asked.
func repositorySalt(ctx context.Context, p place, find rootFinder) (salt []byte, from string) {
	if p.repo == nil {
		return []byte(constantSalt), "constant (not in a git repository)"
	}
	if find == nil {
		find = func(ctx context.Context) (string, bool, error) { return source.RootCommits(ctx, p.repo) }
	}
	root, shallow, err := find(ctx)
	switch {
	case err != nil || root == "":
		return []byte(constantSalt), "constant (the repository has no commit yet)"
	case shallow:
		return []byte(constantSalt), "constant (the clone is shallow, its first commit is not known)"
	}
	return []byte(constantSalt + " " + root), "root commit"
}

// apply sorts findings into those to report and those that are known.
func (k suppression) apply(r *finding.Report, findings []finding.Finding, now time.Time, complete bool) {
	if k.ignore != nil {
		var hidden []finding.Suppressed
		var notes []finding.Notice
		findings, hidden, notes = k.ignore.Apply(findings, suppress.Scan{Now: now, Complete: complete})
		r.Suppressed, r.Notices = append(r.Suppressed, hidden...), append(r.Notices, notes...)
	}
	if k.baseline != nil {
		var hidden []finding.Suppressed
		var notes []finding.Notice
		findings, hidden, notes = k.baseline.Apply(findings, suppress.Scan{Now: now, Complete: complete})
		r.Suppressed, r.Notices = append(r.Suppressed, hidden...), append(r.Notices, notes...)
	}
	r.Findings = findings
}
