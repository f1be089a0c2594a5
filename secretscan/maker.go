package secretscan

import (
	"bytes"
	"math"
	"strings"
	"unicode/utf8"

	"keysweep/finding"
)

// excerptAround bounds how much of a line an excerpt keeps on either side of the match's start, in bytes: enough for a wide
// terminal, little enough for a line of 200 MB.
const excerptAround = 400

// matchKept bounds how much of a match is kept as text; a private key of 16,384 bits in PEM has 12.5 KB.
const matchKept = 64 << 10

// maker turns a content's raw matches into candidates.
type maker struct {
	engine *Engine
	data   []byte
	lines  lineCounter
	allows *allowIndex
}

// make returns the candidates among raw, which is ordered by start. Their excerpts mask each other's secrets.
func (m *maker) make(raw []rawMatch, base int64) []Candidate {
	var out []Candidate
	var spans []secretSpan
	for _, match := range raw {
		span, ok := m.engine.secretOf(m.data, match)
		if !ok || isAllowComment(m.data, span) {
			continue
		}
		c := m.engine.judgeText(m.data, span)
		if c == nil {
			continue
		}
		c.Offset = base + int64(span.start)
		out = append(out, *c)
		spans = append(spans, span)
	}
	for i := range out {
		m.place(&out[i], spans[i], spans)
	}
	return out
}

// secretSpan is a match with the secret in it, both trimmed, as ranges of the content.
type secretSpan struct {
	rule                   int32
	start, end             int // the match without newlines around it
	secretStart, secretEnd int
}

// secretOf trims a match as gitleaks does and finds the secret in it: the group that the rule names, or the first that is not
// empty, of the expression matched against the trimmed match alone.
func (e *Engine) secretOf(data []byte, match rawMatch) (secretSpan, bool) {
	text := data[match.start:match.end]
	trimmed := bytes.Trim(text, "\n")
	if len(trimmed) == 0 {
		return secretSpan{}, false
	}
	start := match.start + len(text) - len(bytes.TrimLeft(text, "\n"))
	span := secretSpan{match.rule, start, start + len(trimmed), start, start + len(trimmed)}
	r := &e.rules[match.rule]
	re := r.content.get()
	if re.NumSubexp() == 0 {
		return span, true
	}
	groups := re.FindSubmatchIndex(trimmed)
	group := r.SecretGroup
	for g := 1; group == 0 && g < len(groups)/2; g++ {
		if groups[2*g] < groups[2*g+1] {
			group = g
		}
	}
	if group > 0 && 2*group < len(groups) {
		from, to := max(groups[2*group], 0), max(groups[2*group+1], 0)
		span.secretStart, span.secretEnd = start+from, start+to
	}
	return span, true
}

// isAllowComment reports whether what was taken for a secret is an allow comment: "keysweep:allow=private-key" has the shape of
// a key and its value.
func isAllowComment(data []byte, span secretSpan) bool {
	return bytes.HasPrefix(data[span.secretStart:], []byte("allow")) && bytes.HasSuffix(data[:span.secretStart], []byte("keysweep:"))
}

// judgeText decides whatever can be decided from the content: entropy and the parts of allowlists that look at text. nil: it
// is no candidate.
func (e *Engine) judgeText(data []byte, span secretSpan) *Candidate {
	r := &e.rules[span.rule]
	match := string(data[span.start:span.end])
	secret := match[span.secretStart-span.start : span.secretEnd-span.start]
	entropy := shannon(secret)
	if r.Entropy != 0 && entropy <= r.Entropy {
		return nil
	}
	if r.gated && !containsAny(strings.ToLower(match), r.Keywords) && !hasKeyword(data, r.Keywords) {
		return nil
	}
	c := &Candidate{Rule: r.ID, rule: span.rule, Secret: finding.NewSecret(secret), Entropy: entropy}
	line := ""
	for n, lists := range [][]allowlist{e.global, r.allow} {
		for i := range lists {
			a := &lists[i]
			if !a.wantsText() {
				continue
			}
			if a.target == TargetLine && line == "" {
				line = string(data[lineStart(data, span.start):lineEnd(data, span.end)])
			}
			if !a.allowsText(secret, match, line) {
				continue
			}
			if !a.and || !a.wantsPlace() {
				return nil
			}
			c.allowed = append(c.allowed, int32(i)<<1|int32(n))
		}
	}
	return c
}

// lineStart returns the place of the newline before i, or 0: gitleaks' idea of where a line starts, which expressions for whole
// lines are written against.
func lineStart(data []byte, i int) int { return max(bytes.LastIndexByte(data[:i], '\n'), 0) }

func lineEnd(data []byte, i int) int {
	if n := bytes.IndexByte(data[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(data)
}

// place gives a candidate its position, its excerpts, and the allow comment that covers it.
func (m *maker) place(c *Candidate, span secretSpan, all []secretSpan) {
	c.Span.Start = m.lines.position(m.data, span.start)
	end := m.lines
	c.Span.End = end.position(m.data, span.end)
	c.Allow = m.allows.covers(c.Rule, c.Span.Start.Line, c.Span.End.Line)

	from := max(span.start-excerptAround, 0)
	from += bytes.LastIndexByte(m.data[from:span.start], '\n') + 1
	to := min(span.start+2*excerptAround, len(m.data))
	if n := bytes.IndexByte(m.data[span.start:to], '\n'); n >= 0 {
		to = span.start + n
	}
	c.Line = m.excerpt(c, span, all, from, to)
	c.Match = m.excerpt(c, span, all, span.start, min(span.end, span.start+matchKept))
}

// excerpt cuts a piece out of the content and masks every secret in it, further copies of the candidate's own included.
func (m *maker) excerpt(c *Candidate, span secretSpan, all []secretSpan, from, to int) finding.Excerpt {
	text := validUTF8(m.data[from:to])
	var others []finding.Range
	for _, o := range all {
		if o.secretStart < to && from < o.secretEnd {
			others = append(others, finding.Range{Start: o.secretStart - from, End: o.secretEnd - from})
		}
	}
	secret := c.Secret.Reveal()
	for at := 0; len(secret) > 0; {
		i := strings.Index(text[at:], secret)
		if i < 0 {
			break
		}
		others = append(others, finding.Range{Start: at + i, End: at + i + len(secret)})
		at += i + len(secret)
	}
	return finding.NewExcerpt(text, finding.Range{Start: span.secretStart - from, End: span.secretEnd - from}, others)
}

// validUTF8 returns data with a question mark for each byte that is not part of a character, so that offsets stay.
func validUTF8(data []byte) string {
	if utf8.Valid(data) {
		return string(data)
	}
	out := bytes.Clone(data)
	for i := 0; i < len(out); {
		r, size := utf8.DecodeRune(out[i:])
		if r == utf8.RuneError && size == 1 {
			out[i] = '?'
		}
		i += size
	}
	return string(out)
}

// shannon returns the Shannon entropy of text in bits per byte, as gitleaks has it: counted in characters, divided by bytes.
func shannon(text string) float64 {
	if text == "" {
		return 0
	}
	var ascii [128]int
	var other map[rune]int
	for _, r := range text {
		if r < 128 {
			ascii[r]++
			continue
		}
		if other == nil {
			other = make(map[rune]int)
		}
		other[r]++
	}
	entropy, scale := 0.0, 1/float64(len(text))
	add := func(n int) {
		if n > 0 {
			p := float64(n) * scale
			entropy -= p * math.Log2(p)
		}
	}
	for _, n := range ascii {
		add(n)
	}
	for _, n := range other {
		add(n)
	}
	return entropy
}
