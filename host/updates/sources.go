package updates

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"keysweep/host"
)

// Repository is an entry of sources.list(5) from which packages are installed.
type Repository struct {
	At       host.Origin
	URIs     []string
	Suites   []string
	SignedBy string // the keys that it must be signed with; "" for every key that apt has
	Trusted  bool   // it is believed without a signature
	Insecure bool   // Allow-Insecure, or a weak or downgraded signature is taken
}

// Security reports whether it brings security updates of Debian, Ubuntu and what is made from them: by its suite or its address.
func (r Repository) Security() bool {
	return slices.ContainsFunc(r.Suites, func(s string) bool {
		return strings.Contains(s, "-security") || strings.HasSuffix(s, "/updates")
	}) || slices.ContainsFunc(r.URIs, func(u string) bool { return strings.Contains(u, "security.") || strings.Contains(u, "-security") })
}

// maxRepositories is how many entries are kept.
const maxRepositories = 5000

// readRepositories reads sources.list and the files beside it, of both forms. An error means that they are not known.
func readRepositories(s host.Source) (list []Repository, err error) {
	type file struct{ name, ending string }
	files := []file{{"/etc/apt/sources.list", "list"}}
	entries, err := s.List("/etc/apt/sources.list.d")
	if err != nil && !host.Missing(err) {
		return nil, err
	}
	for _, e := range entries {
		for _, ending := range []string{"list", "sources"} {
			if aptReads(e.Name, ending) {
				files = append(files, file{path.Join("/etc/apt/sources.list.d", e.Name), ending})
			}
		}
	}
	for _, f := range files {
		content, err := s.Read(f.name)
		if host.Missing(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var more []Repository
		if f.ending == "list" {
			more, err = oneLine(f.name, string(content.Data))
		} else {
			more, err = stanzas(f.name, string(content.Data))
		}
		if list = append(list, more...); err != nil || len(list) > maxRepositories {
			return nil, errors.Join(err, check(list))
		}
	}
	return list, nil
}

func check(list []Repository) error {
	if len(list) > maxRepositories {
		return fmt.Errorf("more than %d package sources", maxRepositories)
	}
	return nil
}

// oneLine reads lines "deb [option=value ...] uri suite component...".
func oneLine(name, text string) (list []Repository, err error) {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line, _, _ = strings.Cut(strings.TrimSpace(line), "#")
		kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if strings.Contains(kind, "\t") {
			kind, rest, _ = strings.Cut(strings.TrimSpace(line), "\t")
		}
		if kind != "deb" { // of deb-src nothing is installed
			continue
		}
		r := Repository{At: host.Origin{Path: name, Line: number, Text: strings.TrimSpace(line)}}
		rest = strings.TrimSpace(rest)
		if strings.HasPrefix(rest, "[") {
			options, after, ok := strings.Cut(rest[1:], "]")
			if !ok {
				return nil, fmt.Errorf("%s:%d: a bracket is not closed", name, number)
			}
			for option := range strings.FieldsSeq(options) {
				key, value, _ := strings.Cut(option, "=")
				r.option(strings.TrimRight(key, "+-"), value)
			}
			rest = after
		}
		words := strings.Fields(rest)
		if len(words) < 2 {
			return nil, fmt.Errorf("%s:%d: an entry needs an address and a suite", name, number)
		}
		r.URIs, r.Suites = words[:1], words[1:2]
		list = append(list, r)
	}
	return list, nil
}

// option sets what an option says; both forms have the same ones.
func (r *Repository) option(key, value string) {
	yes := strings.EqualFold(value, "yes") || strings.EqualFold(value, "true") || value == "1" || strings.EqualFold(value, "on")
	switch strings.ToLower(key) {
	case "signed-by":
		r.SignedBy = value
	case "trusted":
		r.Trusted = yes
	case "allow-insecure", "allow-weak", "allow-downgrade-to-insecure":
		r.Insecure = r.Insecure || yes
	}
}

// stanzas reads deb822 files: fields of paragraphs, with lines that go on when they begin with white space.
func stanzas(name, text string) (list []Repository, err error) {
	var r Repository
	fields := map[string]string{}
	key, number := "", 0
	end := func() {
		enabled := !strings.EqualFold(fields["enabled"], "no") && !strings.EqualFold(fields["enabled"], "false")
		if len(fields) > 0 && enabled && slices.Contains(strings.Fields(fields["types"]), "deb") {
			r.URIs, r.Suites = strings.Fields(fields["uris"]), strings.Fields(fields["suites"])
			for k, v := range fields {
				r.option(k, strings.TrimSpace(v))
			}
			list = append(list, r)
		}
		r, fields, key = Repository{}, map[string]string{}, ""
	}
	for line := range strings.SplitSeq(text, "\n") {
		number++
		line = strings.TrimRight(line, "\r")
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.TrimSpace(line) == "":
			end()
		case line[0] == ' ' || line[0] == '\t':
			fields[key] += "\n" + strings.TrimSpace(line)
		default:
			k, value, ok := strings.Cut(line, ":")
			if !ok {
				return nil, fmt.Errorf("%s:%d: that is no field", name, number)
			}
			if len(fields) == 0 {
				r.At = host.Origin{Path: name, Line: number, Text: strings.TrimSpace(line)}
			}
			key = strings.ToLower(strings.TrimSpace(k))
			fields[key] = strings.TrimSpace(value)
		}
	}
	end()
	return list, nil
}
