package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"keysweep/finding"
	"keysweep/secretscan"
	"keysweep/secretscan/rules"
)

// The names of the configuration files at the root of a repository.
const (
	gitleaksConfig = ".gitleaks.toml"
	keysweepConfig = ".keysweep.toml"
)

// files is where a repository's configuration and baseline are read from: the disk, or a commit that can be trusted more than
// what is being scanned.
type files struct {
	root string // absolute, on disk or as a mere name
	read func(name string) ([]byte, error)
	from string // "" is the disk; else the commit, for messages
}

// trustedFiles returns where the place's configuration comes from.
func trustedFiles(ctx context.Context, s *scan) (files, error) {
	p := s.place
	switch {
	case p.many || p.root == "":
		return files{read: func(string) ([]byte, error) { return nil, fs.ErrNotExist }}, nil
	case s.plan.trusted != "":
		return filesOfCommit(ctx, p, s.plan.trusted)
	case p.repo != nil && (p.repo.Bare() || s.opts.push != nil && s.opts.push.receive):
		return filesOfCommit(ctx, p, "HEAD")
	}
	return files{root: p.root, read: func(name string) ([]byte, error) {
		if _, err := os.Lstat(filepath.Join(p.root, name)); filepath.Base(name) == name && errors.Is(err, fs.ErrNotExist) {
			return nil, err // mostly there are none of these files, and to open the root takes a fiftieth of the time of a hook
		}
		dir, err := os.OpenRoot(p.root) // a link cannot lead out of it
		if err != nil {
			return nil, err
		}
		defer dir.Close()
		return dir.ReadFile(name)
	}}, nil
}

