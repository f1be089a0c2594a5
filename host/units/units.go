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
func Find(s host.Source, name string) (*Unit, error) {
	if name == "" || strings.ContainsAny(name, "/\x00") || len(name) > 255 {
		return nil, errors.New("that is no unit's name")
	}
	u := &Unit{Name: name, State: Missing, settings: map[string][]Setting{}}
	if err := u.fragment(s); err != nil {
		return nil, fmt.Errorf("unit %s: %w", name, err)
	}
	if u.State == Masked {
		return u, nil
	}
	if err := u.dropIns(s); err != nil {
		return nil, fmt.Errorf("unit %s: %w", name, err)
	}
	if u.Path == "" {
		return u, nil
	}
	if err := u.enabled(s); err != nil {
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
func (u *Unit) fragment(s host.Source) error {
	for _, name := range u.names() {
		for _, dir := range directories() {
			file := path.Join(dir, name)
			info, err := s.Lstat(file)
			if host.Missing(err) {
				continue
			}
			if err != nil {
				return err
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
func (u *Unit) dropIns(s host.Source) error {
	found := map[string]string{}
	for _, name := range u.dropInNames() {
		for _, dir := range directories() {
			entries, err := host.Glob(s, path.Join(dir, name, "*.conf"))
			if err != nil && !errors.Is(err, host.ErrNoDirectory) {
				return err
			}
			for _, e := range entries {
				if found[e.Name] == "" {
					found[e.Name] = e.Path
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
		info, err := s.Lstat(found[name])
		if err != nil {
			return err
		}
		if path.Clean(info.Link) == "/dev/null" {
			continue
		}
		f, err := s.Read(found[name])
		if host.Missing(err) {
			continue
		}
		if err != nil {
			return err
		}
		if err := u.parse(found[name], string(f.Data)); err != nil {
			return err
		}
	}
	return nil
}

// enabled looks for links to the unit, as systemctl is-enabled does.
func (u *Unit) enabled(s host.Source) error {
	if len(u.All("Install", "WantedBy"))+len(u.All("Install", "RequiredBy"))+len(u.All("Install", "UpheldBy"))+len(u.All("Install", "Alias"))+len(u.All("Install", "Also")) > 0 {
		u.State = Disabled
	}
	for _, dir := range []string{"/etc/systemd/system", "/run/systemd/system"} {
		entries, err := s.List(dir)
		if host.Missing(err) {
			continue
		}
		if err != nil {
			return err
		}
		for _, e := range entries {
			file := path.Join(dir, e.Name)
			if e.Mode&fs.ModeSymlink != 0 && path.Base(e.Link) == u.Name && e.Name != u.Name { // an alias
				u.State, u.By = Enabled, file
				return nil
			}
			if !strings.HasSuffix(e.Name, ".wants") && !strings.HasSuffix(e.Name, ".requires") && !strings.HasSuffix(e.Name, ".upholds") {
				continue
			}
			if _, err := s.Lstat(path.Join(file, u.Name)); err == nil {
				u.State, u.By = Enabled, path.Join(file, u.Name)
				return nil
			} else if !host.Missing(err) {
				return err
			}
		}
	}
	return nil
}
