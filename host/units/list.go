package units

import (
	"maps"
	"path"
	"slices"
	"strings"

	"keysweep/host"
)

// maxUnits is how many units a machine may have.
const maxUnits = 10_000

// Facts are the services of a machine.
type Facts struct {
	Services map[string]*Unit // by their names; templates are not among them
	Errs     map[string]error // of those that could not be read
	Err      error            // why the services are not known; fs.ErrNotExist if there is no systemd
}

// Look reads all services. It does not fail: the errors stand in what it returns.
func Look(s host.Source) *Facts {
	f := &Facts{Services: map[string]*Unit{}, Errs: map[string]error{}}
	there, err := Installed(s)
	if err != nil {
		f.Err = err
		return f
	}
	if !there {
		_, f.Err = s.Stat("/usr/lib/systemd/system")
		return f
	}
	r := newReader(s)
	for _, dir := range directories() {
		in := r.list(dir)
		if in.err != nil {
			f.Err = in.err
			return f
		}
		for _, e := range in.order {
			if !strings.HasSuffix(e.Name, ".service") || strings.HasSuffix(e.Name, "@.service") || len(f.Services) >= maxUnits || f.Services[e.Name] != nil || f.Errs[e.Name] != nil {
				continue
			}
			if u, err := r.find(e.Name); err != nil {
				f.Errs[e.Name] = err
			} else {
				f.Services[e.Name] = u
			}
		}
	}
	return f
}

// Names returns the names of all services, also of those that could not be read, in their order.
func (f *Facts) Names() []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(f.Services)), maps.Keys(f.Errs))
	slices.Sort(names)
	return names
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
