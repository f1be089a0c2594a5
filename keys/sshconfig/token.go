package sshconfig

import (
	"errors"
	"strings"
)

// splitLine splits a line into its keyword, in lower case, and its arguments, as ssh does: white space or one "=" follows the
// keyword; arguments may stand in quotation marks of either kind; a backslash takes the meaning from a quotation mark, a
// backslash, and outside quotes a space; "#" at the start of an argument begins a comment. A blank line or a comment has the
// keyword "".
func splitLine(line string) (keyword string, args []string, err error) {
	line = strings.Trim(line, " \t\r\n\f")
	if line == "" || line[0] == '#' {
		return "", nil, nil
	}
	if i := strings.IndexAny(line, " \t=\""); i >= 0 {
		keyword, line = line[:i], line[i:]
		if line[0] == '"' {
			return strings.ToLower(keyword), nil, errors.New("a quotation mark within or right behind the keyword")
		}
		line = strings.TrimLeft(line, " \t")
		if after, ok := strings.CutPrefix(line, "="); ok {
			line = strings.TrimLeft(after, " \t")
		}
	} else {
		keyword, line = line, ""
	}
	keyword = strings.ToLower(keyword)
	if line == "" {
		return keyword, nil, errors.New("no argument after " + keyword)
	}
	args, err = splitArgs(line)
	return keyword, args, err
}

func splitArgs(line string) (args []string, err error) {
	for {
		line = strings.TrimLeft(line, " \t")
		if line == "" || line[0] == '#' {
			return args, nil
		}
		arg, rest, err := cutArg(line)
		if err != nil {
			return args, err
		}
		args, line = append(args, arg), rest
	}
}

// cutArg cuts the first argument off. Quotation marks may begin and end within it.
func cutArg(line string) (arg, rest string, err error) {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '\\' && i+1 < len(line) && (strings.IndexByte(`'"\`, line[i+1]) >= 0 || quote == 0 && line[i+1] == ' '):
			i++
			b.WriteByte(line[i])
		case quote == 0 && (c == ' ' || c == '\t'):
			return b.String(), line[i:], nil
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote != 0 && c == quote:
			quote = 0
		default:
			b.WriteByte(c)
		}
	}
	if quote != 0 {
		return b.String(), "", errors.New("a closing quotation mark is missing")
	}
	return b.String(), "", nil
}

// quoteArg writes an argument so that splitArgs, and ssh, read it back.
func quoteArg(arg string) string {
	if arg != "" && !strings.ContainsAny(arg, " \t\"'\\#=") {
		return arg
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `'`, `\'`).Replace(arg) + `"`
}
