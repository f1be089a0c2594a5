// Package setting reads single settings out of a machine's files: TOML, YAML, JSON, INI, properties, and lines of a name and a value. It is for
// what a policy asks for by itself.
//
// Start at Read. The package states what a file says; programs may have defaults, and other files, that it knows nothing of.
package setting

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"keysweep/host"
)

// Query asks for a setting.
type Query struct {
	File   string // absolute
	Format string // one of Formats
	Key    string // with dots between tables, sections or maps; a number stands for an element of a list
}

// Answer is what was found.
type Answer struct {
	Value  string // as text; a list or table as its format writes it is no value, but an error
	Origin host.Origin
	Err    error // ErrNoKey, or why it is not known; host.Missing tells whether the file is not there
}

// ErrNoKey says that the file was read and does not have the key: that is knowledge.
var ErrNoKey = errors.New("the file does not have the key")

// Formats lists the formats.
func Formats() []string { return []string{"toml", "yaml", "json", "ini", "properties", "plain"} }

// FormatOf guesses a file's format from its name: "plain" if that does not tell.
func FormatOf(file string) string {
	switch strings.ToLower(path.Ext(file)) {
	case ".toml":
		return "toml"
	case ".yaml", ".yml":
		return "yaml"
	case ".json":
		return "json"
	case ".ini", ".cfg", ".service", ".network":
		return "ini"
	case ".properties":
		return "properties"
	}
	return "plain"
}

// Read answers all queries, in their order. Each file is read once.
func Read(s host.Source, queries []Query) map[Query]Answer {
	files := map[string]*host.File{}
	failed := map[string]error{}
	answers := map[Query]Answer{}
	for _, q := range queries {
		f, err := files[q.File], failed[q.File]
		if f == nil && err == nil {
			f, err = s.Read(q.File)
			files[q.File], failed[q.File] = f, err
		}
		if err != nil {
			answers[q] = Answer{Err: fmt.Errorf("read %s: %w", q.File, err)}
			continue
		}
		answers[q] = find(f.Data, q)
	}
	return answers
}

// find looks a key up in a file's content.
func find(data []byte, q Query) Answer {
	value, line, err := lookUp(data, q)
	if err != nil {
		return Answer{Origin: host.Origin{Path: q.File}, Err: fmt.Errorf("%s: %s: %w", q.File, q.Key, err)}
	}
	return Answer{Value: value, Origin: host.Origin{Path: q.File, Line: line}}
}

func lookUp(data []byte, q Query) (value string, line int, err error) {
	switch q.Format {
	case "toml":
		value, err = inTOML(data, q.Key)
	case "json":
		value, err = inJSON(data, q.Key)
	case "yaml":
		return inYAML(data, q.Key)
	default:
		return inLines(data, q.Key, q.Format)
	}
	return value, 0, err
}
