package setting

import "strings"

// inLines reads files of one setting a line. Of a setting that is there several times the last counts, as with most programs.
//
//	ini         [section] and name = value; the key is section.name, or name before the first section
//	properties  name = value, name: value or name value
//	plain       the same, and a value may be quoted
//
// A # or ; at the start of a line begins a comment; behind a value a # with a blank before it does.
func inLines(data []byte, key, format string) (value string, line int, err error) {
	section, found, n := "", false, 0
	for text := range strings.Lines(string(data)) {
		n++
		text = strings.TrimSpace(text)
		if text == "" || text[0] == '#' || text[0] == ';' {
			continue
		}
		if format == "ini" && text[0] == '[' {
			name, _, _ := strings.Cut(text[1:], "]")
			section = strings.TrimSpace(name) + "."
			continue
		}
		name, rest := cutSetting(text, format)
		if section+name != key {
			continue
		}
		value, line, found = plainValue(rest, format), n, true
	}
	if !found {
		return "", 0, ErrNoKey
	}
	return value, line, nil
}

// cutSetting separates the name from the value.
func cutSetting(text, format string) (name, value string) {
	separators := "=: \t"
	if format == "ini" {
		separators = "="
	}
	i := strings.IndexAny(text, separators)
	if i < 0 {
		return text, ""
	}
	name, value = strings.TrimSpace(text[:i]), strings.TrimSpace(text[i:])
	if value != "" && (value[0] == '=' || value[0] == ':' && format != "ini") {
		value = strings.TrimSpace(value[1:])
	}
	return name, value
}

// plainValue takes the comment and the quotes off a value.
func plainValue(text, format string) string {
	if len(text) > 1 && (text[0] == '"' || text[0] == '\'') && format != "properties" {
		if end := strings.IndexByte(text[1:], text[0]); end >= 0 {
			return text[1 : 1+end]
		}
	}
	for _, mark := range []string{" #", "\t#"} {
		if before, _, comment := strings.Cut(text, mark); comment && format != "properties" {
			text = strings.TrimSpace(before)
		}
	}
	return text
}
