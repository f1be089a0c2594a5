package sshd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"keysweep/host"
	"keysweep/host/units"
)

// Started returns what sshd is started with: by the sshd that runs, if one does, and by the unit, or without systemd the settings of the
// script, that starts it. Words are nil where there are none.
func Started(ctx context.Context, src host.Source, socket Socket) (running, unit Arguments) {
	unit = fromUnit(src, socket)
	running, runs := fromProcess(ctx, src)
	if !runs {
		return Arguments{}, unit
	}
	if unit.Err == nil && strings.Join(unit.Words, " ") == strings.Join(running.Words, " ") {
		running.Words, running.Origin = unit.Words, unit.Origin // the list of processes has no quotation marks
	}
	return running, unit
}

// pidFiles are where sshd notes its process, as it is built.
var pidFiles = []string{"/run/sshd.pid", "/var/run/sshd.pid"}

// fromProcess reads the command line of the sshd that listens, which shows it in its title: "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100
// startups" (since 8.2; before, the command line itself).
func fromProcess(ctx context.Context, src host.Source) (a Arguments, runs bool) {
	pid := ""
	for _, name := range pidFiles {
		if f, err := src.Read(name); err == nil {
			pid = strings.TrimSpace(string(f.Data))
			break
		}
	}
	if _, err := strconv.ParseUint(pid, 10, 31); err != nil {
		return a, false
	}
	out, err := src.Run(ctx, "ps", "-ww", "-C", "sshd", "-o", "pid=,args=")
	if err != nil {
		return a, false
	}
	for line := range strings.Lines(string(out.Stdout)) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != pid {
			continue
		}
		words = words[1:]
		if words[0] == "sshd:" {
			end := slices.Index(words, "[listener]")
			if end < 0 { // cut off, or a session
				return a, false
			}
			words = words[1:end]
		}
		if len(words) == 0 || path.Base(words[0]) != "sshd" {
			return a, false
		}
		return Arguments{Words: words[1:], Origin: host.Origin{Path: CommandLine, Text: strings.Join(words, " ")}, Running: true}, true
	}
	return a, false
}

// fromUnit reads the unit that starts sshd, with the variables in its command (systemd.service(5), "Command lines").
func fromUnit(src host.Source, socket Socket) Arguments {
	there, err := units.Installed(src)
	if err != nil {
		return Arguments{Err: fmt.Errorf("look for sshd's unit: %w", err)}
	}
	if !there {
		return fromScript(src)
	}
	names := []string{"ssh.service", "sshd.service"}
	if socket.Unit != "" { // it starts one for each connection, if it has such a unit
		names = append(names, "ssh@0.service", "sshd@0.service")
	}
	for _, name := range names {
		u, err := units.Find(src, name)
		if err != nil {
			return Arguments{Err: err}
		}
		if u.State == units.Masked || u.Path == "" {
			continue
		}
		return started(src, u)
	}
	return Arguments{}
}

var (
	errOther    = errors.New("its unit starts it by something else than its own name")
	errVariable = errors.New("a value of its unit is made by a shell, or was not collected")
)

func started(src host.Source, u *units.Unit) Arguments {
	start, ok := u.Last("Service", "ExecStart")
	if !ok {
		return Arguments{}
	}
	a := Arguments{Origin: start.At}
	words, err := splitCommand(start.Value)
	if err != nil || len(words) == 0 {
		a.Err = cmp.Or(err, errOther)
		return a
	}
	if path.Base(strings.TrimLeft(words[0].text, "-@:+!|")) != "sshd" {
		a.Err = fmt.Errorf("%w: %s", errOther, start.At)
		return a
	}
	variables, err := environment(src, u)
	if err != nil {
		a.Err = err
		return a
	}
	for _, w := range words[1:] {
		list, err := w.expand(variables)
		if err != nil {
			a.Err = err
			return a
		}
		a.Words = append(a.Words, list...)
	}
	if slices.ContainsFunc(a.Words, func(w string) bool { return strings.Contains(strings.ToLower(w), "withheld") }) {
		a.Err = errVariable
	}
	return a
}

// environment are the variables that the unit sets: those of its files stand above its own (systemd.exec(5)).
func environment(src host.Source, u *units.Unit) (map[string]string, error) {
	all := map[string]string{}
	for _, s := range u.All("Service", "Environment") {
		words, err := splitCommand(s.Value)
		if err != nil {
			return nil, err
		}
		for _, w := range words {
			name, value, _ := strings.Cut(w.text, "=")
			all[name] = value
		}
	}
	for _, s := range u.All("Service", "EnvironmentFile") {
		name, optional := strings.CutPrefix(s.Value, "-")
		f, err := src.Read(name)
		if optional && host.Missing(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read what sshd's unit sets: %s: %w", name, err)
		}
		variablesOf(string(f.Data), all)
	}
	return all, nil
}

// fromScript reads what scripts of other inits give to sshd: Debian's and Alpine's.
func fromScript(src host.Source) Arguments {
	for _, name := range []string{"/etc/default/ssh", "/etc/conf.d/sshd"} {
		f, err := src.Read(name)
		if err != nil {
			continue // whoever has neither gives it nothing; it may be missing, or another system
		}
		all := map[string]string{}
		variablesOf(string(f.Data), all)
		options := all["SSHD_OPTS"]
		a := Arguments{Words: strings.Fields(options), Origin: host.Origin{Path: name, Text: "SSHD_OPTS=" + options}}
		for i, l := range strings.Split(string(f.Data), "\n") {
			if strings.HasPrefix(strings.TrimSpace(l), "SSHD_OPTS=") {
				a.Origin.Line, a.Origin.Text = i+1, shown(l)
			}
		}
		if strings.ContainsAny(options, "$`") || strings.Contains(strings.ToLower(options), "withheld") {
			a.Err = errVariable
		}
		return a
	}
	return Arguments{}
}
