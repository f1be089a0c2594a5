// Package units reads the units of systemd from their files: which there are, whether they start at boot, and their settings with the drop-ins
// of all directories merged (systemd.unit(5)). It needs no running systemd.
//
// Start at Find.
package units

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"keysweep/host"
)

// State says whether a unit starts by itself.
type State string

// The states.
const (
	Enabled  State = "enabled"  // a directory of wanted or required units, or an alias, links to it
	Disabled State = "disabled" // it could be enabled, and is not
	Static   State = "static"   // it has no [Install] section: others start it
	Masked   State = "masked"   // it cannot be started
	Missing  State = "missing"  // there is no such unit
)

// Unit is a unit and its settings.
type Unit struct {
	Name     string
	Path     string // the file that describes it; "" if there is none
	State    State
	By       string // what enables or masks it: the link's path
	Files    []string
	settings map[string][]Setting
}

// Setting is an assignment.
type Setting struct {
	Value string
	At    host.Origin
}

// directories are where units are looked for, the most important ones first (systemd.unit(5), "System Unit Search Path").
func directories() []string {
	return []string{"/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient", "/run/systemd/generator.early",
		"/etc/systemd/system", "/etc/systemd/system.attached", "/run/systemd/system", "/run/systemd/system.attached", "/run/systemd/generator",
		"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system", "/run/systemd/generator.late"}
}

// Local reports whether a unit was made on the machine, and not by a package of its distribution: by where its file lies.
func (u *Unit) Local() bool {
	return strings.HasPrefix(u.Path, "/etc/") || strings.HasPrefix(u.Path, "/usr/local/") || strings.HasPrefix(u.Path, "/run/systemd/transient/") ||
		strings.HasPrefix(u.Path, "/run/systemd/system/")
}

// Installed reports whether the machine has systemd at all. The error says that this is not known.
func Installed(s host.Source) (bool, error) {
	for _, dir := range []string{"/usr/lib/systemd/system", "/lib/systemd/system"} {
		_, err := s.Stat(dir)
		if err == nil {
			return true, nil
		}
		if !host.Missing(err) {
			return false, err
		}
	}
	return false, nil
}

// Find reads a unit by its name: "ssh.service". One that is not there has the state Missing. An error means that it is not known.
func Find(s host.Source, name string) (*Unit, error) { return newReader(s).find(name) }

// reader reads units, and each directory once.
type reader struct {
	host.Source
	listed map[string]listing
}

type listing struct {
	entries map[string]host.Info
	order   []host.Info
	err     error
}

func newReader(s host.Source) *reader { return &reader{Source: s, listed: map[string]listing{}} }

// list returns the entries of a directory; one that is not there has none.
func (r *reader) list(dir string) listing {
	l, ok := r.listed[dir]
	if ok {
		return l
	}
	l.entries = map[string]host.Info{}
	if l.order, l.err = r.List(dir); host.Missing(l.err) || errors.Is(l.err, host.ErrNoDirectory) {
		l.err = nil
	}
	for _, e := range l.order {
		l.entries[e.Name] = e
	}
	r.listed[dir] = l
	return l
}

func (r *reader) find(name string) (*Unit, error) {
	if name == "" || strings.ContainsAny(name, "/\x00") || len(name) > 255 {
		return nil, errors.New("that is no unit's name")
	}
	u := &Unit{Name: name, State: Missing, settings: map[string][]Setting{}}
	if err := u.fragment(r); err != nil {
		return nil, fmt.Errorf("unit %s: %w", name, err)
	}
	if u.State == Masked {
		return u, nil
	}
	if err := u.dropIns(r); err != nil {
		return nil, fmt.Errorf("unit %s: %w", name, err)
	}
	if u.Path == "" {
		return u, nil
	}
	if err := u.enabled(r); err != nil {
		return nil, fmt.Errorf("unit %s: %w", name, err)
	}
	return u, nil
}

