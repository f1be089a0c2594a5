// Package ci tells from the environment which continuous integration service we run under, which commits a run is about, and
// how that service likes its output. It reads no environment and runs no git itself: the caller hands both in and resolves the
// revisions.
//
// Start at Detect. Each provider has its function, with the page that documents its variables, in providers.go and github.go.
// All values are treated as hostile: a pull request may name its branch as it likes. What is not an object id or a
// plausible branch name is dropped and named in Run.Ignored, so nothing in a Run can be taken for an option by git.
package ci

import (
	"io"
	"strings"
)

// Run is what a CI run is about. The caller scans, in this order:
//
//	Nothing           nothing; a branch was deleted
//	Base != ""        Base..Head
//	BaseBranch != ""  merge-base(BaseBranch, Head)..Head; also if Base is not in the clone, as after a force push
//	otherwise         the whole history of Head (Whole)
//
// Whole overrules a known BaseBranch: the provider said that this run is not about a change, as on a schedule.
type Run struct {
	Name       string // of the provider: "GitHub Actions"
	Event      string // the provider's word for what started the run; "" if it has none
	Base       string // object id (or, under pre-commit, a ref) before the change; "" if not known
	Head       string // object id (or ref) after the change; "HEAD" if the provider names none
	BaseBranch string // short name of the branch that the change is for, or of the default branch; "" if not known
	// PullRequest says that what is scanned is proposed, not accepted: configuration and baseline are read from Trusted,
	// never from Head.
	PullRequest bool
	// Trusted is where a pull request's configuration and baseline come from: an object id on the target branch. If it is ""
	// the tip of BaseBranch serves, and if that is "" too, the remote's default branch.
	Trusted string
	Whole   bool   // scan the whole history: a scheduled run, or no base is known
	Nothing bool   // there is nothing to scan
	Why     string // in words, for the report: how the range was chosen
	Format  string // output for the job's log: "github" or "text"
	// Report is a format to write besides into ReportFile, which is where the provider expects it; "" for none.
	Report, ReportFile string
	Summary            string   // path of a file that takes a Markdown summary (GitHub); "" for none
	Ignored            []string // variables and fields whose values made no sense
}

// Env is what Detect may ask of the world.
type Env struct {
	Getenv func(string) string
	// Open opens the file that describes the event (GitHub). nil: there is none.
	Open func(path string) (io.ReadCloser, error)
}

// Detect finds out which provider we run under. It returns false under none that it knows; the caller then knows best.
// A range that the pre-commit program hands on (PRE_COMMIT_FROM_REF and PRE_COMMIT_TO_REF) goes before the provider's.
func Detect(env Env) (Run, bool) {
	v := &vars{get: env.Getenv, open: env.Open}
	found := false
	var run Run
	for _, p := range providers() {
		if found = p.here(v); found {
			run = Run{Name: p.name, Head: "HEAD", Format: "text"}
			p.fill(v, &run)
			break
		}
	}
	if preCommit(v, &run) {
		found = true
	}
	run.Ignored = v.ignored
	return run, found
}

// settle chooses between base, target branch and everything, once a provider's variables are read. branch is the branch
// that was pushed, if known: the default branch is no base for itself.
func (r *Run) settle(branch string) {
	if r.PullRequest && r.BaseBranch == "" && r.Base == "" {
		r.Whole, r.Why = true, "pull request without a known base: whole history"
		return
	}
	if !r.PullRequest && r.BaseBranch != "" && r.BaseBranch == branch {
		r.BaseBranch = ""
	}
	switch {
	case r.Base != "" && r.PullRequest:
		r.Why = "pull request: what it adds to " + orTarget(r.BaseBranch)
	case r.Base != "":
		r.Why = "push: the commits after " + r.Base
	case r.PullRequest:
		r.Why = "pull request: what it adds to " + r.BaseBranch
	case r.BaseBranch != "":
		r.Why = "no commit before this run is known: what the branch adds to " + r.BaseBranch
	default:
		r.Whole, r.Why = true, "no commit before this run is known: whole history"
	}
}

// everything makes the run scan the whole history.
func (r *Run) everything(why string) {
	r.Base, r.Whole, r.Why = "", true, why+": whole history"
}

func orTarget(branch string) string {
	if branch == "" {
		return "its target branch"
	}
	return branch
}

// preCommit puts the pre-commit program's range in place of the provider's. Who proposed the change and who is trusted stays.
func preCommit(v *vars, r *Run) bool {
	from, to := v.rev("PRE_COMMIT_FROM_REF"), v.rev("PRE_COMMIT_TO_REF")
	if from == "" || to == "" {
		return false
	}
	if r.Name == "" {
		r.Name, r.Format = "pre-commit", "text"
	}
	r.Base, r.Head, r.Whole, r.Nothing = from, to, false, false
	r.Why = "the range that pre-commit was given"
	return true
}

// vars reads variables, drops what makes no sense, and remembers which.
type vars struct {
	get     func(string) string
	open    func(string) (io.ReadCloser, error)
	ignored []string
}

func (v *vars) drop(name string) string {
	v.ignored = append(v.ignored, name)
	return ""
}

// id reads an object id; "" if it is missing, all zeros (a branch that was not there), or no id.
func (v *vars) id(name string) string { return v.checkID(name, v.get(name)) }

func (v *vars) checkID(name, value string) string {
	value = strings.TrimSpace(value)
	switch {
	case value == "" || allZero(value):
		return ""
	case len(value) != 40 && len(value) != 64 || !isHex(value):
		return v.drop(name)
	}
	return strings.ToLower(value)
}

// shortID reads an object id that may be abbreviated to no less than 7 digits.
func (v *vars) shortID(name string) string {
	value := strings.TrimSpace(v.get(name))
	switch {
	case value == "" || allZero(value):
		return ""
	case len(value) < 7 || len(value) > 64 || !isHex(value):
		return v.drop(name)
	}
	return strings.ToLower(value)
}

// branch reads a branch name, with or without refs/heads/.
func (v *vars) branch(name string) string { return v.checkBranch(name, v.get(name)) }

func (v *vars) checkBranch(name, value string) string {
	value = strings.TrimPrefix(strings.TrimSpace(value), "refs/heads/")
	if value == "" {
		return ""
	}
	if !isRefName(value) {
		return v.drop(name)
	}
	return value
}

// rev reads a revision of the simple kind that users give to pre-commit: an id, a ref, or one with ~N, ^N or @{...} behind.
func (v *vars) rev(name string) string {
	value := strings.TrimSpace(v.get(name))
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune("~^@{}", r) {
			return 'x'
		}
		return r
	}, value)
	switch {
	case value == "" || allZero(value):
		return ""
	case strings.HasPrefix(value, "^") || !isRefName(plain):
		return v.drop(name)
	}
	return value
}

func allZero(s string) bool { return strings.Trim(s, "0") == "" }

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdefABCDEF") == "" }

// isRefName holds to the rules of git-check-ref-format(1), and wants no leading dash, which git would read as an option.
func isRefName(s string) bool {
	const longest = 1024
	if s == "" || len(s) > longest || s == "@" || strings.HasPrefix(s, "-") || strings.HasSuffix(s, ".") {
		return false
	}
	for _, bad := range []string{"..", "@{", "//", "\\"} {
		if strings.Contains(s, bad) {
			return false
		}
	}
	for part := range strings.SplitSeq(s, "/") {
		if part == "" || part[0] == '.' || strings.HasSuffix(part, ".lock") {
			return false
		}
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r == '\ufffd' || strings.ContainsRune("~^:?*[", r)
	})
}
