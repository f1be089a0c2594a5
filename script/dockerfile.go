package script

import (
	"encoding/json"
	"strings"

	"keysweep/script/internal/shell"
	"keysweep/script/internal/text"
)

// instruction is one of a Dockerfile (https://docs.docker.com/reference/dockerfile/).
type instruction struct {
	name string // in upper case
	span text.Span
	rest *text.Text   // what follows the name, continued lines joined, comments between them left out
	docs []*text.Text // here-documents
	all  *text.Text   // rest and here-documents as they stand, for the shell
}

// dockerfile looks at the instructions of a Dockerfile.
func (f *File) dockerfile(t *text.Text, w where) {
	w.setup = true
	vars := map[string]*shell.Var{}
	list := instructions(t)
	f.added(list, w)
	for _, one := range list {
		w.vars = vars
		switch one.name {
		case "FROM":
			vars = map[string]*shell.Var{} // a new stage has no variables of the one before
		case "RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK":
			f.runInstruction(one, w)
		case "ENV", "ARG":
			f.envInstruction(one, w, vars)
		case "COPY":
			f.copyInstruction(one, w)
		case "ONBUILD":
			rest := strings.TrimSpace(string(one.rest.Data))
			if after, ok := strings.CutPrefix(rest, "RUN "); ok {
				i := strings.Index(string(one.rest.Data), after)
				f.script(text.Part(one.rest, i, len(one.rest.Data)), fragment, w.in("RUN", ""), "sh")
			}
		}
	}
}

// instructions reads the instructions of a Dockerfile.
func instructions(t *text.Text) (list []instruction) {
	data := t.Data
	escape := byte('\\')
	if strings.Contains(strings.ToLower(string(data[:min(len(data), 200)])), "# escape=`") {
		escape = '`'
	}
	for at := 0; at < len(data); {
		end := at + lineLength(data[at:])
		line := strings.TrimSpace(string(data[at:end]))
		if line == "" || line[0] == '#' {
			at = end + 1
			continue
		}
		name, _, _ := strings.Cut(line, " ")
		one := instruction{name: strings.ToUpper(strings.TrimSpace(name))}
		from := at + strings.Index(string(data[at:end]), name) + len(name)
		start := at + strings.Index(string(data[at:end]), name)
		b := text.From(t)
		for {
			stripped := strings.TrimRight(string(data[from:end]), " \t\r")
			if n := len(stripped); n > 0 && stripped[n-1] == escape && end < len(data) {
				b.Copy(from, from+n-1)
				b.Put([]byte(" "), from+n-1, from+n)
				from, end = end+1, end+1+lineLength(data[end+1:])
				for end < len(data) && strings.HasPrefix(strings.TrimSpace(string(data[from:end])), "#") { // comments between continued lines
					from, end = end+1, end+1+lineLength(data[end+1:])
				}
				continue
			}
			b.Copy(from, end)
			break
		}
		one.rest = b.Text()
		one.span = text.Span{Text: t, From: start, To: end}
		at = end + 1
		one.all = one.rest
		if one.name == "RUN" || one.name == "COPY" || one.name == "ADD" {
			at = one.heredocs(t, at)
		}
		list = append(list, one)
	}
	return list
}

// heredocs reads the here-documents that follow an instruction, and returns where the next one starts.
func (one *instruction) heredocs(t *text.Text, at int) int {
	b := text.From(t)
	b.Add(one.rest)
	b.Put([]byte("\n"), at, at)
	for _, mark := range docMarks(string(one.rest.Data)) {
		start := at
		for at < len(t.Data) {
			end := at + lineLength(t.Data[at:])
			line := strings.TrimRight(string(t.Data[at:end]), "\r")
			if mark.tabs {
				line = strings.TrimLeft(line, "\t")
			}
			next := min(end+1, len(t.Data))
			if line == mark.word {
				one.docs = append(one.docs, text.Part(t, start, at))
				b.Copy(start, next)
				at = next
				break
			}
			at = next
		}
	}
	one.all = b.Text()
	return at
}

type docMark struct {
	word string
	tabs bool
}

// docMarks returns the words that end the here-documents of a line.
func docMarks(line string) (list []docMark) {
	for rest := line; ; {
		i := strings.Index(rest, "<<")
		if i < 0 {
			return list
		}
		rest = rest[i+2:]
		if strings.HasPrefix(rest, "<") {
			rest = strings.TrimLeft(rest, "<")
			continue
		}
		m := docMark{}
		if strings.HasPrefix(rest, "-") {
			m.tabs, rest = true, rest[1:]
		}
		word, _, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
		if m.word = strings.Trim(word, `"';)&|`); isIdentifier(m.word) {
			list = append(list, m)
		}
	}
}

