package audit

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"keysweep/cloud"
	"keysweep/finding"
)

// Repository is what was found of a git repository.
type Repository struct {
	Hooks    []Hook
	HooksErr error    // the hooks could not be looked at
	Bare     bool     // it has no files of its own
	Ignored  []string // of EnvNames, those that git ignores
	Tracked  []string // files of environments that are in the index: ".env.production"
	EnvErr   error    // which files git ignores or has could not be found out
	Signing  Signing
	Tree     *finding.Report // of the files; nil if they were not scanned
	TreeErr  error
	History  *finding.Report // of every version of every file
	HistErr  error
	Open     []cloud.Opening // what infrastructure as code opens to everybody
	Doubts   []cloud.Doubt   // what of it is not known
	Cloud    int             // files that were read for it
	CloudErr error
}

// Hook is a hook of git and whether it stops a secret.
type Hook struct {
	Name   string // "pre-commit"
	Proven bool   // it stopped a secret in a temporary clone
	Why    string // why it is not proven: "not installed"
	Next   string // the command that helps
	Err    string // it could not be tried; then nothing is known
}

// Signing is how commits are signed.
type Signing struct {
	Always bool   // commit.gpgSign
	Key    string // user.signingKey; "" if there is none
	Format string // gpg.format: "openpgp", "ssh", "x509"
	Err    error
}

// EnvNames are the files that a repository should ignore: those that frameworks read secrets from.
func EnvNames() []string {
	return []string{".env", ".env.local", ".env.production", ".env.development.local", "config/.env"}
}

// EnvExample reports whether the name of a file says that it is a template for others: it holds no values.
func EnvExample(name string) bool {
	base := strings.ToLower(path.Base(name))
	return slices.ContainsFunc([]string{"example", "sample", "template", "dist", "defaults", "schema"}, func(word string) bool { return strings.Contains(base, word) })
}

// repoCheck is a Check and how it judges a repository.
type repoCheck struct {
	Check
	judge func(*repository)
}

// repository is a repository before its judges.
type repository struct {
	*Repository
	rules *Rules
	sayer
}

// RepoChecks returns every check of repositories.
func RepoChecks() []Check {
	var list []Check
	for _, c := range repoChecks() {
		list = append(list, c.Check)
	}
	return list
}

func repoChecks() []repoCheck {
	const area = "repository"
	return []repoCheck{
		{Check{ID: "git.hook-installed", Area: area, Severity: finding.Low, Title: "no hook stops a secret before it is committed",
			Why: "A secret that is pushed counts as leaked; a hook costs milliseconds.", Fix: "keysweep hook install", FixBy: finding.FixCommand}, (*repository).hooked},
		{Check{ID: "git.env-ignored", Area: area, Severity: finding.Medium, Title: "files of environments can be committed",
			Why: "A .env file holds the secrets of a deployment, and git add . takes it along.", Fix: "keysweep fix git.env-ignored", FixBy: finding.FixAuto}, (*repository).ignored},
		{Check{ID: "secrets.hardcoded", Area: area, Severity: finding.Critical, Title: "a secret stands in a file",
			Why: "Whoever reads the code has it.", Fix: "keysweep scan", FixBy: finding.FixCommand}, (*repository).hardcoded},
		{Check{ID: "ssh.private-uploaded", Area: area, Severity: finding.Critical, Title: "a private key stands where a public one belongs",
			Why: "Only public keys leave the machine that they were made on.", Fix: "keysweep key rotate", FixBy: finding.FixCommand}, (*repository).uploaded},
		{Check{ID: "ssh.key-location", Area: area, Severity: finding.Critical, Title: "a private key lies in the repository",
			Why: "Every clone has a copy of it.", Fix: "keysweep key rotate", FixBy: finding.FixCommand}, (*repository).keysInside},
		{Check{ID: "secrets.git-history", Area: area, Severity: finding.Critical, Title: "an earlier version of a file holds a secret",
			Why: "What was committed is in every clone, also after it was deleted.", Fix: "revoke it, then keysweep scan --history", FixBy: finding.FixAdvice}, (*repository).history},
		{Check{ID: "secrets.unpushed", Area: area, Severity: finding.High, Title: "a commit that was not pushed yet holds a secret",
			Why: "It can still be taken out of the commit before anybody else has it.", Fix: "git rebase -i, then keysweep scan --range @{upstream}..HEAD", FixBy: finding.FixAdvice}, (*repository).unpushed},
		{Check{ID: "cloud.open-ingress", Area: area, Severity: finding.High, Title: "a rule of a cloud's firewall lets every address in",
			Why: "Whatever listens there is found and tried within minutes.", Fix: "name the addresses that need it, or allow the port as public in the policy", FixBy: finding.FixAdvice}, (*repository).ingress},
		{Check{ID: "git.commit-signing", Area: area, Severity: finding.Low, Title: "commits are not signed",
			Why: "Without signatures a commit's author is whoever its text names.", Fix: "git config gpg.format ssh; git config user.signingKey ~/.ssh/id_ed25519.pub; git config commit.gpgSign true", FixBy: finding.FixCommand}, (*repository).signed},
	}
}

