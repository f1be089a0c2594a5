package secretscan

import (
	"bytes"

	"keysweep/secretscan/judge"
)

// urlEnds goes through the places in a part of a content where the user's part of a URL may end: an @. The mark of a URL has three signs like
// many others, and the prefilter would stop at every second line for it.
type urlEnds struct {
	data []byte
	to   int
	next int // where the next one is; to, or a place behind it: there is none
}

// begin looks for places in data[from:to].
func (u *urlEnds) begin(data []byte, from, to int) {
	u.data, u.to, u.next = data, to, from-1
	u.advance()
}

// advance goes on to the next place.
func (u *urlEnds) advance() {
	from := u.next + 1
	if u.next = u.to; from < u.to {
		if n := bytes.IndexByte(u.data[from:u.to], '@'); n >= 0 {
			u.next = from + n
		}
	}
}

// readURLs looks at the ends of users' parts before p.
func (s *scanner) readURLs(p int) {
	for s.urls.next < p {
		s.readURL(s.urls.next)
		s.urls.advance()
	}
}

// readURL looks at the @ at p. That there is no URL before it leaves nothing in a trace: see known.
func (s *scanner) readURL(p int) {
	word := s.engine.readers.url
	if mark := judge.URLBefore(s.data, p); mark >= 0 {
		s.readClaims(spot{anchor: wordTarget - word, at: int32(p)}, &s.engine.readers.words[word], mark)
	}
}
