package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/cloud"
	"keysweep/finding"
	"keysweep/internal/hook"
	"keysweep/policy/audit"
	"keysweep/policy/practice"
)

// auditRepoOptions are the flags of audit repo.
type auditRepoOptions struct {
	auditOptions
	path      string
	noHistory bool
	noProof   bool
}

func newAuditRepoCommand(env *Env) *cobra.Command {
	o := &auditRepoOptions{}
	c := &cobra.Command{
		Use:   "repo [PATH]",
		Short: "Check a repository: hooks, ignored files, secrets in files and history, signatures",
		Long: "Scans the files and the whole history, tries the hooks in a temporary clone, and looks at what git ignores and signs. The\n" +
			"repository, its work tree and its remotes are not touched.",
		Example: `  keysweep audit repo
  keysweep audit repo ~/src/shop --format markdown
  keysweep audit repo --no-history --no-proof    the quick part`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.path = args[0]
			}
			return runAuditRepo(c.Context(), env, o)
		},
	}
	f := c.Flags()
	f.BoolVar(&o.noHistory, "no-history", false, "do not scan the history")
	f.BoolVar(&o.noProof, "no-proof", false, "see whether hooks are installed, without trying them")
	o.addFlags(f)
	return c
}

func runAuditRepo(ctx context.Context, env *Env, o *auditRepoOptions) error {
	if err := o.validate(env); err != nil {
		return err
	}
	a, err := o.audit(ctx, env)
	if err != nil {
		return err
	}
	return o.finish(ctx, env, a, o.of(strings.TrimPrefix(a.Target, repositoryWords)))
}

// repositoryWords stand in front of the root of a repository in the target of its audit.
const repositoryWords = "the repository "

// of names a repository's audit for the next one of the same: one that leaves something out is another, since what it did not look at is not gone.
func (o *auditRepoOptions) of(root string) string {
	name := "repo " + root
	if o.noHistory {
		name += " --no-history"
	}
	if o.noProof {
		name += " --no-proof"
	}
	return name
}

// audit judges the repository around a path.
func (o *auditRepoOptions) audit(ctx context.Context, env *Env) (*finding.Audit, error) {
	inside := *env
	if o.path != "" {
		if _, err := os.Stat(absolute(env, o.path)); err != nil {
			return nil, usagef("check the name; relative paths start at the working directory", "audit repo %s: %w", o.path, plainError(err))
		}
		inside.Dir = directoryOf(absolute(env, o.path))
	}
	p, err := placeOf(ctx, &inside, inside.Dir, false)
	if isUsage(err) {
		return nil, usagef("name one: keysweep audit repo PATH; of files that git does not know: keysweep scan PATH", "%s is not in a git repository", cmp.Or(o.path, env.Dir))
	}
	if err != nil {
		return nil, err
	}
	inside.Dir = p.root
	settling, err := newOwnSettling(ctx, env, p, audit.RepoChecks())
	if err != nil {
		return nil, err
	}
	look := repoLook{ctx, &inside, o, p, &audit.Repository{}}
	for _, step := range []func() error{look.hooks, look.ignored, look.signing, look.infrastructure, look.tree, look.history} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	rules := settling.rules
	a := newAudit(env, repositoryWords+p.root)
	a.Profile, a.Results, a.Notices = rules.Profile, audit.Repo(look.found, rules), settling.switched
	settling.dir, settling.whole = p.root, !o.noHistory && !o.noProof
	settling.settle(env, a)
	if o.noHistory {
		a.Notices = append(a.Notices, finding.Notice{Kind: "skipped", Text: "the history was not scanned (--no-history)"})
	}
	return a, addAttested(ctx, &inside, a, practice.Repository)
}

// repoLook is a repository that is being looked at.
type repoLook struct {
	ctx   context.Context
	env   *Env
	opts  *auditRepoOptions
	place place
	found *audit.Repository
}

// hooks finds out which hooks there are, and whether they stop a secret. An error ends the audit: it was interrupted.
func (l *repoLook) hooks() error {
	g := hook.Git{Environ: l.env.Environ}
	layout, err := hook.Locate(l.ctx, g, l.env.Dir)
	if err != nil {
		l.found.HooksErr = err
		return l.ctx.Err()
	}
	types := layout.DefaultTypes()
	if l.opts.noProof {
		missing := hook.Missing(l.ctx, g, layout, types)
		for _, name := range types {
			h := audit.Hook{Name: name, Err: "it was not tried (--no-proof)"}
			for _, m := range missing {
				if m == name {
					h = audit.Hook{Name: name, Why: "not installed", Next: "keysweep hook install --type " + name}
				}
			}
			l.found.Hooks = append(l.found.Hooks, h)
		}
		return l.ctx.Err()
	}
	proofs, err := hook.Check(l.ctx, g, layout, types, rand.Reader)
	l.found.HooksErr = err
	for _, p := range proofs {
		h := audit.Hook{Name: p.Hook, Proven: p.Outcome == hook.Protected, Why: cmp.Or(p.Reason, string(p.Outcome)), Next: p.Next}
		if p.Outcome == hook.Unclear {
			h.Err = cmp.Or(p.Reason, "the trial was not clear")
		}
		l.found.Hooks = append(l.found.Hooks, h)
	}
	return l.ctx.Err()
}