// Repo judges a repository.
func Repo(found *Repository, rules *Rules) []finding.Result {
	r := repository{Repository: found, rules: rules}
	for _, c := range repoChecks() {
		if !rules.off(c.ID) {
			r.check = c.Check
			c.judge(&r)
		}
	}
	rules.Regrade(r.results)
	return r.results
}

func (r *repository) hooked() {
	if r.HooksErr != nil {
		r.unknown("whether hooks stop a secret", r.HooksErr, "keysweep hook check")
	}
	for _, h := range r.Hooks {
		where := finding.Spot{Fact: "hook " + h.Name}
		switch {
		case h.Err != "":
			r.say(finding.Result{State: finding.Undetermined, Subject: h.Name, Title: "whether the hook stops a secret", Where: where, Cause: h.Err, Hint: "keysweep hook check"})
		case h.Proven:
			r.say(finding.Result{State: finding.Pass, Subject: h.Name, Title: "it stopped a secret in a temporary clone", Where: where})
		default:
			r.say(finding.Result{State: finding.Fail, Subject: h.Name, Found: h.Why, Wanted: "a hook that stops secrets", Where: where, Fix: h.Next})
		}
	}
}

func (r *repository) ignored() {
	if r.Bare {
		r.absent("a bare repository has no files that git could ignore")
		return
	}
	if r.EnvErr != nil {
		r.unknown("which files git ignores", r.EnvErr, "git status")
		return
	}
	for _, name := range r.Tracked {
		r.say(finding.Result{State: finding.Fail, Severity: finding.High, Subject: name, Title: "the file of an environment is in the repository",
			Found: "tracked", Wanted: "ignored", Where: finding.Spot{Path: name}, Fix: "git rm --cached " + name + ", and revoke what stands in it", FixBy: finding.FixCommand})
	}
	var open []string
	for _, name := range EnvNames() {
		if !slices.Contains(r.Ignored, name) {
			open = append(open, name)
		}
	}
	if len(open) > 0 {
		r.say(finding.Result{State: finding.Fail, Found: "git would take " + strings.Join(open, ", "), Wanted: "ignored", Where: finding.Spot{Path: ".gitignore"}})
		return
	}
	r.pass("git ignores "+strings.Join(EnvNames(), ", "), finding.Spot{Path: ".gitignore"})
}

// scanned says of a scan that it could not look everywhere; false if there was none.
func (r *repository) scanned(what string, report *finding.Report, err error) bool {
	if err != nil {
		r.unknown(what, err, "keysweep scan")
	}
	if report == nil {
		return false
	}
	for _, p := range report.Problems {
		r.say(finding.Result{State: finding.Undetermined, Subject: p.Where, Title: what, Where: finding.Spot{Fact: p.Where}, Cause: strings.TrimPrefix(p.Op+": "+p.Err, ": "), Hint: p.Hint})
	}
	return true
}

// secrets reports the findings that count, each at its first place that does; the state is pass if there are none and all was looked at.
func (r *repository) secrets(what string, report *finding.Report, err error, counts func(*finding.Finding, *finding.Place) bool, clean string) {
	if !r.scanned(what, report, err) {
		return
	}
	found := false
	for i := range report.Findings {
		f := &report.Findings[i]
		at := slices.IndexFunc(f.Places, func(p finding.Place) bool { return counts(f, &p) })
		if at < 0 {
			continue
		}
		found = true
		p := &f.Places[at]
		rule := p.Rule
		if len(f.Rules) > 0 {
			rule = f.Rules[0]
		}
		spot := finding.Spot{Path: p.ShownPath(), Span: p.Span, Note: fmt.Sprintf("%s, fingerprint %s", rule, f.Fingerprint)}
		if p.Commit != nil {
			spot.Note += ", commit " + p.Commit.ID[:min(len(p.Commit.ID), 12)]
		}
		if spot.Path == "" {
			spot.Fact = string(p.Kind) + " " + p.Object
		}
		r.grade(finding.Result{State: finding.Fail, Subject: f.Title, Where: spot}, f.Severity, f.Confidence)
	}
	if !found && err == nil && len(report.Problems) == 0 {
		r.pass(clean, finding.Spot{Fact: report.Coverage.Source})
	}
}

func (r *repository) hardcoded() {
	r.secrets("secrets in the files", r.Tree, r.TreeErr, func(*finding.Finding, *finding.Place) bool { return true }, "no secret stands in the files")
}

// isPrivateKey reports whether a finding is a private key.
func isPrivateKey(f *finding.Finding) bool {
	return slices.ContainsFunc(f.Rules, func(id string) bool { return strings.Contains(id, "private-key") })
}

