package shell

import (
	"bytes"
	"errors"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"keysweep/script/internal/text"
)

// maxLine is the longest line, with those that it is continued on, that is read on its own.
const maxLine = 16 << 10

// broken reads a text that cannot be parsed: what comes before the mistake as a whole, the rest line by line.
func (r *reader) broken(data []byte, why error) {
	at, over := 0, false
	if !errors.Is(why, errTooDeep) && !errors.Is(why, errTooLong) {
		if at, over = r.beginning(data); over {
			return // it is never read so far: an archive, or another language
		}
	}
	if r.script.Problem == nil {
		span := text.Span{Text: r.text, From: at, To: at}
		var parse syntax.ParseError
		var lang syntax.LangError
		switch {
		case errors.As(why, &parse):
			span.From, why = int(parse.Pos.Offset()), errors.New(parse.Text)
		case errors.As(why, &lang):
			span.From, why = int(lang.Pos.Offset()), errors.New(lang.Feature+" belong to another shell")
		}
		span.From = min(span.From, len(data))
		span.To = span.From
		if n := bytes.IndexByte(data[span.From:], '\n'); n > 0 {
			span.To += n
		} else if n < 0 {
			span.To = len(data)
		}
		r.script.Problem = &Problem{Span: span, Text: why.Error()}
	}
	for at < len(data) {
		end := lineEnd(data, at)
		if end-at <= maxLine {
			r.line(data, at, end)
		}
		at = end
	}
}

// beginning reads the statements before a mistake, and returns where the last one of them ends, and whether the script is over there: after exit
// or exec COMMAND a shell reads no further.
func (r *reader) beginning(data []byte) (end int, over bool) {
	defer func() { _ = recover() }() // as in parse
	var good []*syntax.Stmt
	for s, err := range syntax.NewParser(syntax.Variant(syntax.LangBash)).StmtsSeq(bytes.NewReader(data)) {
		if err != nil {
			break
		}
		good = append(good, s)
	}
	for _, s := range good {
		to := int(s.End().Offset())
		for _, d := range s.Redirs {
			if d.Hdoc != nil {
				to = max(to, int(d.Hdoc.End().Offset()))
			}
		}
		if to > len(data) || to < end {
			break
		}
		end = to
		r.stmt(s)
		if over = ends(s); over {
			return end, true
		}
	}
	if n := bytes.IndexByte(data[end:], '\n'); end > 0 && n >= 0 {
		end += n + 1
	}
	return end, false
}

// ends reports whether a statement ends the script, or hands it to another program: exit, exec COMMAND.
func ends(s *syntax.Stmt) bool {
	call, ok := s.Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) == 0 || s.Background {
		return false
	}
	name := call.Args[0].Lit()
	if name == "" { // '''exec' of scripts that are Python, too
		for _, part := range call.Args[0].Parts {
			if q, ok := part.(*syntax.SglQuoted); ok && q.Value != "" {
				name += q.Value
			} else if l, ok := part.(*syntax.Lit); ok {
				name += l.Value
			}
		}
	}
	return name == "exit" || name == "exec" && len(call.Args) > 1
}

// lineEnd returns where the line at an offset ends, with those that it is continued on.
func lineEnd(data []byte, at int) int {
	for at < len(data) {
		n := bytes.IndexByte(data[at:], '\n')
		if n < 0 {
			return len(data)
		}
		at += n + 1
		if n == 0 || data[at-2] != '\\' {
			return at
		}
	}
	return len(data)
}

// line reads a line that may be a part of something larger.
func (r *reader) line(data []byte, from, to int) {
	tries := [][2]int{{from, to}, trimmed(data, from, to)}
	for _, t := range tries {
		if r.piece(t[0], t[1]) {
			return
		}
	}
	start := tries[1][0]
	for i := start; i <= tries[1][1]; i++ {
		if i == tries[1][1] || data[i] == ';' || data[i] == '&' {
			if i > start {
				part := trimmed(data, start, i)
				r.piece(part[0], part[1])
			}
			start = i + 1
		}
	}
}

// trimmed returns a line without the reserved words that open and close compound commands.
func trimmed(data []byte, from, to int) [2]int {
	for again := true; again; {
		again = false
		line := string(data[from:to])
		left := len(line) - len(strings.TrimLeft(line, " \t"))
		right := len(strings.TrimRight(line, " \t\r\n;"))
		if left >= right {
			return [2]int{from, from}
		}
		line = line[left:right]
		from, to = from+left, from+right
		for _, word := range []string{"if ", "elif ", "then ", "else ", "while ", "until ", "do ", "! ", "{ ", "("} {
			if strings.HasPrefix(line, word) {
				from, again = from+len(word), true
				line = line[len(word):]
			}
		}
		for _, word := range []string{"; then", "; do", " }", ")", " fi", " done", " &&", " ||", " |", " {", " esac"} {
			if strings.HasSuffix(line, word) {
				to, again = to-len(word), true
				break
			}
		}
		if from >= to {
			return [2]int{from, from}
		}
	}
	return [2]int{from, to}
}

// piece reads a part of the text if it can be parsed on its own.
func (r *reader) piece(from, to int) bool {
	if from >= to {
		return true
	}
	t := text.Part(r.text, from, to)
	file, err := parse(Blank(t.Data), "bash")
	if err != nil {
		return false
	}
	inner := *r
	inner.text = t
	inner.stmts(file.Stmts)
	return true
}
