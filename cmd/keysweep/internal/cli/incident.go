package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/finding"
	"keysweep/incident"
	"keysweep/internal/git"
	"keysweep/rotation"
)

func newIncidentCommand(env *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "incident",
		Short: "Help in an incident: what is affected, what to revoke first, what was done when, and whom to tell",
		Long: "Keeps a log of an incident, says what is within reach of whoever has a key, a credential or a host, prints the commands that end that in\n" +
			"their order, writes the report for the provider, clients and the public, and lets nobody close it while something is open. It revokes nothing\n" +
			"itself, and asks for no passphrase: what the ledger knows it takes from its signed snapshot.",
		Example: `  keysweep incident start --title "laptop stolen" --key laptop --host web1
  keysweep incident scope INC-2026-001       what is within reach
  keysweep incident revoke INC-2026-001      the commands, most urgent first
  keysweep incident show INC-2026-001        what is done, what comes next
  keysweep incident drill                    the same with made-up things, to practise`,
	}
	c.AddCommand(newIncidentStartCommand(env), newIncidentAddCommand(env), newIncidentListCommand(env), newIncidentShowCommand(env),
		newIncidentScopeCommand(env), newIncidentRevokeCommand(env), newIncidentRotateCommand(env), newIncidentBlockCommand(env),
		newIncidentNoteCommand(env), newIncidentEvidenceCommand(env), newIncidentStepCommand(env), newIncidentReportCommand(env),
		newIncidentCloseCommand(env), newIncidentActionCommand(env), newIncidentDrillCommand(env))
	return c
}

// incidentBook is where the incidents of this account are.
func incidentBook(env *Env) (incident.Book, error) {
	state := homeOf(env, "XDG_STATE_HOME")
	if state == "" {
		return incident.Book{}, usagef("set HOME or XDG_STATE_HOME", "there is no home directory to keep incidents in")
	}
	return incident.Book{Dir: filepath.Join(state, "keysweep", "incidents")}, nil
}

// readIncident reads the incident that a person names.
func readIncident(env *Env, ref string) (incident.Book, *incident.Incident, error) {
	book, err := incidentBook(env)
	if err != nil {
		return book, nil, err
	}
	id := strings.ToUpper(ref)
	i, torn, err := book.Read(id)
	if err != nil {
		return book, nil, incidentError(env, book, ref, err)
	}
	if torn > 0 {
		if _, err := fmt.Fprintf(env.Stderr, "note: %s: %s\n", git.Printable(shownPath(env, book.Path(id))), tornIncident); err != nil {
			return book, nil, err
		}
	}
	return book, i, nil
}

const tornIncident = "its last line was never finished, and does not count; the next event takes it away"

// incidentError says what is to be done about an incident that cannot be read or written.
func incidentError(env *Env, book incident.Book, ref string, err error) error {
	switch {
	case errors.Is(err, incident.ErrUnknown):
		ids, _ := book.IDs() // what cannot be read has none to suggest
		if len(ids) == 0 {
			return usagef("begin one: keysweep incident start --title \"...\"", "there is no incident %q, and no other either", ref)
		}
		if near := nearest(strings.ToUpper(ref), ids); near != "" {
			return usagef("did you mean "+near+"? see: keysweep incident list", "there is no incident %q", ref)
		}
		return usagef("see: keysweep incident list", "there is no incident %q", ref)
	case errors.Is(err, incident.ErrClosed):
		return usagef("what remains are its action items: keysweep incident action "+strings.ToUpper(ref)+"; for what is new, begin another incident", "%s is closed", strings.ToUpper(ref))
	case errors.Is(err, incident.ErrChanged):
		return fmt.Errorf("%w\nhint: look at it, and run the command again: keysweep incident show %s", err, strings.ToUpper(ref))
	}
	return err
}

// openIncident is readIncident for what only an open incident takes.
func openIncident(env *Env, ref string) (incident.Book, *incident.Incident, error) {
	book, i, err := readIncident(env, ref)
	if err == nil && !i.Closed.IsZero() {
		err = incidentError(env, book, ref, incident.ErrClosed)
	}
	return book, i, err
}

// whoOptions say who does something, and when it was done.
type whoOptions struct{ by, at string }

func (o *whoOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.by, "by", "", "`WHO` did it (default: the login name)")
}

// event begins an event.
func (o *whoOptions) event(ctx context.Context, env *Env, kind incident.Kind) (incident.Event, error) {
	e := incident.Event{Kind: kind, At: env.Now(), By: cmp.Or(strings.TrimSpace(o.by), env.LoginName())}
	if !incident.IsWord(e.By) {
		return e, usagef("--by NAME", "who does it is not known, or is no name: %q", e.By)
	}
	if o.by != "" {
		if err := noSecret(ctx, "name", o.by); err != nil {
			return e, err
		}
	}
	if o.at == "" {
		return e, nil
	}
	at, err := pastTime(env, "--at", o.at)
	e.When = at
	return e, err
}

