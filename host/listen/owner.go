package listen

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"keysweep/host"
)

// owners finds the programs that hold the sockets: links of their open files name them by inode (proc_pid_fd(5)).
func (s *Sockets) owners(source host.Source) {
	wanted := map[uint64][]int{}
	for i, l := range s.Listeners {
		if l.inode != 0 {
			wanted[l.inode] = append(wanted[l.inode], i)
		}
	}
	entries, err := source.List("/proc")
	if err != nil {
		s.Owners = fmt.Errorf("look for the programs that listen: %w", err)
		return
	}
	networks := map[string]bool{}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name)
		if err != nil || pid <= 0 {
			continue
		}
		if info, err := source.Lstat(path.Join("/proc", e.Name, "ns/net")); err == nil && info.Link != "" {
			networks[info.Link] = true
		}
		if len(wanted) > 0 {
			s.process(source, pid, wanted)
		}
	}
	s.Networks = max(0, len(networks)-1)
	if len(wanted) == 0 {
		s.Owners = nil
	}
}

// process looks which of the wanted sockets a process holds, and takes them off the list.
func (s *Sockets) process(source host.Source, pid int, wanted map[uint64][]int) {
	dir := path.Join("/proc", strconv.Itoa(pid))
	files, err := source.List(path.Join(dir, "fd"))
	if host.Missing(err) {
		return // it has ended
	}
	if err != nil {
		s.Owners = fmt.Errorf("look for the programs that listen: %w", err)
		return
	}
	command, unit := "", ""
	for _, f := range files {
		text, ok := strings.CutPrefix(f.Link, "socket:[")
		inode, err := strconv.ParseUint(strings.TrimSuffix(text, "]"), 10, 64)
		if !ok || err != nil || wanted[inode] == nil {
			continue
		}
		if command == "" {
			command, unit = describe(source, dir)
		}
		for _, i := range wanted[inode] {
			l := &s.Listeners[i]
			l.PID, l.Command, l.Unit = pid, command, unit
		}
		delete(wanted, inode)
	}
}

// describe returns a process's name and its unit.
func describe(source host.Source, dir string) (command, unit string) {
	command = "?"
	if f, err := source.Read(path.Join(dir, "comm")); err == nil && len(f.Data) > 0 {
		command = strings.TrimSpace(string(f.Data))
	}
	if f, err := source.Read(path.Join(dir, "cgroup")); err == nil {
		unit = unitOf(string(f.Data))
	}
	return command, unit
}

// unitOf finds the unit in a process's control groups (cgroups(7)): the last part of a path that is a service or a scope.
func unitOf(text string) (unit string) {
	for line := range strings.SplitSeq(text, "\n") {
		fields := strings.SplitN(line, ":", 3)
		if len(fields) != 3 || fields[0] != "0" && fields[1] != "name=systemd" {
			continue
		}
		for part := range strings.SplitSeq(fields[2], "/") {
			if strings.HasSuffix(part, ".service") || strings.HasSuffix(part, ".scope") {
				unit = part
			}
		}
	}
	return unit
}
