package secretscan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"keysweep/finding"
)

// Limits on what is kept, so that memory stays bounded on content that is nothing but secrets. Going over one is a problem in
// the report, never a silent loss: of a secret's places the number is kept, of candidates in one blob and of secrets none.
const (
	placesMost     = 1000
	candidatesMost = 100_000
	secretsMost    = 100_000
	problemsMost   = 10_000
)

// desk collects what the workers find. All of it may be called from several goroutines.
type desk struct {
	engine *Engine
	opts   Options
	salt   func() []byte

	mu         sync.Mutex
	secrets    map[string]*finding.Finding
	suppressed []finding.Suppressed
	problems   []finding.Problem
	lost       map[string]int
	skips      map[string]*finding.Skip
	inside     []string
	later      map[string]*Found // by object id
}

func newDesk(e *Engine, o Options) *desk {
	salt := o.Salt
	if salt == nil {
		salt = func() []byte { return nil }
	}
	return &desk{engine: e, opts: o, salt: sync.OnceValue(salt), secrets: make(map[string]*finding.Finding), lost: make(map[string]int),
		skips: make(map[string]*finding.Skip), later: make(map[string]*Found)}
}

// file takes a blob's candidates: deferred ones wait for Resolve, the others are judged and reported.
func (d *desk) file(b Blob, candidates []Candidate) {
	if len(candidates) == 0 {
		return
	}
	if b.Deferred {
		d.postpone(b, candidates)
		return
	}
	for _, c := range d.keep(candidates, b.Path, "") {
		d.emit(c, finding.Place{Kind: b.Kind, Path: b.Path, Shown: b.Shown, Object: b.Object})
	}
}

// keep returns the candidates that count at a place, and are sure enough to be reported.
func (d *desk) keep(candidates []Candidate, path, commit string) []Candidate {
	return d.engine.keep(candidates, path, commit, d.opts.MinConfidence)
}

func (d *desk) postpone(b Blob, candidates []Candidate) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.later[b.Object]
	if f == nil {
		b.Data, b.Open = nil, nil
		f = &Found{Blob: b}
		d.later[b.Object] = f
	}
	room := candidatesMost - len(f.Candidates)
	if len(candidates) > room {
		d.lost[fmt.Sprintf("object %s holds more than %d candidates", b.Object, candidatesMost)] += len(candidates) - room
		candidates = candidates[:room]
	}
	if f.Candidates == nil {
		f.Candidates = slices.Clip(candidates) // a trace may hold them, too
		return
	}
	f.Candidates = append(f.Candidates, candidates...)
}

// deferred returns the blobs that wait for their places, by object id.
func (d *desk) deferred() []Found {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]Found, 0, len(d.later))
	for _, f := range d.later {
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b Found) int { return cmp.Compare(a.Blob.Object, b.Blob.Object) })
	d.later = nil
	return out
}

// noteUnresolved says at a place why it tells so little.
const noteUnresolved = "the scan ended before it was known which commit brought this, or whether it is new"

// unresolved reports what stands in deferred blobs for those secrets that were not reported anywhere yet.
func (d *desk) unresolved(found []Found) {
	d.mu.Lock()
	known := make(map[string]bool, len(d.secrets))
	for secret := range d.secrets {
		known[secret] = true
	}
	d.mu.Unlock()
	for _, f := range found {
		for _, c := range d.keep(f.Candidates, f.Blob.Path, "") {
			if !known[c.Secret.Reveal()] {
				d.emit(c, finding.Place{Kind: f.Blob.Kind, Path: f.Blob.Path, Object: f.Blob.Object, Note: noteUnresolved})
			}
		}
	}
}

