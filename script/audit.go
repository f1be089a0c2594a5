package script

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"sync"

	"keysweep/finding"
	"keysweep/script/internal/text"
	"keysweep/secretscan"
)

// Auditor audits the scripts that pass through a source on their way to the scanner's engine, and hands the engine what was decoded
// in them. Everything else that the source has is left out. Make it with NewAuditor, let secretscan.Run scan it, then ask Outcome.
type Auditor struct {
	src  secretscan.Source
	sure func(path string) bool

	mu    sync.Mutex
	files map[string]*File     // by the path that reports show
	inner map[string]innerText // decoded texts, by the path that the engine knows them by
	other int
}

type innerText struct {
	file *File
	text *text.Text
	line *text.Lines
}

// NewAuditor returns an auditor of what a source has. sure says of a path, as reports show it, that the user named that very file: it is then
// audited whatever it looks like.
func NewAuditor(src secretscan.Source, sure func(path string) bool) *Auditor {
	return &Auditor{src: src, sure: sure, files: map[string]*File{}, inner: map[string]innerText{}}
}

// Walk implements secretscan.Source.
func (a *Auditor) Walk(ctx context.Context, sink secretscan.Sink) error {
	return a.src.Walk(ctx, auditSink{sink, a})
}

// auditSink is the sink that the source sees.
type auditSink struct {
	secretscan.Sink
	auditor *Auditor
}

const noScript = "files that are no scripts"

// Blob audits a file, and hands it on with what was decoded in it.
func (s auditSink) Blob(b secretscan.Blob) error {
	name := cmp.Or(b.Shown, secretscan.ShownPath(b.Path), "standard input")
	sure := s.auditor.sure != nil && s.auditor.sure(name)
	data, err := s.read(&b, name, sure)
	if err != nil || data == nil {
		return err
	}
	f := Read(name, data, sure)
	if f == nil {
		s.auditor.pass()
		s.Skip(noScript, name)
		return nil
	}
	s.auditor.add(f)
	b.Data, b.Open = data, nil
	if err := s.Sink.Blob(b); err != nil {
		return err
	}
	for i, t := range f.decoded {
		inner := b
		mark := fmt.Sprintf("!decoded-%d", i+1)
		inner.Path, inner.Shown, inner.Data = b.Path+mark, name+mark, t.Data
		s.auditor.addInner(inner.Shown, innerText{f, t, t.Lines()})
		if err := s.Sink.Blob(inner); err != nil {
			return err
		}
	}
	return nil
}

// read returns a blob's content; nil if it is none of a script.
func (s auditSink) read(b *secretscan.Blob, name string, sure bool) ([]byte, error) {
	if b.Open == nil {
		return b.Data, nil
	}
	r, err := b.Open()
	if err != nil {
		return nil, s.Sink.Blob(secretscan.Blob{Kind: b.Kind, Path: b.Path, Shown: b.Shown, Open: func() (io.ReadCloser, error) { return nil, err }})
	}
	defer func() { _ = r.Close() }()
	head := make([]byte, 4096)
	n, err := io.ReadFull(r, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		s.Problem(finding.Problem{Where: name, Op: "read", Err: err.Error()})
		return nil, nil
	}
	head = head[:n]
	if !sure && !promising(name, head) {
		s.auditor.pass()
		s.Skip(noScript, name)
		return nil, nil
	}
	rest, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		s.Problem(finding.Problem{Where: name, Op: "read", Err: err.Error()})
		return nil, nil
	}
	data := append(head, rest...)
	if len(data) > MaxFile {
		if !sure && byContent(head) == nothing && byName(name) == nothing {
			s.auditor.pass() // data in YAML or JSON: no service takes a template of that size
			s.Skip(noScript, name)
			return nil, nil
		}
		s.Problem(finding.Problem{Where: name, Op: "read", Err: fmt.Sprintf("it has more than %d MB, which is more than a script is read of", MaxFile>>20), Hint: "keysweep scan " + name + " looks for secrets in it"})
		return nil, nil
	}
	return data, nil
}

// promising reports whether a file may be a script, by its name and how it begins.
func promising(name string, head []byte) bool {
	lower := strings.ToLower(path.Base(name))
	userData := strings.HasPrefix(lower, "user-data") || strings.HasPrefix(lower, "user_data") || strings.HasPrefix(lower, "userdata")
	if f := byContent(head); f != nothing {
		return f != compressed || userData
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return false
	}
	ext := path.Ext(lower)
	return userData || byName(name) != nothing || isYAML(lower) || ext == ".json" || ext == ".template"
}

func (a *Auditor) add(f *File) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.files[f.Name] = f
}

func (a *Auditor) addInner(name string, t innerText) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.inner[name] = t
}

func (a *Auditor) pass() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.other++
}

// Outcome is what an audit of scripts came to.
type Outcome struct {
	Files    int // scripts that were looked at
	Other    int // files that are none
	Results  []finding.Result
	Notices  []finding.Notice
	Problems []finding.Problem
}

