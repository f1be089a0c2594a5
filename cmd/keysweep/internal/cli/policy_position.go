package cli

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// policyPlaces knows where the tables and settings of a policy file stand, so that a mistake can be shown where it is.
type policyPlaces struct {
	file  string
	lines map[string][]int // by the table's name, "rotation.exempt"; of several of one name each
	keys  map[string]int   // by the name of a setting, "waive.0.until", and by that of a table that has no header: "ports"
}

// findPlaces reads the headers and keys of a file. What is no TOML has been refused before.
func findPlaces(file string, data []byte) policyPlaces {
	p := policyPlaces{file, map[string][]int{}, map[string]int{}}
	var parser unstable.Parser
	parser.Reset(data)
	table, at, line := "", uint32(0), 1 // the table that keys belong to, and the line of an offset
	for parser.NextExpression() {
		e := parser.Expression()
		if e.Kind != unstable.Table && e.Kind != unstable.ArrayTable && e.Kind != unstable.KeyValue {
			continue
		}
		var names []string
		for key := e.Key(); key.Next(); {
			names = append(names, string(key.Node().Data))
			if offset := key.Node().Raw.Offset; offset > at {
				line += bytes.Count(data[at:offset], []byte("\n"))
				at = offset
			}
		}
		if e.Kind == unstable.KeyValue {
			p.addKey(table, names, line)
			continue
		}
		name := strings.Join(names, ".")
		table = fmt.Sprintf("%s.%d.", name, len(p.lines[name]))
		p.lines[name] = append(p.lines[name], line)
	}
	return p
}

// addKey notes the line of a setting, and of what holds it if that is written as a part of the key: checks."host.uptime".max = 3.
func (p policyPlaces) addKey(table string, names []string, line int) {
	for n := range names {
		name := table + strings.Join(names[:n+1], ".")
		if _, known := p.keys[name]; !known {
			p.keys[name] = line
		}
	}
}

// of returns where the nth table of a name begins, counted from 0: "FILE:LINE", or FILE if that cannot be told.
func (p policyPlaces) of(name string, nth int) string {
	if lines := p.lines[name]; nth < len(lines) {
		return fmt.Sprintf("%s:%d", p.file, lines[nth])
	}
	line := p.keys[name]
	for i := 0; line == 0 && i < len(name); i++ { // a setting of a table: "host.uptime" of [checks]
		if name[i] == '.' {
			line = p.keys[name[:i]+".0"+name[i:]]
		}
	}
	if line == 0 {
		return p.file
	}
	return fmt.Sprintf("%s:%d", p.file, line)
}

// key returns where a setting of the nth table of a name stands, or else where that table begins.
func (p policyPlaces) key(name string, nth int, key string) string {
	if line := p.keys[fmt.Sprintf("%s.%d.%s", name, nth, key)]; line > 0 {
		return fmt.Sprintf("%s:%d", p.file, line)
	}
	return p.of(name, nth)
}

// settingHint says what may have been meant by a setting that there is not.
func settingHint(key []string) string {
	table, known := reflect.TypeFor[policyDocument](), []string(nil)
	for i := range key {
		known = settingsOf(table)
		next, found := settingOf(table, key[i])
		if !found {
			return hintOfSetting(key[:i], key[i], known)
		}
		table = next
	}
	return ""
}

func hintOfSetting(table []string, word string, known []string) string {
	where := "there are the tables "
	if len(table) > 0 {
		where = "[" + strings.Join(table, ".") + "] has "
	}
	hint := where + strings.Join(known, ", ")
	if near := nearest(word, known); near != "" {
		hint = "did you mean " + near + "? " + hint
	}
	return hint
}

// settingsOf lists what a table may hold.
func settingsOf(table reflect.Type) (names []string) {
	for _, field := range fieldsOf(table) {
		names = append(names, field.Tag.Get("toml"))
	}
	return names
}

// settingOf returns the table of that name in a table: of several, one of them.
func settingOf(table reflect.Type, name string) (reflect.Type, bool) {
	if table.Kind() == reflect.Map {
		return table.Elem(), true
	}
	for _, field := range fieldsOf(table) {
		if field.Tag.Get("toml") == name {
			if kind := field.Type.Kind(); kind == reflect.Slice {
				return field.Type.Elem(), true
			}
			return field.Type, true
		}
	}
	return nil, false
}

// fieldsOf are the settings of a table, those of structs within it that have no name of their own among them: a value has none.
func fieldsOf(table reflect.Type) (fields []reflect.StructField) {
	if table.Kind() != reflect.Struct {
		return nil
	}
	for i := range table.NumField() {
		switch field := table.Field(i); {
		case field.Anonymous:
			fields = append(fields, fieldsOf(field.Type)...)
		case field.IsExported():
			fields = append(fields, field)
		}
	}
	return fields
}
