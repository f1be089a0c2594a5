package fail2ban

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"keysweep/host"
)

// Bounds of a configuration: Debian's has 13 files and 1,000 lines.
const (
	maxFiles    = 200
	maxIncludes = 10
	maxValue    = 64 << 10
	maxDepth    = 10 // of %(names)s in each other, as in Python's configparser
)

// Value is what an option is set to, as it is written, and where.
type Value struct {
	Text   string
	Origin host.Origin
}

// config are the options of all files, by section and name. "DEFAULT" holds what the other sections do not set.
type config struct {
	sections map[string]map[string]Value
	known    map[string]map[string]Value // what a section held before the last file that changed it: %(known/NAME)s
	files    int
}

// readConfig merges the files of jails in fail2ban's order (jail.conf(5)): jail.conf, jail.d/*.conf, jail.local, jail.d/*.local; the
// last value counts.
func readConfig(s host.Source) (*config, error) {
	c := &config{sections: map[string]map[string]Value{}, known: map[string]map[string]Value{}}
	var files []string
	for _, part := range []string{"conf", "local"} {
		files = append(files, "/etc/fail2ban/jail."+part)
		entries, err := host.Glob(s, "/etc/fail2ban/jail.d/*."+part)
		if err != nil {
			return nil, fmt.Errorf("read fail2ban's configuration: %w", err)
		}
		for _, e := range entries {
			files = append(files, "/etc/fail2ban/jail.d/"+e.Name)
		}
	}
	for _, name := range files {
		err := c.file(s, name, nil)
		if err != nil && (!host.Missing(err) || name == files[0]) {
			return nil, err
		}
	}
	return c, nil
}

