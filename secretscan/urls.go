package secretscan

import (
	"bytes"

	"keysweep/secretscan/judge"
)

// urlMarks goes through the places in a part of a content where the mark of a URL stands.
type urlMarks struct {
	data []byte
	to   int
	next int // where the next one is; to, or a place behind it: there is none
}

// begin looks for marks that start in data[from:to].
func (u *urlMarks) begin(data []byte, from, to int) {
	u.data, u.to, u.next = data, to, from-1
	u.advance()
}

// advance goes on to the next mark.
func (u *urlMarks) advance() {
	for at := u.next + 1; at < u.to; at++ {
		n := bytes.IndexByte(u.data[at:u.to], judge.URLMark[0])
		if n < 0 {
			break
		}
		if at += n; len(u.data)-at >= len(judge.URLMark) && string(u.data[at:at+len(judge.URLMark)]) == judge.URLMark {
			u.next = at
			return
		}
	}
	u.next = u.to
}

// readURLs looks at the URLs before p.
func (s *scanner) readURLs(p int) {
	for s.urls.next < p {
		s.readWord(target{anchor: wordTarget - s.engine.readers.url}, s.urls.next)
		s.urls.advance()
	}
}
