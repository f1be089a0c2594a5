package finding

import (
	"fmt"
	"log/slog"
	"sort"
	"strings"
)

// Excerpt is the text around a match: the match's first line and, of a match of several lines, as much as was kept. It knows
// where secrets stand in it, all of them, not only the finding's own, and prints them masked; only Reveal gives the text.
type Excerpt struct {
	text    string
	secrets []Range
	blank   bool
}

// Range is a half-open range of byte offsets.
type Range struct{ Start, End int }

// Piece is a part of an excerpt in the order of the text.
type Piece struct {
	Text   string // as it may be shown: a secret is masked
	Secret bool   // it stands for a secret
	Own    bool   // it stands for the finding's own secret: the thing to underline
}

// NewExcerpt makes an excerpt of text. own is the finding's own secret in it (empty: none); others are secrets of other
// findings. Ranges may overlap and reach over the ends.
func NewExcerpt(text string, own Range, others []Range) Excerpt {
	clip := func(r Range) Range {
		return Range{max(0, min(r.Start, len(text))), max(0, min(r.End, len(text)))}
	}
	e := Excerpt{text: text, secrets: []Range{clip(own)}}
	rest := append([]Range(nil), others...)
	sort.Slice(rest, func(i, j int) bool { return rest[i].Start < rest[j].Start })
	for _, r := range rest {
		if r = clip(r); r.Start < r.End {
			e.secrets = append(e.secrets, r)
		}
	}
	return e
}

// Blank returns the excerpt with masks that show nothing of what they stand for, not even how a long one begins: a secret may be short
// that is long as it is written there.
func (e Excerpt) Blank() Excerpt {
	e.blank = true
	return e
}

// IsBlank reports whether the excerpt was made by Blank.
func (e Excerpt) IsBlank() bool { return e.blank }

// IsZero reports whether there is no text.
func (e Excerpt) IsZero() bool { return e.text == "" }

// Reveal returns the text with its secrets, and the range of the finding's own. Call it only where the user asked for secrets.
func (e Excerpt) Reveal() (text string, own Range) {
	if len(e.secrets) > 0 {
		own = e.secrets[0]
	}
	return e.text, own
}

// Ranges returns where secrets stand in the text that Reveal returns: first the finding's own, then all, in order.
func (e Excerpt) Ranges() []Range { return append([]Range(nil), e.secrets...) }

// Pieces splits the excerpt into what may be shown: plain text, and masks where secrets stand.
func (e Excerpt) Pieces() []Piece {
	if len(e.secrets) == 0 {
		if e.text == "" {
			return nil
		}
		return []Piece{{Text: e.text}}
	}
	own, rest := e.secrets[0], e.secrets[1:]
	all := append([]Range(nil), rest...)
	if own.Start < own.End {
		all = append(all, own)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Start < all[j].Start })
	var pieces []Piece
	at := 0
	for i := 0; i < len(all); {
		merged, shortest := all[i], all[i]
		for i++; i < len(all) && all[i].Start < merged.End; i++ {
			merged.End = max(merged.End, all[i].End)
			if all[i].End-all[i].Start < shortest.End-shortest.Start {
				shortest = all[i]
			}
		}
		if at < merged.Start {
			pieces = append(pieces, Piece{Text: e.text[at:merged.Start]})
		}
		isOwn := own.Start < own.End && own.Start >= merged.Start && own.End <= merged.End
		pieces = append(pieces, Piece{Text: e.mask(merged, shortest), Secret: true, Own: isOwn})
		at = merged.End
	}
	if at < len(e.text) {
		pieces = append(pieces, Piece{Text: e.text[at:]})
	}
	return pieces
}

// mask masks a stretch of overlapping secrets as the shortest of them asks for: what a long one may show of itself can be most of
// a short one.
func (e Excerpt) mask(merged, shortest Range) string {
	if e.blank || NewSecret(e.text[shortest.Start:shortest.End]).ShowsNothing() {
		return NewSecret("").Masked()
	}
	return NewSecret(e.text[merged.Start:merged.End]).Masked()
}

// String returns the text with every secret masked.
func (e Excerpt) String() string {
	var b strings.Builder
	for _, p := range e.Pieces() {
		b.WriteString(p.Text)
	}
	return b.String()
}

// GoString returns the masked form for %#v.
func (e Excerpt) GoString() string { return "finding.Excerpt(" + e.String() + ")" }

// Format makes every verb print the masked form.
func (e Excerpt) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(e.String())) }

// MarshalText makes JSON and other encodings carry the masked form.
func (e Excerpt) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// LogValue makes slog carry the masked form.
func (e Excerpt) LogValue() slog.Value { return slog.StringValue(e.String()) }