// names are those under which the unit's files may lie: its own, and its template's.
func (u *Unit) names() []string {
	if at := strings.IndexByte(u.Name, '@'); at >= 0 {
		template := u.Name[:at+1] + path.Ext(u.Name)
		if template != u.Name {
			return []string{u.Name, template}
		}
	}
	return []string{u.Name}
}

// fragment reads the file that describes the unit.
func (u *Unit) fragment(s *reader) error {
	for _, name := range u.names() {
		for _, dir := range directories() {
			file := path.Join(dir, name)
			in := s.list(dir)
			if in.err != nil {
				return in.err
			}
			info, there := in.entries[name]
			if !there {
				continue
			}
			if info.Mode&fs.ModeSymlink != 0 && path.Clean(info.Link) == "/dev/null" {
				u.State, u.By = Masked, file
				return nil
			}
			f, err := s.Read(file)
			if host.Missing(err) { // a link that leads nowhere
				continue
			}
			if err != nil {
				return err
			}
			if len(f.Data) == 0 {
				u.State, u.By = Masked, file
				return nil
			}
			u.Path, u.State = f.Real, Static
			return u.parse(f.Real, string(f.Data))
		}
	}
	return nil
}

// dropInNames are the directories whose files change a unit, the most specific first: its own, its template's, those of each dash-separated
// beginning of its name, and that of its kind.
func (u *Unit) dropInNames() (list []string) {
	kind := path.Ext(u.Name)
	for _, name := range u.names() {
		list = append(list, name+".d")
	}
	stem := strings.TrimSuffix(u.Name, kind)
	for {
		at := strings.LastIndexByte(strings.TrimSuffix(stem, "-"), '-')
		if at <= 0 {
			break
		}
		stem = stem[:at+1]
		list = append(list, stem+kind+".d")
	}
	return append(list, strings.TrimPrefix(kind, ".")+".d")
}

// dropIns merges the files of all drop-in directories: by name, and of those with the same name the one of the first directory.
func (u *Unit) dropIns(s *reader) error {
	found := map[string]host.Info{}
	for _, name := range u.dropInNames() {
		for _, dir := range directories() {
			if _, there := s.list(dir).entries[name]; !there {
				continue
			}
			in := s.list(path.Join(dir, name))
			if in.err != nil {
				return in.err
			}
			for _, e := range in.order {
				if _, taken := found[e.Name]; !taken && strings.HasSuffix(e.Name, ".conf") {
					found[e.Name] = e
				}
			}
		}
	}
	var order []string
	for name := range found {
		order = append(order, name)
	}
	slices.Sort(order)
	for _, name := range order {
		if path.Clean(found[name].Link) == "/dev/null" {
			continue
		}
		f, err := s.Read(found[name].Path)
		if host.Missing(err) {
			continue
		}
		if err != nil {
			return err
		}
		if err := u.parse(found[name].Path, string(f.Data)); err != nil {
			return err
		}
	}
	return nil
}

// enabled looks for links to the unit, as systemctl is-enabled does.
func (u *Unit) enabled(s *reader) error {
	if len(u.All("Install", "WantedBy"))+len(u.All("Install", "RequiredBy"))+len(u.All("Install", "UpheldBy"))+len(u.All("Install", "Alias"))+len(u.All("Install", "Also")) > 0 {
		u.State = Disabled
	}
	for _, dir := range []string{"/etc/systemd/system", "/run/systemd/system"} {
		in := s.list(dir)
		if in.err != nil {
			return in.err
		}
		for _, e := range in.order {
			file := path.Join(dir, e.Name)
			if e.Mode&fs.ModeSymlink != 0 && path.Base(e.Link) == u.Name && e.Name != u.Name { // an alias
				u.State, u.By = Enabled, file
				return nil
			}
			if !strings.HasSuffix(e.Name, ".wants") && !strings.HasSuffix(e.Name, ".requires") && !strings.HasSuffix(e.Name, ".upholds") {
				continue
			}
			wants := s.list(file)
			if wants.err != nil {
				return wants.err
			}
			if _, there := wants.entries[u.Name]; there {
				u.State, u.By = Enabled, path.Join(file, u.Name)
				return nil
			}
		}
	}
	return nil
}
