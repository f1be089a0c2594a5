package updates

import (
	"fmt"
	"path"
	"strings"

	"keysweep/host"
)

// DnfRepository is a repository of dnf that is switched on (dnf.conf(5)).
type DnfRepository struct {
	ID      string
	At      host.Origin // of its section
	URL     string      // the first of baseurl, metalink and mirrorlist that is set
	Checked bool        // packages must be signed
	CheckAt host.Origin // where that is set; no path if by default
}

// readDnfRepositories reads the repositories. An error means that they are not known.
func readDnfRepositories(s host.Source) (list []DnfRepository, err error) {
	checked, checkAt := false, host.Origin{} // dnf.conf(5): off unless it is set, which distributions do
	main, err := s.Read("/etc/dnf/dnf.conf")
	if err != nil && !host.Missing(err) {
		return nil, err
	}
	if err == nil {
		for _, section := range sections("/etc/dnf/dnf.conf", string(main.Data)) {
			for _, key := range []string{"gpgcheck", "pkg_gpgcheck"} {
				if v, ok := section.values[key]; ok && section.name == "main" {
					checked, checkAt = dnfTrue(v.Text), v.At
				}
			}
		}
	}
	files, err := host.Glob(s, "/etc/yum.repos.d/*.repo")
	if err != nil {
		return nil, err
	}
	for _, e := range files {
		f, err := s.Read(path.Join("/etc/yum.repos.d", e.Name))
		if err != nil {
			return nil, err
		}
		for _, section := range sections(e.Path, string(f.Data)) {
			r := DnfRepository{ID: section.name, At: section.at, Checked: checked, CheckAt: checkAt}
			if v, ok := section.values["enabled"]; section.name == "main" || ok && !dnfTrue(v.Text) {
				continue
			}
			for _, key := range []string{"gpgcheck", "pkg_gpgcheck"} {
				if v, ok := section.values[key]; ok {
					r.Checked, r.CheckAt = dnfTrue(v.Text), v.At
				}
			}
			for _, key := range []string{"mirrorlist", "metalink", "baseurl"} {
				if v, ok := section.values[key]; ok && v.Text != "" {
					r.URL = strings.Fields(v.Text)[0]
				}
			}
			if list = append(list, r); len(list) > maxRepositories {
				return nil, fmt.Errorf("more than %d repositories", maxRepositories)
			}
		}
	}
	return list, nil
}

// dnfTrue is how dnf reads a switch.
func dnfTrue(text string) bool {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "1", "yes", "true", "on":
		return true
	}
	return false
}

type section struct {
	name   string
	at     host.Origin
	values map[string]Value
}

// sections reads a file of dnf's: sections, and keys with values, of which the last one counts.
func sections(name, text string) (list []section) {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		at := host.Origin{Path: name, Line: number, Text: line}
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			list = append(list, section{name: line[1 : len(line)-1], at: at, values: map[string]Value{}})
			continue
		}
		if key, value, ok := strings.Cut(line, "="); ok && len(list) > 0 {
			list[len(list)-1].values[strings.ToLower(strings.TrimSpace(key))] = Value{Text: strings.TrimSpace(value), At: at}
		}
	}
	return list
}