// publicPlace reports whether a path is where public keys stand.
func publicPlace(name string) bool {
	base := path.Base(name)
	return strings.HasSuffix(base, ".pub") || strings.HasPrefix(base, "authorized_keys")
}

func (r *repository) uploaded() {
	r.secrets("private keys among public ones", r.Tree, r.TreeErr, func(f *finding.Finding, p *finding.Place) bool {
		return isPrivateKey(f) && publicPlace(p.Path)
	}, "no private key stands where public ones do")
}

func (r *repository) keysInside() {
	r.secrets("private keys in the files", r.Tree, r.TreeErr, func(f *finding.Finding, p *finding.Place) bool {
		return isPrivateKey(f) && !publicPlace(p.Path)
	}, "no private key lies in the files")
}

// history is about what is gone from HEAD: what still stands there is told of the files.
func (r *repository) history() {
	r.secrets("secrets in the history", r.History, r.HistErr, func(_ *finding.Finding, p *finding.Place) bool {
		return p.InHead != finding.Yes && p.Kind != finding.KindIndex
	}, "no earlier version holds a secret")
}

func (r *repository) unpushed() {
	if r.History == nil {
		return
	}
	r.secrets("secrets that were not pushed", r.History, r.HistErr, func(f *finding.Finding, p *finding.Place) bool {
		return p.Pushed == finding.No && !slices.ContainsFunc(f.Places, func(p finding.Place) bool { return p.Pushed == finding.Yes })
	}, "no commit that was not pushed holds a secret")
}

// ingress judges each rule by its ports: those that the policy names as public are meant to be open, those of the web may be.
func (r *repository) ingress() {
	switch {
	case r.CloudErr != nil:
		r.unknown("what infrastructure as code opens", r.CloudErr, "keysweep audit repo PATH")
	case r.Cloud == 0:
		r.absent("there is neither Terraform nor CloudFormation")
		return
	}
	failed := false
	for _, o := range r.Open {
		result := finding.Result{State: finding.Fail, Subject: o.Resource, Title: "it lets every address in: " + o.String(), Found: o.Source, Wanted: "the addresses that need it",
			Where: finding.Spot{Path: o.Path, Span: finding.Span{Start: finding.Position{Line: o.Line, Column: o.Column}, End: finding.Position{Line: o.Line, Column: o.Column + 1}}}}
		switch {
		case o.Protocol == "icmp", o.First == o.Last && (Has(r.rules.Public, uint16(o.First), "tcp") || Has(r.rules.Public, uint16(o.First), "udp")):
			continue
		case o.First == o.Last && (o.First == 80 || o.First == 443):
			result.Severity, result.Title = finding.Low, "a port of the web is open to every address, which the policy does not name as public"
		case o.First == o.Last && o.First != 22 && o.First != 3389 && !Has(sensitivePorts(), uint16(o.First), "tcp"):
			result.Severity = finding.Medium
		}
		failed = true
		r.say(result)
	}
	for _, d := range r.Doubts {
		failed = true
		r.say(finding.Result{State: finding.Undetermined, Subject: d.Resource, Title: "whom it lets in", Cause: d.Why, Hint: "look at terraform plan",
			Severity: finding.Medium, Where: finding.Spot{Path: d.Path, Span: finding.Span{Start: finding.Position{Line: d.Line, Column: d.Column}}}})
	}
	if !failed && r.CloudErr == nil {
		r.pass(fmt.Sprintf("no rule lets every address in (%d files)", r.Cloud), finding.Spot{Fact: "Terraform and CloudFormation"})
	}
}

// sensitivePorts are those of databases, caches, queues and remote control, which have no business on the internet (IANA's registry of
// ports, and the defaults of their documentation).
func sensitivePorts() (list []Port) {
	for _, n := range []uint16{23, 111, 135, 445, 1433, 1521, 2049, 2375, 2376, 2379, 3306, 3389, 5432, 5601, 5672, 5900, 5984, 6379, 6443, 7001,
		8086, 8332, 8545, 8546, 8551, 9000, 9042, 9090, 9092, 9200, 9300, 9944, 10250, 11211, 15672, 18332, 26657, 27017, 50070} {
		list = append(list, Port{n, n, "tcp"})
	}
	return list
}

func (r *repository) signed() {
	s := r.Signing
	where := finding.Spot{Fact: "git config commit.gpgSign, user.signingKey, gpg.format"}
	switch {
	case s.Err != nil:
		r.unknown("whether commits are signed", s.Err, "git config --get commit.gpgSign")
	case s.Always && (s.Key != "" || s.Format == "openpgp"):
		r.pass("commits are signed ("+s.Format+")", where)
	case s.Always:
		r.say(finding.Result{State: finding.Fail, Title: "commits are to be signed, but no key is named", Found: "user.signingKey is not set", Wanted: "a key", Where: where})
	default:
		r.say(finding.Result{State: finding.Fail, Found: "commit.gpgSign is not set", Wanted: "true", Where: where})
	}
}
