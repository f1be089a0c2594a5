package report

import (
	"fmt"
	"strings"

	"keysweep/finding"
)

// view is a report as it may be shown under some options.
type view struct {
	*finding.Report
	o     Options
	scrub *strings.Replacer // masks secrets in text that is not an excerpt
}

func newView(r *finding.Report, o Options) *view {
	return &view{Report: r, o: o, scrub: newScrubber(r, o)}
}

// text returns text out of a repository or an error for a data format: secrets masked, bytes that are not UTF-8 replaced.
func (v *view) text(s string) string { return strings.ToValidUTF8(v.scrub.Replace(s), "\uFFFD") }

// shown returns it for people: secrets masked, and what could not be seen made visible.
func (v *view) shown(s string) string { return visible(v.scrub.Replace(s)) }

// excerpt returns the whole of an excerpt, secrets masked, for a data format.
func (v *view) excerpt(e finding.Excerpt) string { return strings.ToValidUTF8(v.joined(e), "\uFFFD") }

// joined returns the whole of an excerpt, secrets masked, byte for byte otherwise.
func (v *view) joined(e finding.Excerpt) string {
	var b strings.Builder
	for _, s := range v.segments(e) {
		b.WriteString(s.text)
	}
	return b.String()
}

// kind is the envelope's kind: "scan" for the schema "keysweep.scan/v1".
func (v *view) kind() string {
	_, name, _ := strings.Cut(v.Schema, ".")
	name, _, _ = strings.Cut(name, "/")
	return name
}

// places returns a finding's places with the one first that a person should go to: one that exists now, on disk, staged or in
// HEAD. The others keep their order.
func places(f *finding.Finding) []finding.Place {
	for i, p := range f.Places {
		if p.Kind != finding.KindFile && p.Kind != finding.KindIndex && p.InHead != finding.Yes {
			continue
		}
		out := append([]finding.Place{p}, f.Places[:i]...)
		return append(out, f.Places[i+1:]...)
	}
	return f.Places
}

// rule returns the id that names a finding best.
func rule(f *finding.Finding) string {
	if len(f.Rules) > 0 {
		return f.Rules[0]
	}
	if len(f.Places) > 0 {
		return f.Places[0].Rule
	}
	return ""
}

// title returns what was found, in words.
func title(f *finding.Finding) string {
	if f.Title != "" {
		return f.Title
	}
	return ruleTitle(rule(f))
}

func ruleTitle(id string) string { return "secret found by rule " + id }

// inHistory reports whether a place is in git's objects rather than on disk or staged.
func inHistory(p finding.Place) bool {
	switch p.Kind {
	case finding.KindBlob, finding.KindMessage, finding.KindTag, finding.KindNote:
		return true
	}
	return false
}

// where names a place in one word to go to: path:line:column, or what there is instead of a path.
func (v *view) where(p finding.Place) string {
	name := v.shown(p.Path)
	switch {
	case name != "" && p.Kind != finding.KindMessage:
	case p.Kind == finding.KindMessage && p.Commit != nil:
		name = "message of " + short(p.Commit.ID)
	case p.Kind == finding.KindStdin:
		name = "stdin"
	case p.Object != "":
		name = string(p.Kind) + " " + short(p.Object)
	default:
		name = string(p.Kind)
	}
	if p.Span.Start.Line == 0 {
		return name
	}
	return fmt.Sprintf("%s:%d:%d", name, p.Span.Start.Line, p.Span.Start.Column)
}

// short returns the first twelve digits of an object id, which git takes for the whole one in repositories of any usual size.
func short(id string) string { return visible(id[:min(len(id), 12)]) }
