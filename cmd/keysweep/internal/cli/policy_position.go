package cli

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// policyPlaces knows where the tables of a policy file begin, so that a mistake can be shown where it is.
type policyPlaces struct {
	file  string
	lines map[string][]int // by the table's name, "rotation.exempt"; of several of one name each
}

// findPlaces reads the headers of a file's tables. What is no TOML has been refused before.
func findPlaces(file string, data []byte) policyPlaces {
	p := policyPlaces{file, map[string][]int{}}
	var parser unstable.Parser
	parser.Reset(data)
	for parser.NextExpression() {
		e := parser.Expression()
		if e.Kind != unstable.Table && e.Kind != unstable.ArrayTable {
			continue
		}
		var names []string
		line := 0
		for key := e.Key(); key.Next(); {
			names = append(names, string(key.Node().Data))
			line = parser.Shape(key.Node().Raw).Start.Line
		}
		name := strings.Join(names, ".")
		p.lines[name] = append(p.lines[name], line)
	}
	return p
}

// of returns where the nth table of a name begins, counted from 0: "FILE:LINE", or FILE if it has no header of its own.
func (p policyPlaces) of(name string, nth int) string {
	if lines := p.lines[name]; nth < len(lines) {
		return fmt.Sprintf("%s:%d", p.file, lines[nth])
	}
	return p.file
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
