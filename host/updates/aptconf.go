package updates

import (
	"fmt"
	"path"
	"strings"

	"keysweep/host"
)

// AptConfig is apt's configuration (apt.conf(5)): a tree of names, in which case does not count.
type AptConfig struct{ root item }

// item is a name of the tree; those without a name are the elements of a list.
type item struct {
	name  string
	value Value
	items []*item
}

// Value is a setting and where it was made.
type Value struct {
	Text string
	At   host.Origin
}

// Limits of a configuration.
const (
	maxItems    = 20_000
	maxIncludes = 10 // files that include files
)

// Get returns what is set for a name such as "APT::Periodic::Enable". ok is false if nothing is, or the empty word.
func (c *AptConfig) Get(name string) (v Value, ok bool) {
	if i := c.root.find(name); i != nil && i.value.Text != "" {
		return i.value, true
	}
	return Value{}, false
}

// List returns the values below a name, in their order.
func (c *AptConfig) List(name string) (list []Value) {
	if i := c.root.find(name); i != nil {
		for _, child := range i.items {
			if child.value.Text != "" {
				list = append(list, child.value)
			}
		}
	}
	return list
}

// True reports what apt takes a setting for: yes, no, or otherwise if it is not set (apt.conf(5), as apt's strutl.cc has it).
func (c *AptConfig) True(name string, otherwise bool) (bool, Value) {
	v, ok := c.Get(name)
	if !ok {
		return otherwise, v
	}
	switch strings.ToLower(strings.TrimSpace(v.Text)) {
	case "no", "false", "without", "off", "disable", "0":
		return false, v
	case "yes", "true", "with", "on", "enable", "1":
		return true, v
	}
	return otherwise, v
}

func (i *item) find(name string) *item {
	for part := range strings.SplitSeq(name, "::") {
		next := i.child(part)
		if next == nil {
			return nil
		}
		i = next
	}
	return i
}

func (i *item) child(name string) *item {
	for _, c := range i.items {
		if name != "" && strings.EqualFold(c.name, name) {
			return c
		}
	}
	return nil
}

// set sets a name, and makes what is missing on the way. A name that ends in "::" is a new element of a list.
func (i *item) set(name string, v Value) (made int) {
	for part := range strings.SplitSeq(name, "::") {
		next := i.child(part)
		if next == nil {
			next = &item{name: part}
			i.items = append(i.items, next)
			made++
		}
		i = next
	}
	i.value = v
	return made
}

// AptFiles is where apt keeps its configuration. Of several settings the last one counts: the files of the directory are read first, by name.
const (
	aptMain  = "/etc/apt/apt.conf"
	aptParts = "/etc/apt/apt.conf.d"
)

// ReadAptConfig reads apt's configuration. An error means that it is not known: a file that may not be read could set anything, and with one
// that it does not understand apt itself does not run.
func ReadAptConfig(s host.Source) (*AptConfig, error) {
	r := aptReader{source: s, config: &AptConfig{}}
	entries, err := s.List(aptParts)
	if err != nil && !host.Missing(err) {
		return nil, err
	}
	for _, e := range entries {
		if aptReads(e.Name, "conf") && !e.Mode.IsDir() {
			if err := r.file(path.Join(aptParts, e.Name), 0); err != nil {
				return nil, err
			}
		}
	}
	if err := r.file(aptMain, 0); err != nil && !host.Missing(err) {
		return nil, err
	}
	return r.config, nil
}

// aptReads reports whether apt reads a file of a directory: by its name (apt.conf(5), sources.list(5)).
func aptReads(name string, ending string) bool {
	if name == "" || name[0] == '.' || strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.:", r))
	}) {
		return false
	}
	at := strings.LastIndexByte(name, '.')
	return at < 0 && ending == "conf" || at >= 0 && name[at+1:] == ending
}

// aptReader puts files together.
type aptReader struct {
	source host.Source
	config *AptConfig
	made   int
}

func (r *aptReader) file(name string, depth int) error {
	f, err := r.source.Read(name)
	if err != nil {
		return err
	}
	if depth > maxIncludes {
		return fmt.Errorf("%s: files include files without end", name)
	}
	p := aptParser{reader: r, name: name, depth: depth}
	return p.parse(string(f.Data))
}
