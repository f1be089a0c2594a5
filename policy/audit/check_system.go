package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/system"
)

// systemChecks are the checks of the machine itself.
func systemChecks() []hostCheck {
	const area = "system"
	return []hostCheck{
		{Check{ID: "host.os-eol", Area: area, Severity: finding.High, Title: "the operating system gets no security updates any more",
			Why: "Holes that are found from then on stay open.", Reference: system.EndsSource + ", as of " + system.EndsAsOf,
			Fix: "move to a release that is still looked after", FixBy: finding.FixAdvice}, judgeEnd},
		{Check{ID: "host.kernel-version", Area: area, Severity: finding.High, Title: "the kernel is older than 4.4",
			Why: "What isolates programs and containers from each other is not all there, and nobody closes its holes.", Fix: "install the distribution's newest kernel and reboot", FixBy: finding.FixAdvice}, judgeKernel},
		{Check{ID: "host.reboot-required", Area: area, Severity: finding.Medium, Title: "an update waits for a reboot",
			Why: "Until then the old kernel or libraries run, with the holes that the update closed.", Fix: "reboot in the next maintenance window: systemctl reboot", FixBy: finding.FixCommand}, judgeReboot},
		{Check{ID: "host.unexpected-reboot", Area: area, Severity: finding.Low, Title: "the machine went down without being shut down",
			Why: "It may have been an attacker, a kernel that fell over, or hardware that is about to fail.", Fix: "see what came before it: journalctl -b -1 -e", FixBy: finding.FixCommand}, judgeBoots},
		{Check{ID: "host.uptime", Area: area, Severity: finding.Low, Title: "the machine has not been rebooted for long",
			Why: "Updates of the kernel have no effect before, and nobody knows whether it still comes up.", Fix: "plan a maintenance window, and reboot", FixBy: finding.FixAdvice}, judgeUptime},
		{Check{ID: "host.os-profile", Area: area, Severity: finding.Info, Title: "which operating system runs",
			Why: "A system made for nodes updates itself and leaves out what nodes do not need.", FixBy: finding.FixAdvice}, judgeProfile},
		{Check{ID: "host.disk-encryption", Area: area, Severity: finding.Low, Title: "a disk is not encrypted",
			Why: "Who gets the disk, or a copy of it, reads all keys on it.", Fix: "encrypt it when the machine is set up anew (LUKS)", FixBy: finding.FixAdvice}, judgeDisks},
		{Check{ID: "org.provider", Area: area, Severity: finding.Info, Title: "whose machine it is",
			Why: "Some providers look after hardware and network better than others.", FixBy: finding.FixAdvice}, judgeProvider},
		{Check{ID: "org.region", Area: area, Severity: finding.Info, Title: "where the machine stands",
			Why: "It decides how well the network reaches it, and whose law holds.", FixBy: finding.FixAdvice}, judgeRegion},
	}
}

// looked returns the facts of the machine, or says that there are none.
func (m *machine) looked() (*system.Facts, bool) {
	if m.System == nil {
		m.unknown("the system was not looked at", host.ErrNotCollected, "")
		return nil, false
	}
	return m.System, true
}

func judgeEnd(m *machine) {
	f, ok := m.looked()
	if !ok {
		return
	}
	if f.ReleaseErr != nil {
		m.unknown("which operating system runs is not known", f.ReleaseErr, asRoot)
		return
	}
	name := cmp.Or(f.Release.Pretty, f.Release.ID+" "+f.Release.Version)
	where := finding.Spot{Path: f.Release.Path}
	end, known := f.Release.End()
	day := end.Format(time.DateOnly)
	switch {
	case !known && slices.Contains([]string{"arch", "opensuse-tumbleweed", "gentoo", "void", "nixos"}, f.Release.ID):
		m.pass(name+" is looked after as long as it is updated", where)
	case !known:
		m.unknown("how long "+name+" gets security updates is not known", fmt.Errorf("it is not in the table (%s)", system.EndsAsOf), "look it up at its maker")
	case m.now.After(end.AddDate(0, 0, 1)):
		m.say(finding.Result{State: finding.Fail, Found: name, Wanted: "a release with security updates; for this one they ended on " + day, Where: where})
	case m.now.After(end.AddDate(0, 0, -soonDays)):
		m.say(finding.Result{State: finding.Fail, Severity: finding.Low, Title: "the operating system gets security updates for a short time only", Found: name,
			Wanted: "a move to the next release before " + day, Where: where})
	default:
		m.pass(name+" gets security updates until "+day, where)
	}
}

