package script

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"

	"keysweep/script/internal/text"
)

// unwrap takes gzip, base64 or MIME off.
func (f *File) unwrap(t *text.Text, form form, w where) {
	switch form {
	case compressed:
		f.inflate(t, w)
	case encoded:
		f.base64(t, w)
	default:
		f.multipart(t, w)
	}
}

// decodeBase64 returns what base64 stands for; white space is passed over.
func decodeBase64(data []byte) ([]byte, bool) {
	compact := bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == ' ' || r == '\t' {
			return -1
		}
		return r
	}, data)
	compact = bytes.TrimRight(compact, "=")
	enc := base64.RawStdEncoding
	if bytes.ContainsAny(compact, "-_") {
		enc = base64.RawURLEncoding
	}
	out := make([]byte, enc.DecodedLen(len(compact)))
	n, err := enc.Decode(out, compact)
	return out[:n], err == nil && n > 0
}

// base64 looks at what a text in base64 stands for.
func (f *File) base64(t *text.Text, w where) {
	out, ok := decodeBase64(t.Data)
	if !ok {
		f.limit("it is no base64 that can be read")
		return
	}
	f.inner(text.Decoded(t, 0, len(t.Data), out), w.in("in base64", w.path))
}

// inner looks at a text that was decoded.
func (f *File) inner(t *text.Text, w where) {
	if w.depth > maxDepth {
		f.limit("it is wrapped more than %d times", maxDepth)
		return
	}
	if bytes.HasPrefix(t.Data, []byte("\x1f\x8b")) {
		f.inflate(t, w)
		return
	}
	if f.keep(t) {
		f.guess(t, w)
	}
}

// inflate looks at what a gzipped text holds.
func (f *File) inflate(t *text.Text, w where) {
	z, err := gzip.NewReader(bytes.NewReader(t.Data))
	if err != nil {
		f.limit("what is gzipped in it cannot be read: %v", err)
		return
	}
	out, err := io.ReadAll(io.LimitReader(z, int64(max(0, f.budget))+1))
	if err != nil {
		f.limit("what is gzipped in it cannot be read to its end: %v", err)
	}
	if len(out) == 0 {
		return
	}
	f.inner(text.Decoded(t, 0, len(t.Data), out), w.in("gzipped", w.path))
}

// multipart looks at the parts of a MIME message.
func (f *File) multipart(t *text.Text, w where) {
	body, header := f.header(t, 0, len(t.Data))
	kind, params, err := mime.ParseMediaType(header["content-type"])
	if err != nil || !strings.HasPrefix(kind, "multipart/") || params["boundary"] == "" {
		f.limit("it is no message of MIME whose parts can be told")
		return
	}
	mark := []byte("--" + params["boundary"])
	data := t.Data
	start := -1
	for at := body; at <= len(data); {
		end := len(data)
		if n := bytes.IndexByte(data[at:], '\n'); n >= 0 {
			end = at + n
		}
		line := bytes.TrimRight(data[at:end], "\r \t")
		if bytes.HasPrefix(line, mark) {
			if start >= 0 {
				f.mimePart(t, start, at, w)
			}
			start = end + 1
			if bytes.Equal(line, append(bytes.Clone(mark), "--"...)) {
				return
			}
		}
		at = end + 1
	}
	if start >= 0 && start < len(data) {
		f.mimePart(t, start, len(data), w)
	}
}

// header reads the header lines of data[from:to] and returns where the body starts. Names are in lower case.
func (f *File) header(t *text.Text, from, to int) (body int, fields map[string]string) {
	fields = map[string]string{}
	last := ""
	for at := from; at < to; {
		end := to
		if n := bytes.IndexByte(t.Data[at:to], '\n'); n >= 0 {
			end = at + n
		}
		line := strings.TrimRight(string(t.Data[at:end]), "\r")
		at = end + 1
		if strings.TrimSpace(line) == "" {
			if len(fields) == 0 {
				continue
			}
			return min(at, to), fields
		}
		if (line[0] == ' ' || line[0] == '\t') && last != "" {
			fields[last] += " " + strings.TrimSpace(line)
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || len(fields) > 100 {
			return from, fields
		}
		last = strings.ToLower(strings.TrimSpace(name))
		fields[last] = strings.TrimSpace(value)
	}
	return to, fields
}

// mimePart looks at one part.
func (f *File) mimePart(t *text.Text, from, to int, w where) {
	body, header := f.header(t, from, to)
	kind, params, err := mime.ParseMediaType(header["content-type"])
	if err != nil {
		kind = "text/plain"
	}
	inner := text.Part(t, min(body, to), to)
	w = w.in("part "+kind, params["name"])
	w.setup = true
	switch strings.ToLower(header["content-transfer-encoding"]) {
	case "base64":
		out, ok := decodeBase64(inner.Data)
		if !ok {
			f.limit("a part of it is no base64 that can be read")
			return
		}
		inner = text.Decoded(inner, 0, len(inner.Data), out)
		if !f.keep(inner) {
			return
		}
	case "quoted-printable":
		out, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(inner.Data)))
		if err != nil {
			f.limit("a part of it is no quoted-printable text that can be read: %v", err)
			return
		}
		inner = text.Decoded(inner, 0, len(inner.Data), out)
		if !f.keep(inner) {
			return
		}
	}
	form := byContent(inner.Data)
	if form == nothing {
		switch {
		case strings.HasPrefix(kind, "text/x-shellscript"):
			form = script
		case kind == "text/cloud-config" || kind == "text/jinja2":
			form = cloudConfig
		case kind == "text/cloud-config-archive":
			form = archive
		case kind == "text/cloud-config-jsonp":
			form = jsonPatch
		case kind == "text/part-handler":
			form = partHandler
		case kind == "text/cloud-boothook":
			form = bootHook
		case kind == "text/x-include-url" || kind == "text/x-include-once-url":
			form = include
		case strings.HasPrefix(kind, "multipart/"):
			inner = text.Part(t, from, to)
			form = mimeForm
		default:
			return
		}
	}
	f.take(inner, form, w)
}

// include looks at a list of URLs that cloud-init fetches and runs.
func (f *File) include(t *text.Text, w where) {
	for at := 0; at < len(t.Data); {
		end := len(t.Data)
		if n := bytes.IndexByte(t.Data[at:], '\n'); n >= 0 {
			end = at + n
		}
		line := strings.TrimSpace(string(t.Data[at:end]))
		if line != "" && line[0] != '#' {
			from := at + bytes.Index(t.Data[at:end], []byte(line))
			span := text.Span{Text: t, From: from, To: from + len(line)}
			if clear(line) {
				f.say(&hit{rule: httpDownload, span: span, part: w.name})
			}
			if !isLocal(line) {
				f.say(&hit{rule: pipeToShell, span: span, part: w.name, title: "cloud-init fetches it and runs it as root"})
			}
		}
		at = end + 1
	}
}
