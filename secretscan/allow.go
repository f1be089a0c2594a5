package secretscan

import (
	"bytes"
	"strings"
)

// Allow comments, as the documentation describes them:
//
//	key = "..."  # keysweep:allow=generic-api-key -- test fixture      its own line
//	# keysweep:allow -- test fixture                                   the next line, if alone on its line
//	# keysweep:allow-begin -- vectors of RFC 8032                      everything down to
//	# keysweep:allow-end
//	key = "..."  # gitleaks:allow                                      its own line, as gitleaks has it
const (
	allowMarker    = "keysweep:allow"
	gitleaksMarker = "gitleaks:allow"
	// allowTail bounds how much of a line is read after a marker.
	allowTail = 512
)

// allowIndex holds the allow comments of a content. A nil index covers nothing.
type allowIndex struct {
	lines  map[int][]allowRange // comments that cover one line, by that line
	blocks []allowRange
}

// allowRange is what one comment covers.
type allowRange struct {
	at, end     int // where the comment stands, and of a closed block its end, as offsets into the data
	first, last int // lines, from 1
	rules       []string
	allow       Allow
}

const (
	// forever is the last line of a block that is not closed: it stays open to the end of the file.
	forever = int(^uint(0) >> 1)
	// allowBlocksMost bounds how many blocks are honoured, since each candidate is held against all of them. What lies in
	// further ones is reported.
	allowBlocksMost = 1000
	// allowLineMost bounds how many comments count that cover the same line, for the same reason.
	allowLineMost = 100
)

// newAllowIndex reads the allow comments at marks, which are in order; data's first byte is at the counter's place. before holds what
// carry returned for what stands before.
func newAllowIndex(data []byte, marks []int32, lines lineCounter, before *allowIndex) *allowIndex {
	if len(marks) == 0 && before == nil {
		return nil
	}
	x := &allowIndex{lines: make(map[int][]allowRange)}
	if before != nil {
		x.blocks = append(x.blocks, before.blocks...)
		for line, ranges := range before.lines {
			x.lines[line] = ranges
		}
	}
	for _, mark := range marks {
		i := int(mark)
		line := lines.position(data, i).Line
		if bytes.HasPrefix(data[i:], []byte(allowMarker)) {
			x.add(data, i, line)
		} else {
			x.cover(allowRange{at: i, first: line, last: line, allow: Allow{By: gitleaksMarker, Line: line}})
		}
	}
	return x
}

// add reads the keysweep:allow comment at data[i:].
func (x *allowIndex) add(data []byte, i, line int) {
	tail := data[i+len(allowMarker) : min(len(data), i+len(allowMarker)+allowTail)]
	if n := bytes.IndexByte(tail, '\n'); n >= 0 {
		tail = tail[:n]
	}
	kind, rules, reason, ok := parseAllow(strings.ToValidUTF8(string(tail), "?"))
	if !ok {
		return
	}
	r := allowRange{at: i, first: line, last: line, rules: rules, allow: Allow{By: "allow comment", Line: line, Reason: reason}}
	switch kind {
	case "-begin":
		if r.last = forever; len(x.blocks) < allowBlocksMost {
			x.blocks = append(x.blocks, r)
		}
	case "-end":
		x.close(i, line)
	default:
		if aloneOnLine(data, i) {
			r.first, r.last = line+1, line+1
		}
		x.cover(r)
	}
}

// cover adds a comment to those of its line, unless one before it stands for every rule already.
func (x *allowIndex) cover(r allowRange) {
	list := x.lines[r.first]
	if n := len(list); n < allowLineMost && (n == 0 || list[n-1].rules != nil) {
		x.lines[r.first] = append(list, r)
	}
}

// close ends the block that was opened last.
func (x *allowIndex) close(at, line int) {
	for i := len(x.blocks) - 1; i >= 0; i-- {
		if r := &x.blocks[i]; r.last == forever {
			r.end, r.last = at, line
			return
		}
	}
}

// carry returns the comments of data[:cut], as they are seen from there, that can cover something from line on.
func (x *allowIndex) carry(cut, line int) *allowIndex {
	if x == nil {
		return nil
	}
	out := &allowIndex{lines: make(map[int][]allowRange)}
	for _, r := range x.blocks {
		if r.at < cut && r.last >= line {
			if r.at = -1; r.end >= cut {
				r.end, r.last = 0, forever // its end is read again
			} else {
				r.end = 0
			}
			out.blocks = append(out.blocks, r)
		}
	}
	for first, ranges := range x.lines {
		for _, r := range ranges {
			if r.at < cut && r.last >= line {
				r.at = -1
				out.lines[first] = append(out.lines[first], r)
			}
		}
	}
	return out
}

// parseAllow reads what follows the marker: [-begin|-end][=RULE,...][ -- reason].
func parseAllow(tail string) (kind string, rules []string, reason string, ok bool) {
	for _, k := range []string{"-begin", "-end"} {
		if rest, found := strings.CutPrefix(tail, k); found {
			kind, tail = k, rest
		}
	}
	if rest, found := strings.CutPrefix(tail, "="); found {
		end := strings.IndexAny(rest, " \t\r")
		if end < 0 {
			end = len(rest)
		}
		for _, rule := range strings.Split(rest[:end], ",") {
			if rule = strings.TrimRight(rule, `*/->"';)`); rule != "" {
				rules = append(rules, rule)
			}
		}
		tail = rest[end:]
	} else if tail != "" && (isWord(tail[0]) || tail[0] == '-') {
		return "", nil, "", false // keysweep:allowed, keysweep:allow-list
	}
	if _, after, found := strings.Cut(tail, "--"); found && !strings.HasPrefix(after, ">") {
		reason = strings.TrimSpace(after)
		for _, closer := range []string{"*/", "-->", "--}}", "*)"} {
			reason = strings.TrimSpace(strings.TrimSuffix(reason, closer))
		}
	}
	return kind, rules, reason, true
}

// aloneOnLine reports whether nothing but white space and the signs that start comments stands before data[i] on its line.
func aloneOnLine(data []byte, i int) bool {
	const signs = "#/*;-<!%'\"({ \t\r"
	for j := i - 1; j >= 0 && data[j] != '\n'; j-- {
		if strings.IndexByte(signs, data[j]) < 0 && !bytes.HasSuffix(bytes.ToLower(data[max(0, j-2):j+1]), []byte("rem")) {
			return false
		} else if strings.IndexByte(signs, data[j]) < 0 {
			j -= 2
		}
	}
	return true
}

// covers returns the comment that covers a match of a rule on the lines first to last.
func (x *allowIndex) covers(rule string, first, last int) *Allow {
	if x == nil {
		return nil
	}
	for i := range x.blocks {
		if r := &x.blocks[i]; r.first <= last && first <= r.last && namesRule(r.rules, rule) {
			return &r.allow
		}
	}
	if len(x.lines) == 0 {
		return nil
	}
	for line := first; line <= last; line++ {
		for i := range x.lines[line] {
			if r := &x.lines[line][i]; namesRule(r.rules, rule) {
				return &r.allow
			}
		}
	}
	return nil
}

func namesRule(rules []string, rule string) bool {
	if len(rules) == 0 {
		return true
	}
	for _, r := range rules {
		if r == rule {
			return true
		}
	}
	return false
}