// pastTime reads a time that is over: with its zone, in local time, or as how long ago it was.
func pastTime(env *Env, flag, text string) (time.Time, error) {
	now := env.Now()
	at, err := time.Parse(time.RFC3339, text)
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		if err == nil {
			break
		}
		at, err = time.ParseInLocation(form, text, now.Location())
	}
	if ago, cut := strings.CutSuffix(text, " ago"); err != nil && cut {
		var d time.Duration
		if d, err = time.ParseDuration(strings.ReplaceAll(ago, " ", "")); err == nil && d >= 0 {
			at = now.Add(-d)
		}
	}
	const form = "write it as 2026-03-01T10:00:00Z, \"2026-03-01 10:00\" (local time) or \"90m ago\""
	switch {
	case err != nil:
		return at, usagef(form, "%s: %q is no time", flag, text)
	case at.After(now):
		return at, usagef(form, "%s: %s is still to come", flag, text)
	case now.Sub(at) > 10*366*24*time.Hour:
		return at, usagef(form, "%s: %s is more than ten years ago", flag, text)
	}
	return at.UTC(), nil
}

const publicPrint = `SHA256:[A-Za-z0-9+/]{43}`

// noSecret refuses texts that hold a secret: logs and reports are kept in the clear, and passed on. Fingerprints of public keys are none.
func noSecret(ctx context.Context, what string, texts ...string) error {
	text := regexp.MustCompile(publicPrint).ReplaceAllString(strings.Join(texts, "\n"), "(fingerprint)")
	found, err := scanText(ctx, what, []byte(text+"\n"))
	if err == nil && len(found) > 0 {
		err = usagef("leave it out, and say where it is kept instead", "the %s holds what looks like a secret (%s): nothing was written", what, found[0].Title)
	}
	return err
}

// incidentLedger is what the ledger knows, as far as an incident can see it.
type incidentLedger struct {
	records  []rotation.Record
	source   string // in words; "" if there is none
	none     bool   // there is no ledger
	problems []finding.Problem
}

// ledgerForIncident reads the snapshot of the ledger: it takes no passphrase, and is written whenever the ledger changes. Of a drill the
// records are made up.
func ledgerForIncident(ctx context.Context, env *Env, i *incident.Incident) (l incidentLedger, err error) {
	if i != nil && i.Drill {
		return incidentLedger{records: drillRecords(i), source: "made up, for the drill"}, nil
	}
	home, err := readHome(env)
	if err == nil && home == nil {
		return noLedger(i), nil
	}
	if err == nil {
		s, readErr := readSnapshot(ctx, env, snapshotPath(env))
		l.records, err = s.Records, readErr
		l.source = "the ledger as it was " + ago(env.Now().Sub(s.GeneratedAt))
	}
	if errors.Is(err, context.Canceled) {
		return l, err
	}
	if err != nil {
		if l.records == nil {
			l.source = ""
		}
		l.problems = []finding.Problem{{Where: "ledger", Op: "read", Err: err.Error(), Hint: cmp.Or(hintOf(err), "keysweep rotate-due writes the snapshot anew")}}
	}
	return l, nil
}

// noLedger is what is known where there is none. If the incident names what one knew, it is gone, or elsewhere: that is not the same as there never
// having been any.
func noLedger(i *incident.Incident) incidentLedger {
	if i == nil || !slices.ContainsFunc(i.Affected, func(a incident.Affected) bool { return a.Record != "" }) {
		return incidentLedger{none: true}
	}
	return incidentLedger{problems: []finding.Problem{{Where: "ledger", Op: "read", Err: "there is none, and there was one when the incident was written down",
		Hint: "HOME, XDG_STATE_HOME and XDG_DATA_HOME as they were then, or a backup of the ledger"}}}
}

// clock is a time as an incident tells it: always in UTC, since who reads it may be elsewhere.
func clock(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// lasting says how long something took, in the two largest units.
func lasting(d time.Duration) string {
	d = max(d, 0).Round(time.Minute)
	days, hours, minutes := int(d/(24*time.Hour)), int(d/time.Hour)%24, int(d/time.Minute)%60
	switch {
	case days > 0 && hours > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case days > 0:
		return fmt.Sprintf("%d d", days)
	case hours > 0 && minutes > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case hours > 0:
		return fmt.Sprintf("%d h", hours)
	}
	return fmt.Sprintf("%d min", minutes)
}

// drillWords mark everything that is about a drill.
const drillWords = "THIS IS A DRILL: everything in it is made up"