// soonDays is how many days before the end a move should be planned.
const soonDays = 60

func judgeKernel(m *machine) {
	f, ok := m.looked()
	if !ok {
		return
	}
	major, minor, read := system.KernelNumbers(f.Kernel)
	switch {
	case f.KernelErr != nil:
		m.unknown("the kernel's version is not known", f.KernelErr, "look at the machine while it runs")
	case !read:
		m.unknown("the kernel's version is not known", fmt.Errorf("%q is no version", f.Kernel), "")
	case major < 4 || major == 4 && minor < 4:
		m.say(finding.Result{State: finding.Fail, Found: f.Kernel, Wanted: "4.4 or newer", Where: finding.Spot{Fact: "kernel " + f.Kernel}})
	default:
		m.pass("the kernel is "+f.Kernel, finding.Spot{Fact: "kernel " + f.Kernel})
	}
}

func judgeReboot(m *machine) {
	f, ok := m.looked()
	if !ok {
		return
	}
	defer m.judgeStale(f)
	r := f.Reboot
	fail := func(found string, where finding.Spot) {
		m.say(finding.Result{State: finding.Fail, Found: found, Wanted: "what is installed runs", Where: where})
	}
	switch {
	case r.Asked:
		fail(strings.Trim("reboot-required: "+strings.Join(r.Packages, ", "), ": "), finding.Spot{Path: "/run/reboot-required"})
	case f.Container:
		m.absent("it is a container: its kernel is the host's")
	case r.Newer != "":
		fail("kernel "+f.Kernel+" runs, "+r.Newer+" is installed", finding.Spot{Fact: "kernel " + f.Kernel})
	case r.Needs != "":
		fail(r.Needs, finding.Spot{Fact: r.Needs})
	case r.Checked || r.NewerErr == nil && r.AskedErr == nil:
		m.pass("the newest kernel that is installed runs", finding.Spot{Fact: "kernel " + f.Kernel})
	default:
		m.unknown("whether an update waits for a reboot is not known", cmp.Or(r.NewerErr, r.AskedErr), "apt-get install needrestart, and look again")
	}
}

// judgeStale names processes that run on libraries that were replaced. Where they are not known, the other results stand alone.
func (m *machine) judgeStale(f *system.Facts) {
	if len(f.Stale) == 0 {
		return
	}
	var names []string
	for _, p := range f.Stale {
		if len(names) < 8 && !slices.Contains(names, p.Command) {
			names = append(names, p.Command)
		}
	}
	first := f.Stale[0]
	m.say(finding.Result{State: finding.Fail, Severity: finding.Low, Subject: "processes", Title: fmt.Sprintf("%d processes run on libraries that were replaced", len(f.Stale)), Found: strings.Join(names, ", "),
		Wanted: "they are started again after updates", Where: finding.Spot{Fact: fmt.Sprintf("pid %d (%s): %s", first.PID, first.Command, first.Library)}, Fix: "apt-get install needrestart && needrestart, or reboot"})
}

// recentDays is how long ago a start may be that somebody should look into.
const recentDays = 30

