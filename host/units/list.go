package units

import (
	"path"
	"slices"
	"strings"

	"keysweep/host"
)

// maxUnits is how many units a machine may have.
const maxUnits = 10_000

// Services returns the names of all services that have a file, without templates, in their order. An error means that they are not known.
func Services(s host.Source) (names []string, err error) {
	for _, dir := range directories() {
		entries, err := s.List(dir)
		if host.Missing(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name, ".service") && !strings.HasSuffix(e.Name, "@.service") && len(names) < maxUnits {
				names = append(names, e.Name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Match returns the units of a list whose names fit a pattern of path.Match; ".service" may be left out.
func Match(names []string, pattern string) (list []string) {
	if path.Ext(pattern) == "" {
		pattern += ".service"
	}
	for _, name := range names {
		if ok, _ := path.Match(pattern, name); ok {
			list = append(list, name)
		}
	}
	return list
}
