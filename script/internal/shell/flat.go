package shell

import (
	"bytes"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"keysweep/script/internal/text"
)

// flatten adds a word to a text without its quotes. Expansions stay as they are written, so that what is inside of quotes can be
// parsed again.
func (r *reader) flatten(b *text.Builder, parts []syntax.WordPart, quoted bool) {
	for _, part := range parts {
		from, to := r.offsets(part)
		switch part := part.(type) {
		case *syntax.Lit:
			r.unescape(b, from, to, quoted)
		case *syntax.SglQuoted:
			if part.Dollar {
				r.ansiC(b, from+2, to-1)
			} else {
				b.Copy(from+1, to-1)
			}
		case *syntax.DblQuoted:
			r.flatten(b, part.Parts, true)
		default:
			b.Copy(from, to)
		}
	}
}

// unescape adds literal text without the backslashes that the shell takes off.
func (r *reader) unescape(b *text.Builder, from, to int, quoted bool) {
	data := r.text.Data
	start := from
	for i := from; i < to-1; i++ {
		if data[i] != '\\' || quoted && bytes.IndexByte([]byte("$`\"\\\n"), data[i+1]) < 0 {
			continue
		}
		b.Copy(start, i)
		start = i + 1
		if i++; data[i] == '\n' {
			start = i + 1
		}
	}
	b.Copy(start, to)
}

// ansiC adds the text of $'...'.
func (r *reader) ansiC(b *text.Builder, from, to int) {
	data := r.text.Data
	start := from
	for i := from; i < to-1; i++ {
		if data[i] != '\\' {
			continue
		}
		b.Copy(start, i)
		out, size := escape(data[i:to])
		b.Put(out, i, i+size)
		start = i + size
		i += size - 1
	}
	b.Copy(start, to)
}

// escape reads an escape of $'...' that data starts with.
func escape(data []byte) (out []byte, size int) {
	const names, means = `abefnrtv\'"?`, "\a\b\x1b\f\n\r\t\v\\'\"?"
	if i := strings.IndexByte(names, data[1]); i >= 0 {
		return []byte{means[i]}, 2
	}
	digits, base, most := 1, 8, 4
	switch data[1] {
	case 'x':
		digits, base, most = 2, 16, 4
	case 'u':
		digits, base, most = 2, 16, 6
	}
	end := digits
	for end < len(data) && end < most && isDigit(data[end], base) {
		end++
	}
	n, err := strconv.ParseUint(string(data[digits:end]), base, 32)
	if err != nil {
		return data[:2], 2
	}
	if data[1] == 'u' {
		return []byte(string(rune(n))), end
	}
	return []byte{byte(n)}, end
}

func isDigit(b byte, base int) bool {
	_, err := strconv.ParseUint(string(b), base, 8)
	return err == nil
}

// body returns where the lines of a here-document stand, without the word that ends it.
func (r *reader) body(redirect *syntax.Redirect) (from, to int) {
	from, to = r.offsets(redirect.Hdoc)
	b := text.From(r.text)
	r.flatten(b, redirect.Word.Parts, false)
	last := from + bytes.LastIndexByte(r.text.Data[from:to], '\n') + 1
	if line := bytes.TrimLeft(r.text.Data[last:to], "\t"); string(line) == string(b.Text().Data) {
		to = last
	}
	return from, to
}

// heredoc returns the text of a here-document as the command gets it.
func (r *reader) heredoc(redirect *syntax.Redirect) *text.Text {
	b := text.From(r.text)
	if redirect.Hdoc == nil {
		return b.Text()
	}
	literal := strings.ContainsAny(r.source(redirect.Word), `'"\`)
	from, to := r.body(redirect)
	tabs := redirect.Op == syntax.DashHdoc
	data := r.text.Data
	for from < to {
		end := from + bytes.IndexByte(data[from:to], '\n') + 1
		if end <= from {
			end = to
		}
		for tabs && from < end && data[from] == '\t' {
			from++
		}
		if literal {
			b.Copy(from, end)
		} else {
			r.unescape(b, from, end, true)
		}
		from = end
	}
	return b.Text()
}
