package script

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"keysweep/finding"
	"keysweep/script/internal/text"
	"keysweep/secretscan"
)

// Area is the area of all results of this package.
const Area = "scripts"

// foundMost is how much of the code a result shows, in bytes.
const foundMost = 160

// Results returns what the rules say, in the order of the file, with secrets masked: those that rules know of, and those in spans, which the
// scanner found in the file. Results that an allow comment covers are waived; comments without a reason give a notice.
func (f *File) Results(secrets []finding.Span) (results []finding.Result, notices []finding.Notice) {
	if f.foreign {
		notices = append(notices, finding.Notice{Kind: "coverage", Where: f.Name, Text: "it is no kind of startup script that is known: only secrets were looked for in it"})
	}
	allows := secretscan.AllowComments(f.outer.Data)
	masks := f.masks(secrets)
	inner := map[*text.Text]*secretscan.Allows{}
	for _, h := range f.single() {
		r := f.result(h, masks)
		if allow := f.allowed(allows, inner, h); allow != nil && !h.pass {
			r.State = finding.Waived
			r.Waiver = &finding.Waiver{Reason: allow.Reason, Where: fmt.Sprintf("%s:%d", f.Name, allow.Line)}
			if allow.Reason == "" {
				notices = append(notices, finding.Notice{Kind: "unreasoned", Where: r.Waiver.Where, Text: "an allow comment without a reason hides " + h.rule})
			}
		}
		results = append(results, r)
	}
	return results, notices
}

// allowed returns the comment that covers a claim in the outer file, or in a text that was decoded.
func (f *File) allowed(allows *secretscan.Allows, inner map[*text.Text]*secretscan.Allows, h *hit) *secretscan.Allow {
	span := h.span
	place := span.Place()
	if a := allows.Covers(h.rule, place.Start.Line, max(place.Start.Line, place.End.Line)); a != nil {
		return a
	}
	if span.Text.Exact(span.From, span.To) {
		return nil
	}
	if inner[span.Text] == nil {
		inner[span.Text] = secretscan.AllowComments(span.Text.Data)
	}
	return inner[span.Text].Covers(h.rule, span.Text.Line(span.From), span.Text.Line(max(span.From, span.To-1)))
}

// single returns the claims without those that say the same of the same place, in the order of the file.
func (f *File) single() []*hit {
	list := slices.Clone(f.hits)
	range_ := func(h *hit) (int, int) { return h.span.Text.Range(h.span.From, h.span.To) }
	slices.SortStableFunc(list, func(a, b *hit) int {
		aFrom, aTo := range_(a)
		bFrom, bTo := range_(b)
		return cmp.Or(cmp.Compare(aFrom, bFrom), cmp.Compare(bTo, aTo), cmp.Compare(a.rule, b.rule))
	})
	var out []*hit
	last := map[string]*hit{}
	for _, h := range list {
		from, to := range_(h)
		if l := last[h.rule]; l != nil && l.pass == h.pass {
			lFrom, lTo := range_(l)
			exact := h.span.Text.Exact(h.span.From, h.span.To)
			same := from == lFrom && to == lTo && (exact || h.title == l.title && h.span.String() == l.span.String())
			if same || exact && to <= lTo && from >= lFrom && h.rule != passwordLiteral && h.rule != secretInArgv {
				continue
			}
		}
		last[h.rule] = h
		out = append(out, h)
	}
	return out
}

// masks returns the stretches of the outer file that must not be shown.
func (f *File) masks(secrets []finding.Span) (list []finding.Range) {
	lines := f.outer.Lines()
	for _, s := range secrets {
		list = append(list, finding.Range{Start: lines.Offset(s.Start), End: lines.Offset(s.End)})
	}
	for _, h := range f.hits {
		for _, s := range h.secrets {
			if s.Text != nil && s.Text.Exact(s.From, s.To) {
				start, end := s.Text.Range(s.From, s.To)
				list = append(list, finding.Range{Start: start, End: end})
			}
		}
	}
	return list
}

// result makes a result of a claim.
func (f *File) result(h *hit, masks []finding.Range) finding.Result {
	rule := ruleOf(h.rule)
	r := finding.Result{Check: h.rule, Area: Area, Subject: h.part, State: finding.Fail, Severity: rule.Severity, Confidence: finding.HighConfidence,
		Title: cmp.Or(h.title, rule.Title), Found: f.code(h.span, masks), Why: rule.Why, Fix: rule.Fix, FixBy: finding.FixAdvice}
	r.Where = finding.Spot{Path: f.Name, Span: h.span.Place()}
	if !h.span.Text.Exact(h.span.From, h.span.To) {
		r.Where.Note = fmt.Sprintf("line %d of what is decoded there", h.span.Text.Line(h.span.From))
	}
	r.Where.Text = f.lineText(h.span, masks)
	if h.severity != finding.Info {
		r.Severity = h.severity
	}
	if h.mild {
		r.Severity, r.Confidence = finding.Info, finding.LowConfidence
	}
	if h.pass {
		r.State = finding.Pass
	}
	for _, other := range h.related {
		r.Related = append(r.Related, finding.Spot{Path: f.Name, Span: other.span.Place(), Note: other.note, Text: f.lineText(other.span, masks)})
	}
	return r
}

// code returns the text of a span in one line, secrets masked.
func (f *File) code(span text.Span, masks []finding.Range) string {
	var shown string
	if span.Text.Exact(span.From, span.To) {
		start, end := span.Text.Range(span.From, span.To)
		shown = f.masked(start, end, masks)
	} else {
		shown = f.maskedInside(span)
	}
	shown = strings.Join(strings.Fields(shown), " ")
	if len(shown) > foundMost {
		shown = strings.ToValidUTF8(shown[:foundMost], "") + " ..."
	}
	return shown
}

// maskedInside returns a stretch of a decoded text.
func (f *File) maskedInside(span text.Span) string {
	var list []finding.Range
	for _, h := range f.hits {
		for _, s := range h.secrets {
			if s.Text == span.Text {
				list = append(list, finding.Range{Start: s.From - span.From, End: s.To - span.From})
			}
		}
	}
	return finding.NewExcerpt(span.String(), finding.Range{}, list).Blank().String()
}

// masked returns a stretch of the outer file.
func (f *File) masked(start, end int, masks []finding.Range) string {
	var list []finding.Range
	for _, m := range masks {
		if m.Start < end && m.End > start {
			list = append(list, finding.Range{Start: m.Start - start, End: m.End - start})
		}
	}
	return finding.NewExcerpt(string(f.outer.Data[start:end]), finding.Range{}, list).Blank().String()
}

// lineMost is how long a line may be that is shown.
const lineMost = 300

// lineText returns the line of the outer file in which a span starts; "" if it is long.
func (f *File) lineText(span text.Span, masks []finding.Range) string {
	start, end := f.outer.LineOf(span.Place().Start.Line)
	if end-start > lineMost || end < start {
		return ""
	}
	return strings.TrimRight(f.masked(start, end, masks), "\r")
}