func judgeBoots(m *machine) {
	f, ok := m.looked()
	switch {
	case !ok:
		return
	case f.Container:
		m.absent("it is a container: it starts with its host")
		return
	case host.Missing(f.BootsErr):
		m.unknown("how the machine was started is not known", f.BootsErr, "look at it by hand: journalctl --list-boots")
		return
	case f.BootsErr != nil:
		m.unknown("how the machine was started is not known", f.BootsErr, "look at the machine while it runs")
		return
	}
	var bad []string
	for _, b := range f.Boots {
		if !b.Orderly && m.at().Sub(b.At) < recentDays*24*time.Hour {
			bad = append(bad, b.At.UTC().Format("2006-01-02 15:04"))
		}
	}
	if len(bad) == 0 {
		m.pass(fmt.Sprintf("each start in the last %d days came after a shutdown", recentDays), finding.Spot{Fact: "last -x"})
		return
	}
	m.say(finding.Result{State: finding.Fail, Confidence: finding.MediumConfidence, Found: "started without a shutdown before: " + strings.Join(bad, ", "), Wanted: "a shutdown before each start", Where: finding.Spot{Fact: "last -x"}})
}

func judgeUptime(m *machine) {
	f, ok := m.looked()
	if !ok {
		return
	}
	days := int(f.Uptime.Hours() / 24)
	where := finding.Spot{Fact: fmt.Sprintf("it has run for %d days", days)}
	switch {
	case f.UptimeErr != nil:
		m.unknown("how long it has run is not known", f.UptimeErr, "look at the machine while it runs")
	case f.Container:
		m.absent("it is a container: it has run as long as its host")
	case days > m.rules.UptimeDays:
		m.say(finding.Result{State: finding.Fail, Found: fmt.Sprintf("%d days", days), Wanted: fmt.Sprintf("a reboot every %d days", m.rules.UptimeDays), Where: where})
	default:
		m.pass(fmt.Sprintf("it was rebooted %d days ago", days), where)
	}
}

func judgeProfile(m *machine) {
	f, ok := m.looked()
	if !ok {
		return
	}
	if f.ReleaseErr != nil {
		m.unknown("which operating system runs is not known", f.ReleaseErr, asRoot)
		return
	}
	name := cmp.Or(f.Release.Pretty, f.Release.ID+" "+f.Release.Version)
	m.pass(strings.TrimSpace(name+" "+f.Release.Variant), finding.Spot{Path: f.Release.Path})
}

func judgeDisks(m *machine) {
	f, ok := m.looked()
	switch {
	case !ok:
		return
	case f.DisksErr != nil:
		m.unknown("whether disks are encrypted is not known", f.DisksErr, "look at the machine while it runs")
		return
	case f.Container:
		m.absent("it is a container: its disks are the host's")
		return
	case len(f.Disks) == 0:
		m.unknown("whether disks are encrypted is not known", fmt.Errorf("the root directory lies on no device that is known"), "")
		return
	}
	for _, d := range f.Disks {
		where := finding.Spot{Fact: d.Mount + " on " + d.Device}
		switch {
		case d.Err != nil:
			m.say(finding.Result{State: finding.Undetermined, Subject: d.Mount, Title: "whether it is encrypted is not known", Cause: d.Err.Error(), Hint: asRoot})
		case d.Encrypted:
			m.say(finding.Result{State: finding.Pass, Subject: d.Mount, Title: "it is encrypted: " + d.By, Found: d.By, Where: where})
		default:
			m.say(finding.Result{State: finding.Fail, Subject: d.Mount, Title: "it is not encrypted by the machine", Confidence: finding.MediumConfidence,
				Found: d.Device + " (" + d.Kind + ")", Wanted: "dm-crypt, or encryption by the provider, attested", Where: where})
		}
	}
}

func judgeProvider(m *machine) {
	f, ok := m.looked()
	if !ok {
		return
	}
	v := f.Vendor
	name := strings.TrimSpace(cmp.Or(v.Cloud, v.System) + " " + v.Product)
	if v.System == "" && v.Cloud == "" {
		m.unknown("whose machine it is is not known", cmp.Or(v.Err, host.ErrNotCollected), "")
		return
	}
	m.pass(name, finding.Spot{Fact: "provider " + name})
}

func judgeRegion(m *machine) {
	f, ok := m.looked()
	if !ok {
		return
	}
	if f.Vendor.Region == "" {
		m.unknown("where the machine stands is not known", cmp.Or(f.Vendor.Err, fmt.Errorf("cloud-init does not say it")), "")
		return
	}
	m.pass(f.Vendor.Region, finding.Spot{Fact: "region " + f.Vendor.Region})
}
