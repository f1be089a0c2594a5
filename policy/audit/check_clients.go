package audit

import (
	"fmt"
	"strings"
	"time"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/folder"
)

// clientChecks are about the places in which the policy says that data of clients lies.
func clientChecks() []hostCheck {
	const area = "clients"
	return []hostCheck{
		{Check{ID: "client.data-permissions", Area: area, Severity: finding.High, Title: "every user of the machine can come to data of clients",
			Why: "One account that is broken into is then enough to read it.", Fix: "keysweep fix client.data-permissions", FixBy: finding.FixAuto}, (*machine).clientAccess},
		{Check{ID: "client.data-retention", Area: area, Severity: finding.Medium, Title: "data of clients is kept for longer than the policy says",
			Why: "What is deleted cannot leak.", Fix: "delete what is needed no more", FixBy: finding.FixAdvice}, (*machine).clientAge},
	}
}

// eachFolder visits the places, and says of those that could not be looked at that they are unknown.
func (m *machine) eachFolder(what string, visit func(f *folder.Facts)) {
	if len(m.rules.Clients.Paths) == 0 {
		m.absent("the policy names no place with data of clients")
	}
	for _, p := range m.rules.Clients.Paths {
		f := m.Folders[p]
		if f == nil {
			f = &folder.Facts{Path: p, Err: host.ErrNotCollected}
		}
		switch {
		case host.Missing(f.Err):
			m.say(finding.Result{State: finding.NotApplicable, Subject: p, Title: "it is not there", Where: finding.Spot{Path: p}})
			continue
		case f.Err != nil:
			m.say(finding.Result{State: finding.Undetermined, Subject: p, Title: what, Where: finding.Spot{Path: p}, Cause: f.Err.Error(), Hint: "look as root, on the machine itself"})
		case f.Cut:
			m.say(finding.Result{State: finding.Undetermined, Subject: p, Title: what, Where: finding.Spot{Path: p}, Cause: "more lies there than is looked at", Hint: "name the places below it"})
		}
		visit(f)
	}
}

func (m *machine) clientAccess() {
	m.eachFolder("who can come to it is not known", func(f *folder.Facts) {
		where := finding.Spot{Path: f.Path}
		switch {
		case f.Open > 0:
			where.Path = f.Exposed[0].Path
			r := finding.Result{State: finding.Fail, Subject: f.Path, Found: fmt.Sprintf("others can read or change %d of %d: %s", f.Open, f.Entries+1, namesOf(f.Exposed)),
				Wanted: "nothing for others", Where: where}
			m.say(r)
		case f.Err == nil && !f.Cut:
			found := "others can come to none of it"
			if f.Closed != "" {
				found += ": " + f.Closed + " is closed to them"
			}
			m.say(finding.Result{State: finding.Pass, Subject: f.Path, Title: found, Found: found, Where: where})
		}
	})
}

func (m *machine) clientAge() {
	if len(m.rules.Clients.Paths) > 0 && m.rules.Clients.Days == 0 {
		m.absent("the policy does not say how long data of clients is kept (client_data.keep)")
		return
	}
	limit := m.now.Add(-time.Duration(m.rules.Clients.Days) * day)
	m.eachFolder("how old it is is not known", func(f *folder.Facts) {
		old := f.Older(limit)
		switch {
		case len(old) > 0:
			m.say(finding.Result{State: finding.Fail, Subject: f.Path, Found: fmt.Sprintf("%s, last changed on %s", namesOf(old), old[0].Time.UTC().Format(time.DateOnly)),
				Wanted: fmt.Sprintf("nothing older than %d days", m.rules.Clients.Days), Where: finding.Spot{Path: old[0].Path}})
		case f.Err == nil && !f.Cut:
			m.say(finding.Result{State: finding.Pass, Subject: f.Path, Title: "nothing is older than the policy says", Where: finding.Spot{Path: f.Path}})
		}
	})
}

func namesOf(list []host.Info) string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Path
	}
	return strings.Join(names, ", ")
}
