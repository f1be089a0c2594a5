package logins

import (
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"time"
)

// isoTime takes the time off a line of journalctl -o short-iso: "2026-11-22T03:04:05+0000 host sshd[7]: ...".
func isoTime(line string) (at time.Time, rest string, ok bool) {
	word, rest, _ := strings.Cut(line, " ")
	for _, layout := range []string{"2006-01-02T15:04:05-0700", time.RFC3339Nano} {
		if at, err := time.Parse(layout, word); err == nil {
			return at.UTC(), rest, true
		}
	}
	return at, "", false
}

// logTime takes the time off a line of syslog: RFC 3339, or "Nov 22 03:04:05" in the year that fits when the file was written last.
func logTime(line string, last time.Time) (at time.Time, rest string, ok bool) {
	if at, rest, ok = isoTime(line); ok {
		return at, rest, ok
	}
	if len(line) < 16 {
		return at, "", false
	}
	at, err := time.Parse("Jan _2 15:04:05 2006", line[:15]+" 2000") // a leap year
	if err != nil || line[15] != ' ' {
		return at, "", false
	}
	at = time.Date(last.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
	if at.After(last.Add(24 * time.Hour)) { // its clock may be ahead of UTC
		at = at.AddDate(-1, 0, 0)
	}
	return at, line[16:], true
}

// accepted is sshd's message of a login (auth.c, auth_log), behind the machine's name. A user's name may hold white space, and then is told
// by what stands last on the line.
var accepted = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\S+ sshd(?:-session)?\[\d+\]: Accepted ([a-z/-]+) for (.{1,64}) from (\S+) port \d+ ssh2(?:: [A-Z0-9-]+ (SHA256:[A-Za-z0-9+/]{43}).*)?\s*$`)
})

func (f *Facts) add(at time.Time, rest string) {
	m := accepted().FindStringSubmatch(rest)
	if m == nil || strings.Contains(m[2], " from ") {
		return
	}
	addr, err := netip.ParseAddr(m[3])
	if err != nil {
		return // a name, with UseDNS
	}
	f.Logins = append(f.Logins, Login{At: at, User: m[2], From: addr.Unmap().WithZone(""), Method: m[1], Key: m[4]})
}

// session reads a line of last -F -i: "root  pts/0  192.0.2.7  Sun Nov 22 10:00:00 2026 - ...".
func (f *Facts) session(line string) {
	words := strings.Fields(line)
	if len(words) < 8 {
		return
	}
	addr, err := netip.ParseAddr(words[2])
	at, err2 := time.Parse("Mon Jan 2 15:04:05 2006", strings.Join(words[3:8], " "))
	if err != nil || err2 != nil || addr.IsUnspecified() {
		return
	}
	f.Logins = append(f.Logins, Login{At: at, User: words[0], From: addr.Unmap().WithZone("")})
}
