package unpack

import "strings"

// sqlColumns returns the names of the columns that a CREATE TABLE statement lists. Those of a table without row ids are in another order
// in its rows, so there are none.
func sqlColumns(sql string) (names []string) {
	open := strings.IndexByte(sql, '(')
	if open < 0 || strings.Contains(strings.ToUpper(sql[open:]), "WITHOUT ROWID") {
		return nil
	}
	depth, from := 0, open+1
	body := sql[open+1:]
	for i := 0; i < len(body); i++ {
		switch c := body[i]; c {
		case '(':
			depth++
		case '\'', '"', '`':
			if end := strings.IndexByte(body[i+1:], c); end >= 0 {
				i += end + 1
			}
		case ')', ',':
			if depth == 0 {
				if name := sqlName(sql[from : open+1+i]); name != "" {
					names = append(names, name)
				}
				from = open + 2 + i
			}
			if c == ')' {
				if depth--; depth < 0 {
					return names
				}
			}
		}
	}
	return names
}

// sqlName returns the name that a column's definition starts with; "" for what is no column.
func sqlName(def string) string {
	def = strings.TrimSpace(def)
	if def == "" {
		return ""
	}
	if end := strings.IndexByte("\"`[", def[0]); end >= 0 {
		closing := []byte("\"`]")[end]
		if i := strings.IndexByte(def[1:], closing); i >= 0 {
			return def[1 : 1+i]
		}
	}
	name := def
	if i := strings.IndexAny(def, " \t\r\n("); i >= 0 {
		name = def[:i]
	}
	switch strings.ToUpper(name) {
	case "CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN":
		return ""
	}
	return name
}
