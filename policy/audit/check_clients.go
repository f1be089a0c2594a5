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
		{Check{ID: "client.private-key", Area: area, Severity: finding.Critical, Title: "a private key is kept with data of clients",
			Why: "Who has the key has what it guards: a machine, an identity, a wallet, and nobody can tell that it was copied.",
			Fix: "delete it, and have the client make a new one: keysweep incident start", FixBy: finding.FixAdvice}, (*machine).clientKeys},
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

func (m *machine) clientKeys() {
	m.eachFolder("whether private keys lie there is not known", func(f *folder.Facts) {
		k := f.Keys
		if k == nil {
			k = &folder.Keys{Err: host.ErrNotCollected}
		}
		for _, file := range k.Found {
			at := finding.Position{Line: file.Line, Column: 1}
			m.say(finding.Result{State: finding.Fail, Subject: file.Path, Found: file.Kind + " in " + file.Path, Wanted: "no private key of a client",
				Where: finding.Spot{Path: file.Path, Span: finding.Span{Start: at, End: at}}})
		}
		if more := k.Count - len(k.Found); more > 0 {
			m.say(finding.Result{State: finding.Fail, Subject: f.Path, Found: fmt.Sprintf("%d more files with private keys", more), Wanted: "no private key of a client", Where: finding.Spot{Path: f.Path}})
		}
		switch {
		case f.Err != nil || f.Cut: // it is said already
		case k.Err != nil:
			m.say(finding.Result{State: finding.Undetermined, Subject: f.Path, Title: "whether more private keys lie there is not known", Where: finding.Spot{Path: f.Path}, Cause: k.Err.Error(), Hint: "look as root, on the machine itself"})
		case k.Cut:
			m.say(finding.Result{State: finding.Undetermined, Subject: f.Path, Title: "whether more private keys lie there is not known", Where: finding.Spot{Path: f.Path}, Cause: "more lies there than is read",
				Hint: "keysweep scan " + f.Path})
		case k.Count == 0:
			m.say(finding.Result{State: finding.Pass, Subject: f.Path, Title: "no file holds a private key", Where: finding.Spot{Path: f.Path}})
		}
	})
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
