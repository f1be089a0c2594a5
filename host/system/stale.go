package system

import (
	"bufio"
	"bytes"
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"keysweep/host"
)

// Stale is a process that runs on libraries whose files were replaced since it started.
type Stale struct {
	PID     int
	Command string
	Library string // one of them: "/usr/lib/x86_64-linux-gnu/libssl.so.3"
}

// maxStale is how many processes are listed.
const maxStale = 1000

// stale looks through the memory maps of all processes (proc_pid_maps(5)) for libraries that have no file any more. Only root sees all of them.
func stale(s host.Source) (list []Stale, err error) {
	if s.Kind() != host.Live || !s.Root() {
		return nil, host.ErrNotCollected
	}
	entries, err := s.List("/proc")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name)
		if err != nil || pid <= 0 || len(list) >= maxStale {
			continue
		}
		maps, err := s.Read(path.Join("/proc", e.Name, "maps"))
		if err != nil {
			continue // it has ended, or is one of those that not even root may look into
		}
		if library := replaced(maps.Data); library != "" {
			comm, _ := word(s, path.Join("/proc", e.Name, "comm"))
			list = append(list, Stale{PID: pid, Command: cmp.Or(comm, "?"), Library: library})
		}
	}
	slices.SortFunc(list, func(a, b Stale) int { return cmp.Compare(a.PID, b.PID) })
	return list, nil
}

// replaced returns a shared library of the system in a map that has no file any more; "" if there is none.
func replaced(maps []byte) string {
	lines := bufio.NewScanner(bytes.NewReader(maps))
	for lines.Scan() {
		line, deleted := strings.CutSuffix(lines.Text(), " (deleted)")
		at := strings.IndexByte(line, '/')
		if !deleted || at < 0 {
			continue
		}
		name := line[at:]
		if strings.Contains(path.Base(name), ".so") && (strings.HasPrefix(name, "/usr/lib") || strings.HasPrefix(name, "/lib")) {
			return name
		}
	}
	return ""
}