// runInstruction looks at what is run: a line for the shell, a here-document, or a list of words.
func (f *File) runInstruction(one instruction, w where) {
	rest := one.rest
	from := 0
	data := rest.Data
	skipSpace := func() {
		for from < len(data) && (data[from] == ' ' || data[from] == '\t') {
			from++
		}
	}
	skipSpace()
	for from+1 < len(data) && data[from] == '-' && data[from+1] == '-' { // --mount=..., --network=...
		for from < len(data) && data[from] != ' ' && data[from] != '\t' {
			from++
		}
		skipSpace()
	}
	if one.name == "HEALTHCHECK" {
		after, ok := strings.CutPrefix(string(data[from:]), "CMD")
		if !ok {
			return
		}
		from = len(data) - len(after)
		skipSpace()
	}
	w = w.in(one.name, "")
	if list, ok := jsonWords(rest, from); ok {
		f.script(list, fragment, w, "sh")
		return
	}
	if len(one.docs) > 0 && strings.HasPrefix(string(data[from:]), "<<") && len(strings.Fields(string(data[from:]))) == 1 {
		f.script(one.docs[0], fragment, w, "")
		return
	}
	b := text.From(one.all)
	b.Copy(from, len(one.all.Data))
	f.script(b.Text(), fragment, w, "")
}

// jsonWords reads ["a", "b"] as a command of a shell.
func jsonWords(t *text.Text, from int) (*text.Text, bool) {
	data := t.Data[from:]
	var list []string
	if len(data) == 0 || data[0] != '[' || json.Unmarshal(data, &list) != nil {
		return nil, false
	}
	b := text.From(t)
	at := from + 1
	for i, word := range list {
		open := at + strings.IndexByte(string(t.Data[at:]), '"')
		end := open + 1
		for end < len(t.Data) && t.Data[end] != '"' {
			if t.Data[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end, len(t.Data))
		if i > 0 {
			b.Put([]byte(" "), open, open)
		}
		inner := text.Part(t, open+1, end)
		if string(inner.Data) != word {
			inner = text.Decoded(t, open+1, end, []byte(word))
		}
		quoted(b, inner, open)
		at = min(end+1, len(t.Data))
	}
	return b.Text(), true
}

// envInstruction looks at ENV NAME=value ..., ENV NAME value, and ARG NAME=value.
func (f *File) envInstruction(one instruction, w where, vars map[string]*shell.Var) {
	words := quotedWords(one.rest)
	if len(words) == 0 {
		return
	}
	set := func(name, value string, span text.Span) {
		value = strings.Trim(value, `"'`)
		vars[name] = &shell.Var{Value: value, Literal: !strings.Contains(value, "$"), Secret: secretOf(name, value)}
		f.literal(w.in(one.name, ""), name, value, span)
	}
	if !strings.Contains(words[0].String(), "=") {
		if one.name == "ENV" && len(words) > 1 {
			span := text.Span{Text: one.rest, From: words[0].From, To: words[len(words)-1].To}
			set(words[0].String(), text.Span{Text: one.rest, From: words[1].From, To: span.To}.String(), span)
		} else if one.name == "ARG" {
			name := words[0].String()
			vars[name] = &shell.Var{Secret: shell.SecretName(name)}
		}
		return
	}
	for _, word := range words {
		if name, value, ok := strings.Cut(word.String(), "="); ok {
			set(name, value, word)
		}
	}
}

// copyInstruction looks for private keys and modes of what is copied.
func (f *File) copyInstruction(one instruction, w where) {
	words := quotedWords(one.rest)
	for i, word := range words {
		v := word.String()
		if mode, ok := strings.CutPrefix(v, "--chmod="); ok && everybody(mode) {
			f.say(&hit{rule: worldWritable, span: word, part: w.name, title: "mode " + mode + " lets every user change it"})
		}
		if strings.HasPrefix(v, "--from=") {
			return
		}
		if i < len(words)-1 && shell.IsPrivateKey(strings.Trim(v, `"',[]`)) {
			f.say(&hit{rule: keyTransfer, span: word, part: w.name, title: "a private key is copied into the image"})
		}
	}
}

// added looks at what ADD fetches: without a checksum, or without encryption.
func (f *File) added(list []instruction, w where) {
	for i, one := range list {
		if one.name != "ADD" {
			continue
		}
		for _, word := range quotedWords(one.rest) {
			v := strings.Trim(word.String(), `"',[]`)
			if !strings.HasPrefix(v, "http://") && !strings.HasPrefix(v, "https://") || isLocal(v) || strings.HasSuffix(v, ".git") {
				continue
			}
			if !f.spend(50 * (len(list) - i)) {
				return
			}
			name, checked := base(v), strings.Contains(string(one.rest.Data), "--checksum=")
			for _, later := range list[i+1:] {
				s := string(later.all.Data)
				checked = checked || later.name == "RUN" && strings.Contains(s, name) && (strings.Contains(s, "sha256sum") || strings.Contains(s, "sha512sum") || strings.Contains(s, "gpg") || strings.Contains(s, "cosign"))
			}
			if checked {
				continue
			}
			if clear(v) {
				f.say(&hit{rule: httpDownload, span: word, part: w.name})
			}
			f.say(&hit{rule: unverifiedDownload, span: word, part: w.name, title: "what is downloaded is put into the image without being checked"})
		}
	}
}
