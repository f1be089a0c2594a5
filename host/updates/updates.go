package updates

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"

	"keysweep/host"
	"keysweep/host/units"
)

// Facts are what is known of a machine's updates.
type Facts struct {
	Manager    string // "apt", "dnf", "dnf5", "yum", "zypper", "apk", "pacman"; "" if none of them is there
	ManagerErr error
	Apt        *Apt // nil unless apt is the manager
	Dnf        *Dnf // nil unless dnf or dnf5 is
}

// Apt is apt's part.
type Apt struct {
	Config    *AptConfig
	ConfigErr error
	Upgrader  error   // nil if unattended-upgrade is installed; fs.ErrNotExist if not
	Timers    []Timer // what starts it: two timers of systemd, or the daily cron job
	Lists     time.Time
	ListsErr  error     // when the lists of packages were fetched last
	Ran       time.Time // when unattended-upgrade ran last; zero if never
	RanErr    error
	Pending
	Sources    []Repository
	SourcesErr error
}

// Dnf is dnf's part.
type Dnf struct {
	Apply  Value // apply_updates of dnf-automatic's configuration, as it counts
	Type   Value // upgrade_type
	Err    error // why they are not known; fs.ErrNotExist if dnf-automatic is not installed
	Timers []Timer
	Pending
	Repositories    []DnfRepository
	RepositoriesErr error
}

// Pending are updates that wait.
type Pending struct {
	Updates    []Update
	PendingErr error // why they are not known
}

// Update is a package that would be replaced.
type Update struct {
	Package  string
	Old, New string
	From     string // where the new version comes from: "Debian-Security:12/oldstable-security"
	Security bool
}

// Timer is what starts the updates.
type Timer struct {
	Name string
	Unit *units.Unit // nil for a job of cron, which is there if Err is nil
	Err  error
}

// On reports whether it starts anything.
func (t Timer) On() bool {
	return t.Err == nil && (t.Unit == nil || t.Unit.State == units.Enabled || t.Unit.State == units.Static)
}

// managers are package managers by the programs that they bring, the first that is there counts.
func managers() [][2]string {
	return [][2]string{{"/usr/bin/apt-get", "apt"}, {"/usr/bin/dnf5", "dnf5"}, {"/usr/bin/dnf", "dnf"}, {"/usr/bin/yum", "yum"},
		{"/usr/bin/zypper", "zypper"}, {"/sbin/apk", "apk"}, {"/usr/bin/pacman", "pacman"}}
}

// Look finds out about updates. It does not fail: what could not be had is said in the part that misses it.
func Look(ctx context.Context, s host.Source) *Facts {
	f := &Facts{}
	for _, m := range managers() {
		_, err := s.Stat(m[0])
		if err == nil {
			f.Manager = m[1]
			break
		}
		if !host.Missing(err) && f.ManagerErr == nil {
			f.ManagerErr = fmt.Errorf("look for a package manager: %w", err)
		}
	}
	switch f.Manager {
	case "apt":
		f.Apt = lookApt(ctx, s)
	case "dnf", "dnf5":
		f.Dnf = lookDnf(ctx, s, f.Manager)
	}
	if f.Manager != "" {
		f.ManagerErr = nil
	}
	return f
}

func lookApt(ctx context.Context, s host.Source) *Apt {
	a := &Apt{}
	a.Config, a.ConfigErr = ReadAptConfig(s)
	_, a.Upgrader = s.Stat("/usr/bin/unattended-upgrade")
	a.Timers = timers(s, "/etc/cron.daily/apt-compat", "apt-daily.timer", "apt-daily-upgrade.timer")
	a.Lists, a.ListsErr = newest(s, "/var/lib/apt/periodic/update-success-stamp", "/var/lib/apt/lists")
	a.Ran, a.RanErr = newest(s, "/var/lib/apt/periodic/unattended-upgrades-stamp", "/var/lib/apt/periodic/upgrade-stamp")
	a.Pending = aptPending(ctx, s)
	a.Sources, a.SourcesErr = readRepositories(s)
	return a
}

// timers looks for units, or for a job of cron where there is no systemd.
func timers(s host.Source, cron string, names ...string) (list []Timer) {
	if there, err := units.Installed(s); err == nil && !there {
		_, err := s.Stat(cron)
		return []Timer{{Name: cron, Err: err}}
	}
	for _, name := range names {
		u, err := units.Find(s, name)
		list = append(list, Timer{Name: name, Unit: u, Err: err})
	}
	return list
}

// newest is when the newest of some files was changed; zero if there are none.
func newest(s host.Source, names ...string) (at time.Time, err error) {
	for _, name := range names {
		info, statErr := s.Stat(name)
		switch {
		case statErr == nil && info.Time.After(at):
			at = info.Time
		case statErr != nil && !host.Missing(statErr):
			err = statErr
		}
	}
	return at, err
}