// ignored asks git which files of environments it ignores, and which it has all the same.
func (l *repoLook) ignored() error {
	if l.place.repo.Bare() {
		l.found.Bare = true
		return nil
	}
	out, err := l.place.repo.Output(l.ctx, append([]string{"check-ignore", "--no-index", "--"}, audit.EnvNames()...)...)
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) { // 1: none of them
		l.found.EnvErr = err
		return l.ctx.Err()
	}
	l.found.Ignored = strings.Split(strings.TrimSpace(string(out)), "\n") // names that git need not quote
	tracked, err := l.place.repo.Output(l.ctx, "ls-files", "-z", "--", ":(glob)**/.env", ":(glob)**/.env.*")
	if err != nil {
		l.found.EnvErr = err
		return l.ctx.Err()
	}
	for _, name := range zeroTerminated(tracked) {
		if !audit.EnvExample(path.Base(name)) {
			l.found.Tracked = append(l.found.Tracked, name)
		}
	}
	return nil
}

func zeroTerminated(out []byte) (list []string) {
	for _, s := range strings.Split(string(out), "\x00") {
		if s != "" {
			list = append(list, s)
		}
	}
	return list
}

// signing asks how commits are signed.
func (l *repoLook) signing() error {
	g := hook.Git{Environ: l.env.Environ}
	s := &l.found.Signing
	always, _, err := g.Config(l.ctx, l.env.Dir, "bool", "commit.gpgSign")
	if err == nil {
		s.Key, _, err = g.Config(l.ctx, l.env.Dir, "", "user.signingKey")
	}
	if err == nil {
		s.Format, _, err = g.Config(l.ctx, l.env.Dir, "", "gpg.format")
	}
	s.Always, s.Format, s.Err = always == "true", cmp.Or(s.Format, "openpgp"), err
	return l.ctx.Err()
}

// Bounds of what is read of infrastructure as code, far above what a repository holds.
const (
	mostTemplates     = 20_000
	mostTemplateBytes = 256 << 20
)

// infrastructure reads Terraform and CloudFormation, directory by directory.
func (l *repoLook) infrastructure() error {
	if l.place.repo.Bare() {
		return nil
	}
	out, err := l.place.repo.Output(l.ctx, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		l.found.CloudErr = err
		return l.ctx.Err()
	}
	root, err := os.OpenRoot(l.place.root)
	if err != nil {
		l.found.CloudErr = err
		return nil
	}
	defer func() { _ = root.Close() }()
	dirs, left := map[string]map[string][]byte{}, int64(mostTemplateBytes)
	for _, name := range zeroTerminated(out) {
		if !cloud.Readable(name) {
			continue
		}
		data, err := readTemplate(root, name)
		switch {
		case errors.Is(err, fs.ErrNotExist) || err == nil && data == nil: // taken away since it was staged; or not a file
			continue
		case err == nil && (left < int64(len(data)) || l.found.Cloud == mostTemplates):
			err = errors.New("there are more files of infrastructure as code than are read")
		}
		if err != nil {
			l.found.CloudErr = err
			return nil
		}
		if !cloud.Holds(name, data) {
			continue
		}
		left -= int64(len(data))
		l.found.Cloud++
		dir := path.Dir(name)
		if dirs[dir] == nil {
			dirs[dir] = map[string][]byte{}
		}
		dirs[dir][name] = data
	}
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		open, doubts := cloud.Read(dirs[dir])
		l.found.Open, l.found.Doubts = append(l.found.Open, open...), append(l.found.Doubts, doubts...)
	}
	return l.ctx.Err()
}

// readTemplate reads a file of the work tree; nil if it is none, or a link.
func readTemplate(root *os.Root, name string) ([]byte, error) {
	info, err := root.Lstat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil, err
	}
	if info.Size() > cloud.MaxFile {
		if path.Ext(name) == ".json" || path.Ext(name) == ".yaml" || path.Ext(name) == ".yml" {
			return nil, nil // data: CloudFormation takes no template above 1 MB
		}
		return nil, fmt.Errorf("%s is larger than %d MB", name, cloud.MaxFile>>20)
	}
	return root.ReadFile(name)
}

// tree scans the files, history every version of them, with the repository's own rules, baseline and allow comments.
func (l *repoLook) tree() (err error) {
	if !l.place.repo.Bare() {
		l.found.Tree, l.found.TreeErr = l.scan(&scanOptions{})
	}
	return l.ctx.Err()
}

func (l *repoLook) history() error {
	if !l.opts.noHistory {
		l.found.History, l.found.HistErr = l.scan(&scanOptions{history: true})
	}
	return l.ctx.Err()
}

func (l *repoLook) scan(o *scanOptions) (*finding.Report, error) {
	o.out.noProgress = true
	s, err := prepareScan(l.ctx, l.env, o)
	if err != nil {
		return nil, err
	}
	return s.run(l.ctx)
}