// file reads a file, those that it includes before, and those after it. Included files bring one that ends in .local along.
func (c *config) file(s host.Source, name string, seen []string) error {
	if c.files++; c.files > maxFiles || len(seen) > maxIncludes {
		return errors.New("read fail2ban's configuration: too many files include each other")
	}
	f, err := s.Read(name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	own := parse(name, string(f.Data))
	seen = append(slices.Clone(seen), name)
	if err := c.include(s, own, "before", name, seen); err != nil {
		return err
	}
	c.merge(own)
	return c.include(s, own, "after", name, seen)
}

func (c *config) include(s host.Source, own map[string]map[string]Value, option, name string, seen []string) error {
	for other := range strings.SplitSeq(own["INCLUDES"][option].Text, "\n") {
		if other == "" {
			continue
		}
		if !path.IsAbs(other) {
			other = path.Join(path.Dir(name), other)
		}
		local := strings.TrimSuffix(other, path.Ext(other)) + ".local"
		for _, file := range slices.Compact([]string{other, local}) {
			if slices.Contains(seen, file) {
				continue
			}
			if err := c.file(s, file, seen); err != nil && !host.Missing(err) {
				return err
			}
		}
	}
	return nil
}

// merge lays a file's options over those that were read before.
func (c *config) merge(own map[string]map[string]Value) {
	for section, options := range own {
		have := c.sections[section]
		if have == nil {
			have = map[string]Value{}
			c.sections[section] = have
		}
		before := map[string]Value{}
		for name, v := range options {
			if old, ok := have[name]; ok {
				before[name] = old
			}
			have[name] = v
		}
		if c.known[section] == nil {
			c.known[section] = map[string]Value{}
		}
		for name, v := range before {
			c.known[section][name] = v
		}
	}
}

// parse reads a file in the form of Python's configparser: sections in brackets, names in any case, values that go on in lines that
// are indented, comments that begin a line with # or ;, and those behind a space and a ;.
func parse(name, text string) map[string]map[string]Value {
	sections := map[string]map[string]Value{}
	section, option := "", ""
	number := 0
	for line := range strings.SplitSeq(strings.TrimPrefix(text, "\ufeff"), "\n") {
		number++
		full := strings.TrimRight(line, " \t\r")
		body := strings.TrimLeft(full, " \t")
		if body == "" || body[0] == '#' || body[0] == ';' {
			continue
		}
		if i := strings.Index(full, " ;"); i >= 0 {
			full = strings.TrimRight(full[:i], " \t")
			body = strings.TrimLeft(full, " \t")
		}
		if len(full) > len(body) && option != "" {
			v := sections[section][option]
			if len(v.Text) < maxValue {
				v.Text = strings.TrimPrefix(v.Text+"\n"+body, "\n")
			}
			sections[section][option] = v
			continue
		}
		if strings.HasPrefix(body, "[") && strings.Contains(body, "]") {
			section, option = body[1:strings.LastIndexByte(body, ']')], ""
			if sections[section] == nil {
				sections[section] = map[string]Value{}
			}
			continue
		}
		i := strings.IndexAny(body, "=:")
		if i < 0 || section == "" {
			continue
		}
		option = strings.ToLower(strings.TrimSpace(body[:i]))
		value := strings.TrimSpace(body[i+1:])
		column := strings.Index(line, value) + 1
		sections[section][option] = Value{value, host.Origin{Path: name, Line: number, Column: column, Text: body}}
	}
	return sections
}

// get returns an option of a section, or of DEFAULT, with its %(names)s put in. ok is false if it is not set.
func (c *config) get(section, option string) (v Value, ok bool, err error) {
	v, ok = c.raw(section, option)
	if !ok {
		return v, false, nil
	}
	budget := 1000
	v.Text, err = c.expand(section, option, v.Text, 0, &budget)
	return v, true, err
}

func (c *config) raw(section, option string) (Value, bool) {
	if v, ok := c.sections[section][option]; ok {
		return v, true
	}
	v, ok := c.sections["DEFAULT"][option]
	return v, ok
}

// expand puts in what %(NAME)s, %(SECTION/NAME)s and %(known/NAME)s stand for; %% is a percent sign.
func (c *config) expand(section, option, text string, depth int, budget *int) (string, error) {
	var b strings.Builder
	for {
		i := strings.IndexByte(text, '%')
		if i < 0 || i+1 == len(text) {
			b.WriteString(text)
			return b.String(), nil
		}
		b.WriteString(text[:i])
		text = text[i:]
		if strings.HasPrefix(text, "%%") {
			b.WriteByte('%')
			text = text[2:]
			continue
		}
		end := strings.Index(text, ")s")
		if !strings.HasPrefix(text, "%(") || end < 0 {
			return "", fmt.Errorf("fail2ban's option %s of %s: %q is not closed", option, section, shorten(text))
		}
		if *budget--; depth >= maxDepth || *budget < 0 || b.Len() > maxValue {
			return "", fmt.Errorf("fail2ban's option %s of %s: its names lead too deep", option, section)
		}
		inner, err := c.name(section, option, text[2:end], depth, budget)
		if err != nil {
			return "", err
		}
		b.WriteString(inner)
		text = text[end+2:]
	}
}

// name is what a name in an option stands for.
func (c *config) name(section, option, name string, depth int, budget *int) (string, error) {
	if name == "__name__" {
		return section, nil
	}
	from, inner, qualified := strings.Cut(name, "/")
	var v Value
	ok := false
	switch {
	case !qualified:
		v, ok = c.raw(section, strings.ToLower(name))
	case strings.EqualFold(from, "known"):
		v, ok = c.known[section][inner]
	case !strings.EqualFold(from, "default"):
		v, ok = c.sections[from][inner]
	}
	if !ok && qualified {
		v, ok = c.sections["DEFAULT"][inner]
	}
	if !ok {
		return "", fmt.Errorf("fail2ban's option %s of %s: %q is not set", option, section, shorten(name))
	}
	return c.expand(section, option, v.Text, depth+1, budget)
}

func shorten(text string) string {
	const most = 80
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}