// SimulateApt is the command that says what apt would install. It keeps no cache: it writes nothing.
func SimulateApt() []string {
	return []string{"apt-get", "-s", "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=", "dist-upgrade"}
}

func aptPending(ctx context.Context, s host.Source) (p Pending) {
	out, err := s.Run(ctx, SimulateApt()...)
	switch {
	case err != nil:
		p.PendingErr = err
	case out.Exit != 0:
		p.PendingErr = fmt.Errorf("apt-get -s dist-upgrade fails: %s", firstLine(out.Stderr))
	default:
		p.Updates = parseInst(string(out.Stdout))
	}
	return p
}

// maxUpdates is how many updates are kept.
const maxUpdates = 20_000

// inst is a line of apt-get -s: "Inst bash [5.2-1] (5.2-2 Debian:12.15/oldstable, Debian-Security:12/... [amd64]) []".
var inst = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^Inst (\S+) (?:\[([^\]]*)\] )?\((\S+) ([^\[)]*?) ?(?:\[[^\]]*\])?\)`)
})

func parseInst(text string) (list []Update) {
	for line := range strings.Lines(text) {
		m := inst().FindStringSubmatch(line)
		if m == nil || len(list) >= maxUpdates || m[2] == "" { // what is new replaces nothing
			continue
		}
		list = append(list, Update{Package: m[1], Old: m[2], New: m[3], From: m[4], Security: strings.Contains(strings.ToLower(m[4]), "-security")})
	}
	return list
}

// firstLine is the beginning of what a program complained of.
func firstLine(text []byte) string {
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" {
			return line[:min(len(line), 200)]
		}
	}
	return "it says nothing"
}

// lookDnf reads dnf-automatic's configuration, and asks dnf what its lists say.
func lookDnf(ctx context.Context, s host.Source, manager string) *Dnf {
	d := &Dnf{}
	files := []string{"/etc/dnf/automatic.conf"}
	names := []string{"dnf-automatic.timer", "dnf-automatic-install.timer"}
	if manager == "dnf5" { // dnf5-automatic(8): its own file first, then those that override it
		files = []string{"/usr/share/dnf5/dnf5-plugins/automatic.conf", "/etc/dnf/dnf5-plugins/automatic.conf", "/etc/dnf/automatic.conf"}
		names = []string{"dnf5-automatic.timer", "dnf-automatic.timer"}
	}
	d.Apply, d.Type = Value{Text: "no"}, Value{Text: "default"}
	found := false
	for _, name := range files {
		f, err := s.Read(name)
		if host.Missing(err) {
			continue
		}
		if err != nil {
			d.Err = err
			break
		}
		found = true
		d.read(name, string(f.Data))
	}
	if d.Err == nil && !found {
		_, d.Err = s.Read(files[len(files)-1])
	}
	d.Timers = timers(s, "/etc/cron.daily/dnf-automatic.cron", names...)
	d.Pending = dnfPending(ctx, s)
	d.Repositories, d.RepositoriesErr = readDnfRepositories(s)
	return d
}

func (d *Dnf) read(name, text string) {
	for _, section := range sections(name, text) {
		if section.name != "commands" {
			continue
		}
		if v, ok := section.values["apply_updates"]; ok {
			d.Apply = v
		}
		if v, ok := section.values["upgrade_type"]; ok {
			d.Type = v
		}
	}
}

// dnfPending asks what waits by the lists that dnf has; exit code 100 says that something does (dnf(8)).
func dnfPending(ctx context.Context, s host.Source) (p Pending) {
	all, err := dnfList(ctx, s, "dnf", "-q", "-C", "check-update")
	if err != nil {
		return Pending{PendingErr: err}
	}
	security, err := dnfList(ctx, s, "dnf", "-q", "-C", "check-update", "--security")
	if err != nil {
		return Pending{PendingErr: err}
	}
	urgent := map[string]bool{}
	for _, u := range security {
		urgent[u.Package] = true
	}
	for _, u := range all {
		u.Security = urgent[u.Package]
		p.Updates = append(p.Updates, u)
	}
	return p
}

func dnfList(ctx context.Context, s host.Source, argv ...string) (list []Update, err error) {
	out, err := s.Run(ctx, argv...)
	if err != nil {
		return nil, err
	}
	if out.Exit != 0 && out.Exit != 100 {
		return nil, fmt.Errorf("%s fails: %s", path.Base(argv[0]), firstLine(out.Stderr))
	}
	for line := range strings.Lines(string(out.Stdout)) {
		if strings.HasPrefix(line, "Obsoleting") {
			break
		}
		if words := strings.Fields(line); len(words) == 3 && len(list) < maxUpdates && strings.Contains(words[0], ".") {
			list = append(list, Update{Package: words[0], New: words[1], From: words[2]})
		}
	}
	return list, nil
}