// emit reports a kept candidate at a place.
func (d *desk) emit(c Candidate, p finding.Place) {
	p.Rule, p.Span, p.Excerpt, p.Match, p.Note = c.Rule, c.Span, c.Line, c.Match, c.note(p.Note)
	p.Path = ShownPath(p.Path)
	for i, also := range p.Also {
		if shown := ShownPath(also); len(shown) < len(also) { // the list is the run's own then
			p.Also[i] = shown
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if c.Allow != nil && !d.opts.IgnoreAllow {
		if len(d.suppressed) >= secretsMost {
			d.lost[fmt.Sprintf("more than %d suppressed places", secretsMost)]++
			return
		}
		d.suppressed = append(d.suppressed, finding.Suppressed{
			Fingerprint: finding.FingerprintOf(d.salt(), c.Secret), Place: p, By: c.Allow.By, Reason: c.Allow.Reason,
		})
		return
	}
	key := c.Secret.Reveal()
	if c.Secret.IsZero() { // a file's name is the finding
		key = "\x00" + c.Rule + "\x00" + p.ShownPath()
	}
	f := d.secrets[key]
	if f == nil {
		if len(d.secrets) >= secretsMost {
			d.lost[fmt.Sprintf("more than %d different secrets", secretsMost)]++
			return
		}
		f = &finding.Finding{Secret: c.Secret, Entropy: c.Entropy}
		d.secrets[key] = f
		d.opts.Counters.Findings.Add(1)
	}
	f.Confidence = max(f.Confidence, c.Confidence)
	tagDecoded(f, c.Decoded)
	if !slices.Contains(f.Rules, c.Rule) {
		f.Rules = append(f.Rules, c.Rule)
	}
	if f.Places = append(f.Places, p); len(f.Places) >= 2*placesMost {
		trimPlaces(f)
	}
}

// trimPlaces orders a finding's places and keeps the first placesMost, so that it is the same ones in every run.
func trimPlaces(f *finding.Finding) {
	slices.SortFunc(f.Places, comparePlaces)
	f.Places = slices.CompactFunc(f.Places, func(a, b finding.Place) bool { return comparePlaces(a, b) == 0 })
	if len(f.Places) > placesMost {
		f.MorePlaces += len(f.Places) - placesMost
		clear(f.Places[placesMost:])
		f.Places = f.Places[:placesMost]
	}
}

func (d *desk) problem(p finding.Problem) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.problems) >= problemsMost {
		d.lost[fmt.Sprintf("more than %d problems", problemsMost)]++
		return
	}
	d.problems = append(d.problems, p)
}

func (d *desk) troubled() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.problems)+len(d.lost) > 0
}

func (d *desk) skip(reason, path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.skips[reason]
	if s == nil {
		s = &finding.Skip{Reason: reason}
		d.skips[reason] = s
	}
	s.Count++
	// The smallest few, so that the report is the same in every run.
	i, _ := slices.BinarySearch(s.Paths, path)
	if i < finding.SkipExamples {
		s.Paths = slices.Insert(s.Paths, i, path)
		s.Paths = s.Paths[:min(len(s.Paths), finding.SkipExamples)]
	}
}

func (d *desk) entered(path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inside = append(d.inside, path)
}

// result orders what was collected.
func (d *desk) result(r *run) Result {
	d.mu.Lock()
	defer d.mu.Unlock()
	res := Result{Suppressed: d.suppressed, Problems: d.problems, Coverage: finding.Coverage{
		Files: r.files.Load(), Blobs: r.blobs.Load(), Commits: r.commits.Load(), Bytes: r.bytes.Load(), Entered: d.inside,
	}}
	for _, f := range d.secrets {
		if d.describe(f); f.Confidence >= d.opts.MinConfidence {
			res.Findings = append(res.Findings, *f)
		}
	}
	maskSubjects(res.Findings)
	slices.SortFunc(res.Findings, compareFindings)
	slices.SortFunc(res.Suppressed, func(a, b finding.Suppressed) int {
		return cmp.Or(comparePlaces(a.Place, b.Place), cmp.Compare(a.Fingerprint.String(), b.Fingerprint.String()))
	})
	for _, s := range d.skips {
		res.Coverage.Skipped = append(res.Coverage.Skipped, *s)
	}
	slices.SortFunc(res.Coverage.Skipped, func(a, b finding.Skip) int { return cmp.Compare(a.Reason, b.Reason) })
	slices.Sort(res.Coverage.Entered)
	for what, n := range d.lost {
		res.Problems = append(res.Problems, finding.Problem{Where: what, Op: "keep all findings",
			Err: fmt.Sprintf("%d more were left out", n), Hint: "exclude what holds so many, or scan its parts one by one"})
	}
	slices.SortFunc(res.Problems, func(a, b finding.Problem) int {
		return cmp.Or(cmp.Compare(a.Where, b.Where), cmp.Compare(a.Op, b.Op), cmp.Compare(a.Err, b.Err))
	})
	res.Notices = unreasoned(res.Suppressed)
	return res
}