// Outcome puts together what the rules and the scanner's engine say. Call it once, when the run is over.
func (a *Auditor) Outcome(r *finding.Report) Outcome {
	out := Outcome{Files: len(a.files), Other: a.other, Problems: slices.Clone(r.Problems)}
	secrets := map[string][]finding.Result{}
	spans := map[string][]finding.Span{}
	for i := range r.Findings {
		f := &r.Findings[i]
		for _, p := range f.Places {
			a.secret(f, p, secrets, spans)
		}
	}
	for i := range r.Suppressed {
		a.suppressed(&r.Suppressed[i], secrets, spans)
	}
	names := make([]string, 0, len(a.files))
	for name := range a.files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		f := a.files[name]
		results, notices := f.Results(spans[name])
		found := distinct(secrets[name])
		if len(found) == 0 {
			found = []finding.Result{{Check: hardcodedSecret, Area: Area, State: finding.Pass, Severity: finding.Critical, Confidence: finding.HighConfidence,
				Title: "no secret in " + name, Where: finding.Spot{Path: name}}}
		}
		more, unreasoned := f.waive(found)
		out.Results = append(append(out.Results, results...), more...)
		out.Notices = append(append(out.Notices, notices...), unreasoned...)
		out.Problems = append(out.Problems, f.Problems()...)
	}
	for _, n := range r.Notices {
		if n.Kind != "unreasoned" || !strings.Contains(n.Where, "!decoded-") {
			out.Notices = append(out.Notices, n)
		}
	}
	return out
}

// place returns the file of a place, and where in it the place is.
func (a *Auditor) place(p finding.Place) (f *File, spot finding.Spot) {
	name := cmp.Or(p.ShownPath(), "standard input")
	if inner, ok := a.inner[name]; ok {
		from, to := inner.line.Offset(p.Span.Start), inner.line.Offset(p.Span.End)
		return inner.file, finding.Spot{Path: inner.file.Name, Span: inner.text.Place(from, to), Note: fmt.Sprintf("line %d of what is decoded there", p.Span.Start.Line)}
	}
	return a.files[name], finding.Spot{Path: name, Span: p.Span, Text: p.Excerpt.String()}
}

// secret makes a result of a place where the engine found a secret.
func (a *Auditor) secret(f *finding.Finding, p finding.Place, results map[string][]finding.Result, spans map[string][]finding.Span) {
	file, spot := a.place(p)
	if file == nil {
		return
	}
	rule := ruleOf(hardcodedSecret)
	spans[file.Name] = append(spans[file.Name], spot.Span)
	results[file.Name] = append(results[file.Name], finding.Result{
		Check: hardcodedSecret, Area: Area, Subject: p.Rule, State: finding.Fail, Severity: max(f.Severity, finding.Low), Confidence: f.Confidence,
		Title: cmp.Or(f.Title, rule.Title), Found: p.Match.String(), Where: spot, Why: rule.Why, Fix: rule.Fix, FixBy: finding.FixAdvice,
	})
}

// suppressed makes a waived result of a place that an allow comment or the baseline hides.
func (a *Auditor) suppressed(s *finding.Suppressed, results map[string][]finding.Result, spans map[string][]finding.Span) {
	file, spot := a.place(s.Place)
	if file == nil {
		return
	}
	rule := ruleOf(hardcodedSecret)
	spans[file.Name] = append(spans[file.Name], spot.Span)
	results[file.Name] = append(results[file.Name], finding.Result{
		Check: hardcodedSecret, Area: Area, Subject: s.Place.Rule, State: finding.Waived, Severity: rule.Severity, Confidence: finding.HighConfidence,
		Title: rule.Title, Found: s.Place.Match.String(), Where: spot, Why: rule.Why, Fix: rule.Fix, FixBy: finding.FixAdvice,
		Waiver: &finding.Waiver{Reason: s.Reason, Where: s.By},
	})
}

// distinct leaves out what was found again, in a decoded text, at the same place.
func distinct(list []finding.Result) (out []finding.Result) {
	for _, r := range list {
		if !slices.ContainsFunc(out, func(o finding.Result) bool {
			a, b := o.Where.Span, r.Where.Span
			overlap := a.Start.Line <= b.End.Line && b.Start.Line <= a.End.Line
			return o.Title == r.Title && (a == b || overlap && (r.Where.Note != "" || o.Where.Note != ""))
		}) {
			out = append(out, r)
		}
	}
	return out
}

// waive waives what an allow comment names by the audit's own id.
func (f *File) waive(list []finding.Result) ([]finding.Result, []finding.Notice) {
	allows := secretscan.AllowComments(f.outer.Data)
	var notices []finding.Notice
	for i := range list {
		r := &list[i]
		if r.State != finding.Fail {
			continue
		}
		if allow := allows.Covers(hardcodedSecret, r.Where.Span.Start.Line, r.Where.Span.End.Line); allow != nil {
			r.State, r.Waiver = finding.Waived, &finding.Waiver{Reason: allow.Reason, Where: fmt.Sprintf("%s:%d", f.Name, allow.Line)}
			if allow.Reason == "" {
				notices = append(notices, finding.Notice{Kind: "unreasoned", Where: r.Waiver.Where, Text: "an allow comment without a reason hides " + hardcodedSecret})
			}
		}
	}
	return list, notices
}
