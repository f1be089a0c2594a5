package system

import (
	"path"
	"slices"
	"strings"

	"keysweep/host"
	"keysweep/host/units"
)

// Logs is where the machine's logs go.
type Logs struct {
	Storage    string      // Storage= of journald: "auto" if it is not set
	StorageAt  host.Origin // where it is set
	Kept       bool        // the journal is kept over a reboot
	JournalErr error       // why Kept is not known; fs.ErrNotExist if there is no journald
	Syslog     string      // a syslog daemon that starts at boot: "rsyslog.service"; "" if none does
	SyslogErr  error
	Forward    []host.Origin // what sends logs to another machine
	ForwardErr error
}

func logs(s host.Source) (l Logs) {
	l.journal(s)
	for _, name := range []string{"rsyslog.service", "syslog-ng.service"} {
		u, err := units.Find(s, name)
		if err != nil {
			l.SyslogErr = err
		} else if u.State == units.Enabled {
			l.Syslog = name
		}
	}
	l.forward(s)
	return l
}

// journal finds out whether journald keeps what it logs (journald.conf(5)): with "auto" it does if /var/log/journal is there.
func (l *Logs) journal(s host.Source) {
	there, err := units.Installed(s)
	if err != nil {
		l.JournalErr = err
		return
	}
	if !there {
		_, l.JournalErr = s.Stat("/usr/lib/systemd/system")
		return
	}
	l.Storage = "auto"
	set, at, err := lastOf(s, "journald", "Journal", "Storage")
	if err != nil {
		l.JournalErr = err
		return
	}
	if set != "" {
		l.Storage, l.StorageAt = strings.ToLower(set), at
	}
	switch l.Storage {
	case "persistent":
		l.Kept = true
	case "auto":
		_, err := s.Stat("/var/log/journal")
		l.Kept = err == nil
		if err != nil && !host.Missing(err) {
			l.JournalErr = err
		}
	}
}

// lastOf reads a key of systemd's own configuration: NAME.conf and the drop-ins beside it, by name; of the same name the first directory's.
func lastOf(s host.Source, name, section, key string) (value string, at host.Origin, err error) {
	dirs := []string{"/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd"}
	read := func(file string) (bool, error) {
		f, err := s.Read(file)
		if host.Missing(err) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if v, o, ok := assigned(file, string(f.Data), section, key); ok {
			value, at = v, o
		}
		return true, nil
	}
	for _, dir := range dirs {
		if found, err := read(path.Join(dir, name+".conf")); err != nil {
			return "", at, err
		} else if found {
			break
		}
	}
	seen := map[string]string{}
	var order []string
	for _, dir := range dirs {
		entries, err := host.Glob(s, path.Join(dir, name+".conf.d", "*.conf"))
		if err != nil {
			return "", at, err
		}
		for _, e := range entries {
			if seen[e.Name] == "" {
				seen[e.Name] = e.Path
				order = append(order, e.Name)
			}
		}
	}
	slices.Sort(order)
	for _, n := range order {
		if _, err := read(seen[n]); err != nil {
			return "", at, err
		}
	}
	return value, at, nil
}

// assigned is the last assignment to a key of a section in a file.
func assigned(name, text, section, key string) (value string, at host.Origin, ok bool) {
	in, number := "", 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			in = line[1 : len(line)-1]
		}
		k, v, found := strings.Cut(line, "=")
		if found && in == section && strings.TrimSpace(k) == key && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, ";") {
			value, at, ok = strings.TrimSpace(v), host.Origin{Path: name, Line: number, Text: line}, true
		}
	}
	return value, at, ok
}

// forward looks for what sends logs away: rsyslog's "@host", its omfwd and omrelp, syslog-ng's network destinations, journald's upload.
func (l *Logs) forward(s host.Source) {
	files := []string{"/etc/rsyslog.conf", "/etc/syslog-ng/syslog-ng.conf"}
	for _, pattern := range []string{"/etc/rsyslog.d/*.conf", "/etc/syslog-ng/conf.d/*.conf"} {
		entries, err := host.Glob(s, pattern)
		if err != nil {
			l.ForwardErr = err
		}
		for _, e := range entries {
			files = append(files, e.Path)
		}
	}
	for _, name := range files {
		f, err := s.Read(name)
		if err != nil {
			if !host.Missing(err) {
				l.ForwardErr = err
			}
			continue
		}
		l.Forward = append(l.Forward, senders(name, string(f.Data))...)
	}
	if u, err := units.Find(s, "systemd-journal-upload.service"); err != nil {
		l.ForwardErr = err
	} else if u.State == units.Enabled {
		l.Forward = append(l.Forward, host.Origin{Path: u.By})
	}
}

func senders(name, text string) (list []host.Origin) {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || len(list) >= 100 {
			continue
		}
		words := strings.Fields(line)
		last := words[len(words)-1]
		lower := strings.ToLower(line)
		if len(words) >= 2 && strings.HasPrefix(last, "@") && len(last) > 1 || strings.Contains(lower, `type="omfwd"`) || strings.Contains(lower, `type="omrelp"`) ||
			strings.Contains(name, "syslog-ng") && (strings.Contains(lower, "network(") || strings.Contains(lower, "syslog(\"") || strings.Contains(lower, "tcp(\"") || strings.Contains(lower, "udp(\"")) {
			list = append(list, host.Origin{Path: name, Line: number, Text: line})
		}
	}
	return list
}