// describe fills in what the rules say about a finding, the most severe and most specific rule first.
func (d *desk) describe(f *finding.Finding) {
	trimPlaces(f)
	slices.SortFunc(f.Rules, func(a, b string) int {
		x, y := d.engine.rule(a), d.engine.rule(b)
		return cmp.Or(cmp.Compare(y.Confidence, x.Confidence), cmp.Compare(y.Severity, x.Severity), cmp.Compare(a, b))
	})
	f.Fingerprint = f.FingerprintUnder(d.salt())
	best := d.engine.rule(f.Rules[0])
	f.Title, f.Why, f.Provider, f.RotateURL = best.Title, best.Why, best.Provider, best.RotateURL
	if f.Title == "" {
		f.Title = strings.ReplaceAll(best.ID, "-", " ")
	}
	if f.Why == "" {
		f.Why = best.Description
	}
	f.Severity = best.Severity
	for _, id := range f.Rules {
		r := d.engine.rule(id)
		f.Severity = max(f.Severity, r.Severity)
		for _, tag := range r.Tags {
			if !slices.Contains(f.Tags, tag) {
				f.Tags = append(f.Tags, tag)
			}
		}
	}
	if d.opts.Prove != nil {
		d.opts.Prove(f)
	}
}

func (e *Engine) rule(id string) *Rule { return e.at(e.byID()[id]).Rule }

func compareFindings(a, b finding.Finding) int {
	return cmp.Or(cmp.Compare(b.Severity, a.Severity), comparePlaces(a.Places[0], b.Places[0]),
		cmp.Compare(a.Fingerprint.String(), b.Fingerprint.String()))
}

func comparePlaces(a, b finding.Place) int {
	commit := func(p finding.Place) string {
		if p.Commit == nil {
			return ""
		}
		return p.Commit.ID
	}
	return cmp.Or(cmp.Compare(a.ShownPath(), b.ShownPath()), cmp.Compare(a.Span.Start.Line, b.Span.Start.Line),
		cmp.Compare(a.Span.Start.Column, b.Span.Start.Column), cmp.Compare(a.Object, b.Object),
		cmp.Compare(commit(a), commit(b)), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Span.End.Line, b.Span.End.Line), cmp.Compare(a.Span.End.Column, b.Span.End.Column))
}

// maskSubjects takes secrets out of the commit subjects that are shown with findings. Messages are scanned like everything else,
// so only a secret that was found in one can stand in a subject.
func maskSubjects(findings []finding.Finding) {
	var found []string
	for i := range findings {
		inMessage := func(p finding.Place) bool { return p.Kind == finding.KindMessage }
		if secret := findings[i].Secret; !secret.IsZero() && slices.ContainsFunc(findings[i].Places, inMessage) {
			found = append(found, secret.Reveal())
		}
	}
	if len(found) == 0 {
		return
	}
	slices.SortFunc(found, func(a, b string) int { return cmp.Compare(len(b), len(a)) }) // one may hold another
	secrets := make([]string, 0, 2*len(found))
	for _, secret := range found {
		secrets = append(secrets, secret, finding.Redacted)
	}
	replacer := strings.NewReplacer(secrets...)
	done := make(map[*finding.Commit]bool) // places share them
	for i := range findings {
		for _, p := range findings[i].Places {
			if p.Commit != nil && !done[p.Commit] {
				done[p.Commit] = true
				p.Commit.Subject = replacer.Replace(p.Commit.Subject)
			}
		}
	}
}

// unreasoned returns a notice for each of our own allow comments that hides something and does not say why.
func unreasoned(list []finding.Suppressed) []finding.Notice {
	var out []finding.Notice
	for _, s := range list {
		if s.Reason == "" && s.By == "allow comment" {
			where := fmt.Sprintf("%s:%d", s.Place.ShownPath(), s.Place.Span.Start.Line)
			out = append(out, finding.Notice{Kind: "unreasoned", Where: where, Text: "the allow comment gives no reason; write " + allowMarker + " -- why"})
		}
	}
	return slices.Compact(out)
}
