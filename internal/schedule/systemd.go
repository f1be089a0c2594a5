package schedule

import (
	"fmt"
	"strings"
)

// The names of the two unit files, see systemd.unit(5).
const (
	ServiceName = "keysweep-rotate-due.service"
	TimerName   = "keysweep-rotate-due.timer"
)

// Units returns the two files that make systemd run the plan, as systemd.service(5) and systemd.timer(5) have them. A run that was
// missed, as the machine was off, is made up for (Persistent=); up to an hour is waited, so that not all machines ask at once.
// Exit code 1 says that something is due: the job itself has not failed.
func Units(p Plan) (service, timer []byte, err error) {
	if err := p.check(); err != nil {
		return nil, nil, err
	}
	var s strings.Builder
	s.WriteString("# Made by: keysweep schedule install. Taken away by: keysweep schedule remove.\n" +
		"[Unit]\nDescription=Say which keys and credentials are due for replacement\n\n[Service]\nType=oneshot\n")
	for _, e := range p.Environ {
		fmt.Fprintf(&s, "Environment=%s\n", unitWord(e, false))
	}
	words := make([]string, 0, len(p.Args)+1)
	for _, w := range p.words() {
		words = append(words, unitWord(w, true))
	}
	fmt.Fprintf(&s, "ExecStart=%s\nSuccessExitStatus=1\nNoNewPrivileges=yes\nTimeoutStartSec=10min\n", strings.Join(words, " "))
	t := "# Made by: keysweep schedule install. Taken away by: keysweep schedule remove.\n" +
		"[Unit]\nDescription=Look for keys and credentials that are due, every day\n\n[Timer]\n" +
		fmt.Sprintf("OnCalendar=*-*-* %02d:%02d:00\nPersistent=true\nRandomizedDelaySec=1h\n\n[Install]\nWantedBy=timers.target\n", p.Hour, p.Minute)
	return []byte(s.String()), []byte(t), nil
}

// unitWord writes a word so that systemd reads it back: quoted, and without its specifiers (%h) and, in a command, its variables
// ($HOME). See "Quoting" in systemd.syntax(7), "Specifiers" in systemd.unit(5) and "Command lines" in systemd.service(5).
func unitWord(word string, command bool) string {
	r := strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`)
	if command {
		r = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`, `$`, `$$`)
	}
	return `"` + r.Replace(word) + `"`
}
