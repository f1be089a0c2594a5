package audit

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"keysweep/finding"
	"keysweep/host/updates"
)

func judgeSecurityRepo(m *machine) {
	f, ok := m.manager("where security updates come from is not known")
	if !ok {
		return
	}
	if f.Apt == nil {
		m.absent(f.Manager + " gets security updates from the same sources as all others")
		return
	}
	if f.Apt.SourcesErr != nil {
		m.unknown("the sources of packages are not known", f.Apt.SourcesErr, asRoot)
		return
	}
	for _, r := range f.Apt.Sources {
		if r.Security() {
			m.pass("security updates come from "+strings.Join(r.URIs, " ")+" "+strings.Join(r.Suites, " "), spotOf(r.At))
			return
		}
	}
	m.say(finding.Result{State: finding.Fail, Found: fmt.Sprintf("%d sources, none for security updates", len(f.Apt.Sources)), Wanted: "a suite like bookworm-security", Where: finding.Spot{Path: "/etc/apt/sources.list.d"}})
}

func judgeSources(m *machine) {
	f, ok := m.manager("the sources of packages are not known")
	switch {
	case !ok:
		return
	case f.Apt == nil:
		m.judgeRepositories(f.Dnf)
		return
	case f.Apt.SourcesErr != nil:
		m.unknown("the sources of packages are not known", f.Apt.SourcesErr, asRoot)
		return
	}
	before := len(m.results)
	for _, r := range f.Apt.Sources {
		m.judgeSource(r)
	}
	m.judgeInsecure(f.Apt)
	if len(m.results) == before {
		m.pass(fmt.Sprintf("all %d sources of packages are signed", len(f.Apt.Sources)), finding.Spot{Path: "/etc/apt"})
	}
}

// judgeRepositories looks at the repositories of dnf.
func (m *machine) judgeRepositories(d *updates.Dnf) {
	if d.RepositoriesErr != nil {
		m.unknown("the repositories of packages are not known", d.RepositoriesErr, asRoot)
		return
	}
	before := len(m.results)
	for _, r := range d.Repositories {
		if r.Checked {
			continue
		}
		where := spotOf(r.At)
		if r.CheckAt.Path != "" {
			where = spotOf(r.CheckAt)
		}
		result := finding.Result{State: finding.Fail, Subject: r.ID, Title: "packages are taken without a signature", Found: "gpgcheck is off", Wanted: "gpgcheck=1, and gpgkey", Where: where,
			Fix: "set gpgcheck=1 and gpgkey in " + r.At.Path}
		if strings.HasPrefix(r.URL, "http:") || strings.HasPrefix(r.URL, "ftp:") {
			result.Severity, result.Title = finding.Critical, "packages are taken without a signature, over a connection that anybody can change"
		}
		m.say(result)
	}
	if len(m.results) == before {
		m.pass(fmt.Sprintf("all %d repositories of packages are signed", len(d.Repositories)), finding.Spot{Path: "/etc/yum.repos.d"})
	}
}

func (m *machine) judgeSource(r updates.Repository) {
	subject := strings.Join(append(slices.Clone(r.URIs), r.Suites...), " ")
	plain := slices.ContainsFunc(r.URIs, func(u string) bool { return strings.HasPrefix(u, "http:") || strings.HasPrefix(u, "ftp:") })
	say := func(severity finding.Severity, title, found, wanted string) {
		m.say(finding.Result{State: finding.Fail, Severity: severity, Subject: subject, Title: title, Found: found, Wanted: wanted, Where: spotOf(r.At)})
	}
	switch {
	case r.Trusted && plain:
		say(finding.Critical, "packages are taken without a signature, over a connection that anybody can change", "trusted, http", "a signature")
	case r.Trusted:
		say(finding.High, "packages are taken without a signature", "trusted=yes", "a signature")
	case r.Insecure:
		say(finding.High, "packages are taken from a source with no good signature", "allow-insecure", "a signature")
	case r.SignedBy == "" && !official(r):
		say(finding.Low, "a source may be signed by any key that apt has", "no signed-by", "the key of its maker")
	}
}

// officialHosts are where the archives of Debian and Ubuntu lie, whose keys apt has from the start. Mirrors carry the same signatures.
var officialHosts = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z+]+://(?:[a-z0-9-]+\.)*(?:debian\.org|ubuntu\.com|raspbian\.org|raspberrypi\.com|kali\.org)(?:[:/]|$)|/(?:debian|ubuntu)(?:-security|-ports)?/?$`)
})

func official(r updates.Repository) bool {
	return !slices.ContainsFunc(r.URIs, func(u string) bool { return !officialHosts().MatchString(u) })
}

// judgeInsecure looks at what lets all sources off (apt-secure(8)).
func (m *machine) judgeInsecure(a *updates.Apt) {
	if a.ConfigErr != nil {
		m.unknown("apt's configuration is not known", a.ConfigErr, asRoot)
		return
	}
	for _, name := range []string{"APT::Get::AllowUnauthenticated", "Acquire::AllowInsecureRepositories", "Acquire::AllowDowngradeToInsecureRepositories"} {
		if on, v := a.Config.True(name, false); on {
			m.say(finding.Result{State: finding.Fail, Subject: name, Title: "apt takes packages without a signature from all sources", Found: name + " " + v.Text, Wanted: "false", Where: spotOf(v.At)})
		}
	}
}
