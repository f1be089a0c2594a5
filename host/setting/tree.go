package setting

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v3"
)

var errNoValue = errors.New("it is a list or a table, and no single value")

func inTOML(data []byte, key string) (string, error) {
	var root map[string]any
	if err := toml.Unmarshal(data, &root); err != nil {
		return "", fmt.Errorf("it is no TOML: %w", err)
	}
	return descend(root, key)
}

func inJSON(data []byte, key string) (string, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var root any
	if err := d.Decode(&root); err != nil {
		return "", errors.New("it is no JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return "", errors.New("it is no JSON: something follows its end")
	}
	return descend(root, key)
}

// descend follows a key. A name may hold dots itself: the longest that there is counts.
func descend(at any, key string) (string, error) {
	if key == "" {
		return scalar(at)
	}
	words := strings.Split(key, ".")
	for n := len(words); n > 0; n-- {
		name, rest := strings.Join(words[:n], "."), strings.Join(words[n:], ".")
		var next any
		found := false
		switch at := at.(type) {
		case map[string]any:
			next, found = at[name]
		case []any:
			if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(at) {
				next, found = at[i], true
			}
		}
		if found {
			return descend(next, rest)
		}
	}
	return "", ErrNoKey
}

func scalar(v any) (string, error) {
	switch v := v.(type) {
	case map[string]any, []any:
		return "", errNoValue
	case nil:
		return "", nil
	default:
		return fmt.Sprint(v), nil
	}
}

// inYAML reads the first document of a file. Aliases are followed, and not expanded: a file of a thousand bytes can stand for gigabytes.
func inYAML(data []byte, key string) (string, int, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return "", 0, errors.New("it is no YAML")
	}
	if len(root.Content) == 0 {
		return "", 0, ErrNoKey
	}
	return descendYAML(root.Content[0], key, 0)
}

// maxAliases is how many aliases one key may lead through: an alias can lead to itself.
const maxAliases = 32

func descendYAML(at *yaml.Node, key string, aliases int) (string, int, error) {
	for at.Kind == yaml.AliasNode {
		if aliases++; aliases > maxAliases || at.Alias == nil {
			return "", at.Line, errors.New("its aliases lead nowhere")
		}
		at = at.Alias
	}
	if key == "" {
		if at.Kind != yaml.ScalarNode {
			return "", at.Line, errNoValue
		}
		return at.Value, at.Line, nil
	}
	words := strings.Split(key, ".")
	for n := len(words); n > 0; n-- {
		name, rest := strings.Join(words[:n], "."), strings.Join(words[n:], ".")
		if next := child(at, name); next != nil {
			return descendYAML(next, rest, aliases)
		}
	}
	return "", 0, ErrNoKey
}

// child returns what a name stands for in a map, or a number in a list; of a name that is there twice the last.
func child(at *yaml.Node, name string) (found *yaml.Node) {
	switch at.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(at.Content); i += 2 {
			if at.Content[i].Value == name {
				found = at.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(at.Content) {
			found = at.Content[i]
		}
	}
	return found
}
