package script

import (
	"slices"
	"strings"

	"keysweep/script/internal/shell"
	"keysweep/script/internal/text"
)

// option is an option of a command with its value.
type option struct {
	name  string      // "k", "insecure"
	value string      // "" if it has none
	word  *shell.Word // that holds the value, or the option
	raw   string      // the value before variables were replaced
}

// line is a command's words, sorted.
type line struct {
	options  []option
	operands []*shell.Word
}

// sorted sorts a command's words. short are the letters of options that take a value, long the names of such long options; other long
// options have a value only behind an equals sign.
func sorted(words []*shell.Word, short string, long ...string) (l line) {
	for i := 0; i < len(words); i++ {
		w := words[i]
		v := w.Value
		switch {
		case v == "--":
			l.operands = append(l.operands, words[i+1:]...)
			return l
		case strings.HasPrefix(v, "--"):
			name, value, has := strings.Cut(v[2:], "=")
			_, raw, _ := strings.Cut(w.Raw, "=")
			o := option{name, value, w, raw}
			if !has && slices.Contains(long, name) && i+1 < len(words) {
				i++
				o.value, o.word, o.raw = words[i].Value, words[i], words[i].Raw
			}
			l.options = append(l.options, o)
		case len(v) > 1 && v[0] == '-':
			for k := 1; k < len(v); k++ {
				o := option{name: v[k : k+1], word: w}
				if strings.IndexByte(short, v[k]) >= 0 {
					o.value = v[k+1:]
					if k+1 <= len(w.Raw) {
						o.raw = w.Raw[k+1:]
					}
					k = len(v)
					if o.value == "" && o.raw == "" && i+1 < len(words) {
						i++
						o.value, o.word, o.raw = words[i].Value, words[i], words[i].Raw
					}
				}
				l.options = append(l.options, o)
			}
		default:
			l.operands = append(l.operands, w)
		}
	}
	return l
}

// get returns the last option of one of some names.
func (l line) get(names ...string) (option, bool) {
	for _, o := range slices.Backward(l.options) {
		if slices.Contains(names, o.name) {
			return o, true
		}
	}
	return option{}, false
}

func (l line) has(names ...string) bool {
	_, ok := l.get(names...)
	return ok
}

// words returns a command's words behind its name.
func words(c *shell.Command) []*shell.Word {
	if len(c.Args) == 0 {
		return nil
	}
	return c.Args[1:]
}

// all returns a command's words in one string, with a space before and behind each.
func all(c *shell.Command) string {
	var b strings.Builder
	b.WriteByte(' ')
	for _, w := range c.Args {
		b.WriteString(w.Value)
		b.WriteByte(' ')
	}
	return b.String()
}

// says reports whether a command has words in a row.
func says(c *shell.Command, row string) bool { return strings.Contains(all(c), " "+row+" ") }

// output returns the files that a command's output goes to.
func output(c *shell.Command) (files []*shell.Word) {
	for _, d := range c.Redirects {
		if d.Op == ">" || d.Op == ">>" {
			files = append(files, d.Target)
			if d.Op == ">" {
				break // what is around gets nothing
			}
		}
	}
	return files
}

// isDevice reports whether a file is none.
func isDevice(name string) bool {
	return strings.HasPrefix(name, "/dev/") || strings.HasPrefix(name, "/proc/") || strings.HasPrefix(name, "/sys/")
}

// base returns the last part of a path.
func base(name string) string {
	name = strings.TrimRight(name, "/")
	return name[strings.LastIndexByte(name, '/')+1:]
}

// valueSpan returns where an option's value stands, as well as that can be told.
func (o option) valueSpan() text.Span {
	s := o.word.Span
	source := s.String()
	for _, v := range []string{o.raw, o.value} {
		if i := strings.LastIndex(source, v); v != "" && i >= 0 {
			return text.Span{Text: s.Text, From: s.From + i, To: s.From + i + len(v)}
		}
	}
	return s
}

// within returns where a string stands in a span; the span if it does not.
func within(s text.Span, part string) text.Span {
	if i := strings.Index(s.String(), part); part != "" && i >= 0 {
		return text.Span{Text: s.Text, From: s.From + i, To: s.From + i + len(part)}
	}
	return s
}