// filesOfCommit reads from a commit; one that does not exist yet has no files.
func filesOfCommit(ctx context.Context, p place, rev string) (files, error) {
	none := files{root: p.root, from: rev, read: func(string) ([]byte, error) { return nil, fs.ErrNotExist }}
	if head, ok := p.repo.Head(); ok && rev == "HEAD" {
		if head.IsZero() {
			return none, nil
		}
		if top, err := p.repo.Snapshot(ctx, head); err == nil {
			git := filesByGit(ctx, p, head.String())
			return files{root: p.root, from: git.from, read: func(name string) ([]byte, error) {
				if strings.ContainsAny(name, `/\:`) || name == "" || name == "." || name == ".." {
					return git.read(name)
				}
				return top.ReadFile(ctx, name)
			}}, nil
		}
	}
	out, err := p.repo.Output(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	id := strings.TrimSpace(string(out))
	if err != nil || id == "" {
		if ctx.Err() != nil {
			return files{}, ctx.Err()
		}
		return none, nil
	}
	return filesByGit(ctx, p, id), nil
}

// filesByGit reads from a commit that is there.
func filesByGit(ctx context.Context, p place, id string) files {
	return files{root: p.root, from: id, read: func(name string) ([]byte, error) {
		entry, err := p.repo.Output(ctx, "ls-tree", "-z", id, "--", name)
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(string(entry), "100") {
			return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
		}
		return p.repo.Output(ctx, "cat-file", "blob", id+":"+name)
	}}
}

// exists reports whether there is such a file; one that cannot be read counts, so that it is not passed over in silence.
func (f files) exists(name string) bool {
	_, err := f.read(name)
	return err == nil || !errors.Is(err, fs.ErrNotExist)
}

// loadRules reads the configuration in force and compiles it.
func (s *scan) loadRules(f files) (rules.ScanSettings, error) {
	conf, notes, err := s.effective(f)
	if err != nil {
		return conf.Scan, nameFiles(s.env, err)
	}
	for _, n := range notes {
		s.notes = append(s.notes, finding.Notice{Kind: "config", Where: fmt.Sprintf("%s:%d", s.relative(n.File), n.Line), Text: noticeText(n)})
	}
	set := conf.Ruleset
	if set.Path != "" {
		set.Path = s.relative(set.Path)
	}
	if set, err = onlyRules(set, s.opts.ruleIDs); err != nil {
		return conf.Scan, err
	}
	s.rules = set
	if s.engine, err = secretscan.Compile(set); err != nil {
		return conf.Scan, usagef("keysweep rules check FILE tells where", "%w", err)
	}
	return conf.Scan, errors.Join(s.chooseSeverity(conf.Scan), s.chooseConfidence(conf.Scan))
}

// nameFiles names the files in the errors of a configuration as the user would.
func nameFiles(env *Env, err error) error {
	var one *rules.Error
	var many rules.Errors
	if errors.As(err, &many) {
		for _, e := range many {
			e.File = shownPath(env, e.File)
		}
	} else if errors.As(err, &one) {
		one.File = shownPath(env, one.File)
	}
	return err
}

func noticeText(d rules.Diagnostic) string {
	text := d.Msg
	if d.Key != "" {
		text = d.Key + ": " + text
	}
	if d.Hint != "" {
		text += " (" + d.Hint + ")"
	}
	return text
}

func (s *scan) effective(f files) (rules.Config, []rules.Diagnostic, error) {
	if s.opts.config != "" {
		set, notes, err := rules.Load(absolute(s.env, s.opts.config), rules.LoadOptions{Dir: s.env.Dir})
		return rules.Config{Ruleset: set}, notes, err
	}
	opts := rules.LoadOptions{Root: f.root, Dir: s.env.Dir}
	if f.from != "" {
		opts.ReadFile = func(name string) ([]byte, error) {
			rel, err := filepath.Rel(f.root, name)
			if err != nil {
				return nil, err
			}
			return f.read(path.Clean(filepath.ToSlash(rel)))
		}
	}
	at := func(name string) string {
		if f.root == "" || !f.exists(name) {
			return ""
		}
		return filepath.Join(f.root, name)
	}
	return rules.Effective(at(gitleaksConfig), at(keysweepConfig), opts)
}

// relative returns a path below the place's root as path rules see it.
func (s *scan) relative(name string) string {
	if rel, err := filepath.Rel(s.place.root, name); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return name
}

// onlyRules returns the ruleset with none but the rules of these ids; none named is all.
func onlyRules(set secretscan.Ruleset, ids []string) (secretscan.Ruleset, error) {
	if len(ids) == 0 {
		return set, nil
	}
	needed := make(map[string]bool)
	var kept []secretscan.Rule
	for _, id := range ids {
		i := slices.IndexFunc(set.Rules, func(r secretscan.Rule) bool { return r.ID == id })
		if i < 0 {
			return set, usagef(ruleHint(set, id), "--rule: there is no rule %q", id)
		}
		for _, r := range set.Rules[i].Required {
			needed[r.RuleID] = true
		}
	}
	for _, r := range set.Rules {
		if chosen := slices.Contains(ids, r.ID); chosen || needed[r.ID] {
			r.SkipReport = r.SkipReport || !chosen
			kept = append(kept, r)
		}
	}
	set.Rules = kept
	return set, nil
}

// chooseSeverity settles from which severity on findings fail the run: the flag, the configuration, or low.
func (s *scan) chooseSeverity(settings rules.ScanSettings) error {
	s.failOn = finding.Low
	if settings.FailOn != nil {
		s.failOn = *settings.FailOn
	}
	if s.opts.failOn == "" {
		return nil
	}
	if s.failOn.UnmarshalText([]byte(s.opts.failOn)) != nil {
		return usagef("one of: "+strings.Join(finding.Severities(), ", "), "--fail-on: there is no severity %q", s.opts.failOn)
	}
	return nil
}

// chooseConfidence settles from which confidence on findings are reported: the flag, the configuration, or medium.
func (s *scan) chooseConfidence(settings rules.ScanSettings) error {
	s.minConfidence = finding.MediumConfidence
	if settings.MinConfidence != nil {
		s.minConfidence = *settings.MinConfidence
	}
	if s.opts.minConfidence == "" {
		return nil
	}
	if s.minConfidence.UnmarshalText([]byte(s.opts.minConfidence)) != nil {
		return usagef("one of: "+strings.Join(finding.Confidences(), ", "), "--min-confidence: there is no confidence %q", s.opts.minConfidence)
	}
	return nil
}
