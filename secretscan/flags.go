package secretscan

import (
	"regexp/syntax"
	"strings"
)

// flags are the letters of RE2's flag groups that are set: i, m, s and U.
type flags string

// asAlternatives returns expressions that match, each by itself, what they match as alternatives of one group: gitleaks joins an
// allowlist's expressions with "|", and a flag that one of them sets without a group of its own, as "(?i)" does, goes on in
// those after it. Expressions that are not valid are returned as they are.
func (c *compiler) asAlternatives(exprs []string) []string {
	out := make([]string, len(exprs))
	var set flags
	for i, expr := range exprs {
		out[i] = expr
		if set != "" && expr != "" {
			out[i] = "(?" + string(set) + ")" + expr
		}
		if after := set.after(expr); after != set && c.isValid(expr) {
			set = after
		}
	}
	return out
}

func (c *compiler) isValid(expr string) bool {
	if _, known := c.lookUp(expr); known {
		return true
	}
	_, err := syntax.Parse(expr, syntax.Perl)
	return err == nil
}

// after returns the flags that are set at the end of an expression, outside of its groups. For one that is not valid it says
// anything.
func (f flags) after(expr string) flags {
	depth, i := 0, 0
	for i < len(expr) {
		switch rest := expr[i:]; rest[0] {
		case '\\':
			if !strings.HasPrefix(rest, `\Q`) {
				i += 2
			} else if end := strings.Index(rest, `\E`); end >= 0 {
				i += end + 2
			} else {
				return f
			}
		case '[':
			i += classLength(rest)
		case '(':
			n := 0
			if depth == 0 {
				n = flagGroup(rest)
			}
			if n > 0 {
				f = f.with(rest[2 : n-1])
				i += n
			} else {
				depth++
				i++
			}
		case ')':
			depth--
			i++
		default:
			i++
		}
	}
	return f
}

// flagGroup returns the length of "(?flags)" at the start of text, or 0 if it is another kind of group.
func flagGroup(text string) int {
	if !strings.HasPrefix(text, "(?") {
		return 0
	}
	end := strings.IndexByte(text, ')')
	if end < 0 || strings.Trim(text[2:end], "imsU-") != "" {
		return 0
	}
	return end + 1
}

// classLength returns the length of the class "[...]" at the start of text.
func classLength(text string) int {
	i := 1
	for _, first := range []string{"^", "]"} {
		if strings.HasPrefix(text[i:], first) {
			i++
		}
	}
	for i < len(text) && text[i] != ']' {
		switch {
		case text[i] == '\\':
			i++
		case strings.HasPrefix(text[i:], "[:"):
			if end := strings.Index(text[i:], ":]"); end >= 0 {
				i += end + 1
			}
		}
		i++
	}
	return i + 1
}

// with returns the flags after a group such as "(?is-m)".
func (f flags) with(group string) flags {
	on, off, _ := strings.Cut(group, "-")
	set := f
	for _, c := range on {
		if !strings.ContainsRune(string(set), c) {
			set += flags(c)
		}
	}
	return flags(strings.Map(func(c rune) rune {
		if strings.ContainsRune(off, c) {
			return -1
		}
		return c
	}, string(set)))
}
