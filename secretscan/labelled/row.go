package labelled

import "strings"

// Truth is what people say of a line's value.
type Truth byte

// The truths.
const (
	Credential Truth = 'T'
	Other      Truth = 'F' // no credential
	Undecided  Truth = 'X' // a placeholder or an example, or nobody can tell
)

// Row is one labelled line.
type Row struct {
	Repo     string
	Ext      string // with the dot
	Truth    Truth
	Category string
	Line     string
	Start    int // of the value in Line, in bytes; with End the whole line where none is marked
	End      int
	Number   int // of the record in its file; the first is 1
}

// Categories returns the categories of a row.
func (r *Row) Categories() []string { return strings.Split(r.Category, ":") }

// identifiers are categories of values that identify and open nothing, in the words of Samsung's CredData
// (https://github.com/Samsung/CredData, the table "Data Overview").
const identifiers = ":UUID:Nonce:Salt:AWS S3 Bucket:Firebase Domain:Tencent WeChat API App ID:Other:IPv4:IPv6:Twilio Credentials ID:"

// Core reports whether a row is about secrets: not all of its categories are such as only identify something.
func (r *Row) Core() bool {
	for _, c := range r.Categories() {
		if !strings.Contains(identifiers, ":"+c+":") {
			return true
		}
	}
	return false
}

// Covers reports whether a range of the line is about the row's value: they overlap by at least half of the shorter of the two.
func (r *Row) Covers(start, end int) bool {
	overlap := min(end, r.End) - max(start, r.Start)
	return overlap > 0 && 2*overlap >= min(end-start, r.End-r.Start)
}
