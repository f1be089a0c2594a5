package system

import (
	"path"
	"slices"
	"strings"

	"keysweep/host"
)

// Disk is a file system and what lies below it.
type Disk struct {
	Mount     string // "/"
	Device    string // "/dev/mapper/vg-root"
	Kind      string // of the file system: "ext4"
	Encrypted bool   // it, or a device below it, is encrypted by dm-crypt; or the file system by itself
	By        string // the device that is: "dm-0 (CRYPT-LUKS2)"
	Err       error  // why that is not known
}

// disks looks at what the directories with programs and people's files lie on.
func disks(s host.Source) (list []Disk, err error) {
	if s.Kind() == host.Image {
		return nil, host.ErrNotRun
	}
	f, err := s.Read("/proc/mounts")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(f.Data)) {
		words := strings.Fields(line)
		if len(words) < 4 || !slices.Contains([]string{"/", "/home", "/var", "/srv"}, words[1]) {
			continue
		}
		d := Disk{Mount: words[1], Device: words[0], Kind: words[2]}
		if strings.HasPrefix(d.Device, "/dev/") {
			d.below(s)
			list = slices.DeleteFunc(list, func(other Disk) bool { return other.Mount == d.Mount }) // the later mount covers the other
			list = append(list, d)
		}
	}
	return list, nil
}

// below follows a device to those that it lies on (sysfs: slaves), and looks for one whose device mapper says CRYPT.
func (d *Disk) below(s host.Source) {
	name := path.Base(d.Device)
	if strings.HasPrefix(d.Device, "/dev/mapper/") || strings.HasPrefix(name, "dm-") || strings.Count(d.Device, "/") == 3 {
		if dm, err := d.mapped(s, name); err != nil {
			d.Err = err
			return
		} else if dm != "" {
			name = dm
		}
	}
	seen := map[string]bool{}
	todo := []string{name}
	for len(todo) > 0 && len(seen) < 100 {
		at := todo[0]
		todo = todo[1:]
		if seen[at] {
			continue
		}
		seen[at] = true
		uuid := ""
		if strings.HasPrefix(at, "dm-") {
			var err error
			if uuid, err = word(s, path.Join("/sys/block", at, "dm/uuid")); err != nil && !host.Missing(err) {
				d.Err = err
				return
			}
		}
		if strings.HasPrefix(uuid, "CRYPT-") {
			kind, _, _ := strings.Cut(strings.TrimPrefix(uuid, "CRYPT-"), "-")
			d.Encrypted, d.By = true, at+" (CRYPT-"+kind+")"
			return
		}
		slaves, err := s.List(path.Join("/sys/block", at, "slaves"))
		if err != nil && !host.Missing(err) {
			d.Err = err
			return
		}
		for _, e := range slaves {
			todo = append(todo, e.Name)
		}
	}
}

// mapped finds the block device that device mapper has given a name: /dev/mapper/NAME, or /dev/GROUP/VOLUME of LVM, whose dashes are doubled.
func (d *Disk) mapped(s host.Source, name string) (string, error) {
	if group := path.Base(path.Dir(d.Device)); path.Dir(d.Device) != "/dev/mapper" && path.Dir(d.Device) != "/dev" {
		name = strings.ReplaceAll(group, "-", "--") + "-" + strings.ReplaceAll(name, "-", "--")
	}
	entries, err := s.List("/sys/block")
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name, "dm-") {
			continue
		}
		if e.Name == name {
			return name, nil
		}
		got, err := word(s, path.Join("/sys/block", e.Name, "dm/name"))
		if err != nil && !host.Missing(err) {
			return "", err
		}
		if got == name {
			return e.Name, nil
		}
	}
	return "", nil
}
