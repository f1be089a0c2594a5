// Package containers finds out with whose rights containers run, from the kernel's view of their processes: it needs neither the daemon that
// started them nor its socket. It states facts; package policy/audit judges them.
//
// Start at Look.
package containers

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"keysweep/host"
)

// Facts are the containers that run.
type Facts struct {
	Running []Container // by their ids
	Err     error       // why they, or not all of them, are known
}

// Container is a container, as its first process shows it.
type Container struct {
	ID      string // 64 hexadecimal digits
	Engine  string // "docker", "libpod" (Podman), "cri-containerd", "crio"
	PID     int    // of its first process
	Command string
	UID     int  // whose rights it has on the machine, after user namespaces: 0 is root's own
	AllCaps bool // it holds nearly all capabilities: it is privileged
}

// Short is the beginning of the id, as the engines' own tools show it.
func (c Container) Short() string { return c.ID[:12] }

// member is the end of a process's control group in a container, of version 1 or 2, by cgroupfs or by systemd.
var member = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(docker|libpod|cri-containerd|crio)[-/:]([0-9a-f]{64})`)
})

// maxContainers is how many containers are looked at.
const maxContainers = 10_000

// Look finds the containers. It does not fail; the error stands in what it returns.
func Look(s host.Source) *Facts {
	f := &Facts{}
	if s.Kind() == host.Image {
		f.Err = host.ErrNotRun
		return f
	}
	entries, err := s.List("/proc")
	if err != nil {
		f.Err = err
		return f
	}
	first := map[string]Container{}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name)
		if err != nil || pid <= 0 {
			continue
		}
		cgroup, err := s.Read(path.Join("/proc", e.Name, "cgroup"))
		if err != nil {
			if !host.Missing(err) && !errors.Is(err, host.ErrNotCollected) { // those have ended, or came after it was collected
				f.Err = err
			}
			continue
		}
		m := member().FindSubmatch(cgroup.Data)
		if m == nil || len(first) >= maxContainers {
			continue
		}
		if c, known := first[string(m[2])]; !known || pid < c.PID {
			first[string(m[2])] = Container{ID: string(m[2]), Engine: string(m[1]), PID: pid}
		}
	}
	for _, c := range first {
		if err := c.rights(s); err != nil {
			f.Err = err
			continue
		}
		f.Running = append(f.Running, c)
	}
	slices.SortFunc(f.Running, func(a, b Container) int { return cmp.Compare(a.ID, b.ID) })
	return f
}

// rights reads /proc/PID/status (proc_pid_status(5)): the effective user, as this machine numbers users, and the effective capabilities.
func (c *Container) rights(s host.Source) error {
	f, err := s.Read(path.Join("/proc", strconv.Itoa(c.PID), "status"))
	if err != nil {
		return err
	}
	known := false
	for line := range strings.Lines(string(f.Data)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		words := strings.Fields(value)
		switch {
		case key == "Name":
			c.Command = strings.TrimSpace(value)
		case key == "Uid" && len(words) == 4:
			uid, err := strconv.Atoi(words[1])
			c.UID, known = uid, err == nil
		case key == "CapEff" && len(words) == 1:
			caps, err := strconv.ParseUint(words[0], 16, 64)
			c.AllCaps = err == nil && caps&allCaps == allCaps
		}
	}
	if !known {
		return fmt.Errorf("/proc/%d/status does not say whose process it is", c.PID)
	}
	return nil
}

// allCaps are the capabilities 0 to 37 of capabilities(7), which every kernel since 3.16 has; an unprivileged container of Docker holds 14 of them.
const allCaps = 1<<38 - 1
