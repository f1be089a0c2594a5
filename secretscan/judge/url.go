package judge

import "bytes"

// Limits of what stands in a URL's authority, in bytes.
const (
	userMost     = 128
	passwordMost = 256
)

// source returns the claim, if any, of the password in a source of data of the database that is named before p: "mysql", "me:secret@tcp(db:3306)/x", as
// Go's driver has it.
func (f *finder) source(p int) []Claim {
	if p = f.closers(p); f.peek(p) != ',' {
		return nil
	}
	var text Claim
	if !f.quoted(&text, f.prefix(f.spaces(p+1))) {
		return nil
	}
	colon := text.Start
	for colon < text.End && (isWord(f.text[colon]) || contains("-.", f.text[colon])) {
		colon++
	}
	at := bytes.LastIndexByte(f.text[colon:text.End], '@') + colon
	if f.peek(colon) != ':' || at <= colon+1 || at-colon > passwordMost || bytes.IndexByte(f.text[at:text.End], '/') < 0 || !contains("tu/", f.peek(at+1)) {
		return nil
	}
	c := Claim{Lane: URL, User: string(f.text[text.Start:colon]), Start: colon + 1, End: at}
	f.fill(&c, text.Start)
	return f.keep(nil, &c)
}

// FindURL returns the claim, if any, of a password in the URL whose "://" stands at text[at:].
func FindURL(text []byte, at int) []Claim { return (*Bar)(nil).FindURL(text, at) }

// FindURL is judge.FindURL for claims that may count.
func (b *Bar) FindURL(text []byte, at int) []Claim {
	f := newFinder(text, at, at+len(URLMark))
	f.bar = b
	user := at + len(URLMark)
	colon := user
	for colon-user < userMost && colon < f.to && f.text[colon] > ' ' && !contains(":/@\"'`<>?#\\", f.text[colon]) {
		colon++
	}
	if f.peek(colon) != ':' {
		return nil
	}
	end := colon + 1
	for end-colon < passwordMost && end < f.to && f.text[end] > ' ' && !contains("@\"'`<>/\\", f.text[end]) {
		end++
	}
	if f.peek(end) != '@' || end == colon+1 || !isWord(f.peek(end+1)) && !contains("[${<%", f.peek(end+1)) {
		return nil
	}
	c := Claim{Lane: URL, User: string(text[user:colon]), Start: colon + 1, End: end}
	f.fill(&c, at)
	return f.keep(nil, &c)
}
