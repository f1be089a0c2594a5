package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"keysweep/finding"
	"keysweep/internal/ci"
	"keysweep/policy/audit"
)

// ownDocument is what audits read of a .keysweep.toml. The rest of it is the scan's business.
type ownDocument struct {
	Waive         []policyWaiver `toml:"waive"`
	AcceptUnknown any            `toml:"accept_unknown"`
}

// ownWaivers reads which findings about itself a repository lives with: [[waive]] in its .keysweep.toml, for checks of repositories and scripts.
//
// Who can change that file can change what these checks look at, too: the hook, the script, the allow comment on its line. So it loosens nothing
// that was tight, and what is waived stays visible with its reason. What is about machines, and what nobody looked at, only policy.toml settles.
// In CI for a pull request the file is the target branch's: a change does not excuse itself.
func ownWaivers(ctx context.Context, env *Env, p place) ([]audit.Waiver, error) {
	s := &scan{env: env, place: p, opts: &scanOptions{}}
	if p.repo != nil {
		run, known := ci.Detect(ci.Env{Getenv: env.Getenv, Open: func(name string) (io.ReadCloser, error) { return os.Open(name) }})
		if known && run.PullRequest {
			s.plan.trusted = trustedRev(ctx, p.repo, run)
		}
	}
	from, err := trustedFiles(ctx, s)
	if err != nil {
		return nil, err
	}
	data, err := from.read(keysweepConfig)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, usagef("it has to be a file of the repository, which you may read", "%s: read waivers: %w", shownPath(env, filepath.Join(p.root, keysweepConfig)), plainError(err))
	case len(data) > maxPolicy:
		return nil, usagef("", "%s is larger than %d MB", keysweepConfig, maxPolicy>>20)
	}
	return parseOwnWaivers(shownPath(env, filepath.Join(p.root, keysweepConfig)), filepath.ToSlash(p.root), data)
}

// parseOwnWaivers reads the waivers of a .keysweep.toml. file is what errors call it, and root the directory that its paths start from.
func parseOwnWaivers(file, root string, data []byte) ([]audit.Waiver, error) {
	doc, err := decodeOwn(file, data)
	if err != nil {
		return nil, err
	}
	places := findPlaces(file, data)
	if doc.AcceptUnknown != nil {
		return nil, usagef("the same table in ~/.config/keysweep/policy.toml", "%s: accept_unknown: a repository's file cannot say that what nobody looked at is fine",
			places.of("accept_unknown", 0))
	}
	var own []string
	for _, c := range slices.Concat(audit.RepoChecks(), scriptChecks()) {
		own = append(own, c.ID)
	}
	for i, w := range doc.Waive {
		if isHostCheck(w.ID) && !slices.Contains(own, w.ID) {
			return nil, usagef("the same table in ~/.config/keysweep/policy.toml", "%s: waive: id: %s is a check of machines, which a repository's file cannot waive",
				places.key("waive", i, "id"), w.ID)
		}
		if path.IsAbs(w.Path) || slices.Contains(strings.Split(w.Path, "/"), "..") {
			return nil, usagef("for example: path = \"deploy/*\"", "%s: waive %s: path: %q does not start at the repository's root", places.key("waive", i, "path"), w.ID, w.Path)
		}
	}
	list, err := waiverReader{own, places}.read(doc.Waive, nil)
	for i := range list {
		if list[i].Path != "" {
			list[i].Path = root + "/" + list[i].Path // path.Join would change the pattern
		}
	}
	return list, err
}

// decodeOwn reads a .keysweep.toml as far as audits go. A setting that waivers do not have is a mistake; what the rest of the file holds is
// not looked at.
func decodeOwn(file string, data []byte) (doc ownDocument, err error) {
	err = toml.NewDecoder(strings.NewReader(string(data))).DisallowUnknownFields().Decode(&doc)
	unknown, isUnknown := errors.AsType[*toml.StrictMissingError](err)
	if err == nil || !isUnknown {
		return doc, wrapPolicyError(file, err)
	}
	for _, e := range unknown.Errors {
		if key := e.Key(); len(key) > 1 && key[0] == "waive" {
			line, _ := e.Position()
			return doc, usagef(settingHint(key), "%s:%d: there is no setting %q", file, line, strings.Join(key, "."))
		}
	}
	return doc, nil
}

func wrapPolicyError(file string, err error) error {
	if err == nil {
		return nil
	}
	return policyError(file, err)
}

func isHostCheck(id string) bool {
	return slices.ContainsFunc(audit.HostChecks(), func(c audit.Check) bool { return c.ID == id })
}

// ownSettling is how an audit of a repository, or of scripts, is settled.
type ownSettling struct {
	rules  *audit.Rules
	own    []audit.Waiver // the repository's, which are read before a long audit is lost to a mistake in them
	checks []audit.Check  // that the audit has
	dir    string         // that relative paths of its results start from
	whole  bool           // all of the repository was looked at

	switched []finding.Notice // what the policy switched off of the checks
}

// newOwnSettling reads the policy and the repository's own waivers for an audit with some checks.
func newOwnSettling(ctx context.Context, env *Env, p place, checks []audit.Check) (*ownSettling, error) {
	rules, switched, err := auditRules(env)
	if err != nil {
		return nil, err
	}
	own, err := ownWaivers(ctx, env, p)
	return &ownSettling{rules: rules, own: own, checks: checks, switched: ofChecks(switched, checks)}, err
}

// settle applies the policy's waivers and the repository's own, and says how much the repository excuses itself. That a waiver covers nothing
// is said of the repository's own alone, where all of it was looked at: policy.toml is for other repositories, too.
func (o *ownSettling) settle(env *Env, a *finding.Audit) {
	site := audit.Site{Host: env.Hostname, Dir: filepath.ToSlash(o.dir)}
	said := len(a.Notices)
	audit.Settle(a, o.rules.WaiversOf(o.checks), site, env.Now())
	a.Notices = slices.Concat(a.Notices[:said], withoutKind(a.Notices[said:], "stale"))
	before := countState(a, finding.Waived)
	said = len(a.Notices)
	audit.Settle(a, (&audit.Rules{Waivers: o.own}).WaiversOf(o.checks), site, env.Now())
	if !o.whole {
		a.Notices = slices.Concat(a.Notices[:said], withoutKind(a.Notices[said:], "stale"))
	}
	if n := countState(a, finding.Waived) - before; n > 0 {
		a.Notices = append(a.Notices, finding.Notice{Kind: "waived", Where: keysweepConfig,
			Text: counted(n, "failed check is", "failed checks are") + " waived by the repository itself; --show-waived lists what and why"})
	}
}

func withoutKind(notices []finding.Notice, kind string) (kept []finding.Notice) {
	for _, n := range notices {
		if n.Kind != kind {
			kept = append(kept, n)
		}
	}
	return kept
}

func countState(a *finding.Audit, s finding.State) (n int) {
	for i := range a.Results {
		if a.Results[i].State == s {
			n++
		}
	}
	return n
}
