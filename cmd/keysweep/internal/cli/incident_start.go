package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/incident"
	"keysweep/internal/git"
	"keysweep/rotation"
)

// affectedOptions are the flags that name what is affected.
type affectedOptions struct{ keys, creds, hosts, others []string }

func (o *affectedOptions) addFlags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.keys, "key", nil, "a `KEY` that is, or may be, in other hands: a name or id of the ledger, a file, a fingerprint (repeatable)")
	f.StringArrayVar(&o.creds, "cred", nil, "a credential of the ledger, `ENV/NAME` (repeatable)")
	f.StringArrayVar(&o.hosts, "host", nil, "a `HOST` that somebody broke into, or may have (repeatable)")
	f.StringArrayVar(&o.others, "other", nil, "something that the ledger does not know, by its `NAME`: an account, a token, a bucket; never the secret itself (repeatable)")
}

func (o *affectedOptions) none() bool {
	return len(o.keys)+len(o.creds)+len(o.hosts)+len(o.others) == 0
}

// incidentStartOptions are the flags of incident start and incident add.
type incidentStartOptions struct {
	who      whoOptions
	affected affectedOptions
	title    string
	detected string
	id       string
}

func newIncidentStartCommand(env *Env) *cobra.Command {
	o := &incidentStartOptions{}
	c := &cobra.Command{
		Use:   "start",
		Short: "Begin an incident: what happened, what is affected, since when it is known",
		Long: "Writes down that there is an incident, and says what to do first. What is affected can be added later. No passphrase is asked for.\n" +
			"Until it is closed, keysweep audit and keysweep status say that it is open.",
		Example: `  keysweep incident start --title "laptop stolen" --key laptop --host web1
  keysweep incident start --title "token in a public repository" --cred prod/GITLAB_TOKEN --detected-at "90m ago"
  keysweep incident start --title "unknown logins" --key ~/.ssh/id_rsa.pub --detected-at 2026-03-01T10:00:00Z`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runIncidentStart(c.Context(), env, o) },
	}
	f := c.Flags()
	f.StringVar(&o.title, "title", "", "what happened, in a few words (required)")
	f.StringVar(&o.detected, "detected-at", "", "`TIME` at which it was noticed (default: now)")
	o.affected.addFlags(f)
	o.who.addFlags(f)
	return c
}

func newIncidentAddCommand(env *Env) *cobra.Command {
	o := &incidentStartOptions{}
	c := &cobra.Command{
		Use:   "add INC",
		Short: "Add what is affected, too, as it turns out",
		Example: `  keysweep incident add INC-2026-001 --key backup --host web2
  keysweep incident add INC-2026-001 --other "AWS account 4711"`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return runIncidentAdd(c.Context(), env, o)
		},
	}
	o.affected.addFlags(c.Flags())
	o.who.addFlags(c.Flags())
	return c
}

func runIncidentStart(ctx context.Context, env *Env, o *incidentStartOptions) error {
	o.title = strings.TrimSpace(o.title)
	if !incident.IsWord(o.title) {
		return usagef(`for example: --title "laptop stolen"`, "--title is needed: one line that says what happened")
	}
	book, err := incidentBook(env)
	if err != nil {
		return err
	}
	e, err := o.who.event(ctx, env, incident.Started)
	if err != nil {
		return err
	}
	e.Title, e.When = o.title, env.Now()
	if o.detected != "" {
		if e.When, err = pastTime(env, "--detected-at", o.detected); err != nil {
			return err
		}
	}
	if err := noSecret(ctx, "title", o.title); err != nil {
		return err
	}
	if e.Affected, err = o.affected.resolve(ctx, env, nil); err != nil {
		return err
	}
	id, err := book.Start(ctx, e)
	if err != nil {
		return incidentError(env, book, id, err)
	}
	_, i, err := readIncident(env, id)
	if err != nil {
		return err
	}
	return sayBegun(ctx, env, book, i)
}

// sayBegun says what was written, and what to do first.
func sayBegun(ctx context.Context, env *Env, book incident.Book, i *incident.Incident) error {
	if _, err := fmt.Fprintf(env.Stdout, "%s: %s\n", i.ID, git.Printable(titleOf(i))); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(env.Stderr, "written to %s\n", git.Printable(shownPath(env, book.Path(i.ID)))); err != nil {
		return err
	}
	s, err := sightOf(ctx, env, i)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(env.Stdout, "now, in this order:"); err != nil {
		return err
	}
	for _, next := range s.next() {
		if _, err := fmt.Fprintf(env.Stdout, "  %s\n", next); err != nil {
			return err
		}
	}
	return nil
}

func runIncidentAdd(ctx context.Context, env *Env, o *incidentStartOptions) error {
	if o.affected.none() {
		return usagef("--key, --cred, --host or --other", "nothing is named that is affected, too")
	}
	book, i, err := openIncident(env, o.id)
	if err != nil {
		return err
	}
	e, err := o.who.event(ctx, env, incident.Added)
	if err != nil {
		return err
	}
	if e.Affected, err = o.affected.resolve(ctx, env, i); err != nil {
		return err
	}
	e.Affected = slices.DeleteFunc(e.Affected, func(a incident.Affected) bool { return slices.Contains(i.Affected, a) })
	if len(e.Affected) == 0 {
		_, err := fmt.Fprintf(env.Stdout, "%s: all of that is known already\n", i.ID)
		return err
	}
	before := i.OpenSteps()
	if i, err = book.Append(ctx, i.ID, e); err != nil {
		return incidentError(env, book, o.id, err)
	}
	for _, a := range e.Affected {
		if _, err := fmt.Fprintf(env.Stdout, "%s: %s %s is affected\n", i.ID, a.Kind, git.Printable(a.Name)); err != nil {
			return err
		}
	}
	for _, st := range i.OpenSteps() {
		if slices.ContainsFunc(before, func(b incident.StepState) bool { return b.ID == st.ID }) {
			continue
		}
		if _, err := fmt.Fprintf(env.Stderr, "step %s is open again: it was said to be done before this was known\n", st.Short()); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(env.Stderr, "what is within reach now: keysweep incident scope %s\n", i.ID)
	return err
}

// resolve finds out what is meant by what was named, and refuses what is nothing, or a secret itself.
func (o *affectedOptions) resolve(ctx context.Context, env *Env, i *incident.Incident) (list []incident.Affected, err error) {
	if o.none() {
		return nil, nil
	}
	if err := noSecret(ctx, "name of what is affected", slices.Concat(o.keys, o.creds, o.hosts, o.others)...); err != nil {
		return nil, err
	}
	l, err := ledgerForIncident(ctx, env, i)
	if err != nil {
		return nil, err
	}
	add := func(a incident.Affected, err error) error {
		if err == nil && !slices.Contains(list, a) {
			list = append(list, a)
		}
		return err
	}
	for _, ref := range o.keys {
		if err := add(l.key(ctx, env, ref)); err != nil {
			return nil, err
		}
	}
	for _, ref := range o.creds {
		if err := add(l.credential(env, ref)); err != nil {
			return nil, err
		}
	}
	for _, name := range o.hosts {
		if err := add(hostNamed(name)); err != nil {
			return nil, err
		}
	}
	for _, name := range o.others {
		if !incident.IsWord(name) {
			return nil, usagef(`for example: --other "AWS account 4711"`, "--other: %q is no name", name)
		}
		list = append(list, incident.Affected{Kind: incident.Other, Name: strings.TrimSpace(name)})
	}
	return list, nil
}

// key finds a key: in the ledger, by a file, or by its fingerprint alone.
func (l *incidentLedger) key(ctx context.Context, env *Env, ref string) (incident.Affected, error) {
	a := incident.Affected{Kind: incident.Key, Name: ref}
	r, err := rotation.FindIn(l.of(rotation.KindSSH), ref, env.Hostname)
	if errors.Is(err, rotation.ErrNotFound) {
		if byPath, pathErr := rotation.FindIn(l.of(rotation.KindSSH), absolute(env, ref), env.Hostname); !errors.Is(pathErr, rotation.ErrNotFound) {
			r, err = byPath, pathErr
		}
	}
	if err == nil {
		a.Name, a.Record, a.Fingerprint = r.Name, r.ID, r.Fingerprint
		return a, nil
	}
	if !errors.Is(err, rotation.ErrNotFound) {
		return a, usagef(hintOf(err), "--key: %w", err)
	}
	if wholeFingerprint(ref) {
		a.Fingerprint = ref
		return a, nil
	}
	path := absolute(env, ref)
	k, lookErr := lookAt(ctx, env, path)
	if lookErr == nil && (k.Public != nil || len(k.Files) > 0) {
		a.Name, a.Path, a.Fingerprint = homePath(env, path), path, k.Fingerprint()
		if byPrint, err := rotation.FindIn(l.of(rotation.KindSSH), a.Fingerprint, env.Hostname); err == nil {
			a.Name, a.Record = byPrint.Name, byPrint.ID
		}
		return a, nil
	}
	return a, l.notThere("--key", ref, "name its file or its fingerprint (SHA256:...)", rotation.KindSSH)
}

func (l *incidentLedger) credential(env *Env, ref string) (incident.Affected, error) {
	a := incident.Affected{Kind: incident.Credential, Name: ref}
	r, err := rotation.FindIn(l.of(rotation.KindAPI), ref, env.Hostname)
	switch {
	case errors.Is(err, rotation.ErrNotFound):
		return a, l.notThere("--cred", ref, "what the ledger does not know: --other NAME", rotation.KindAPI)
	case err != nil:
		return a, usagef(hintOf(err), "--cred: %w", err)
	}
	a.Name, a.Record = r.Ref(), r.ID
	return a, nil
}

func (l *incidentLedger) of(kind rotation.Kind) []rotation.Record {
	return slices.DeleteFunc(slices.Clone(l.records), func(r rotation.Record) bool { return r.Kind != kind })
}

// notThere says that there is nothing of a name, and what may have been meant.
func (l *incidentLedger) notThere(flag, ref, otherwise string, kind rotation.Kind) error {
	var names []string
	for _, r := range l.of(kind) {
		names = append(names, r.Ref())
	}
	hint := otherwise
	if near := nearest(ref, names); near != "" {
		hint = "did you mean " + near + "? " + otherwise
	}
	if len(l.problems) > 0 {
		return usagef(otherwise, "%s: %q is not known, and the ledger could not be looked at: %s", flag, ref, l.problems[0].Err)
	}
	return usagef(hint, "%s: %q is not in the ledger", flag, ref)
}

// hostNamed takes a host by its name or address.
func hostNamed(name string) (incident.Affected, error) {
	host := incident.HostOf(strings.TrimSpace(name))
	if _, err := netip.ParseAddr(strings.TrimSpace(name)); err == nil {
		host = strings.TrimSpace(name)
	}
	bad := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".-_:", r))
	}
	if !incident.IsWord(host) || strings.ContainsFunc(host, bad) || host[0] == '-' {
		return incident.Affected{}, usagef("for example: --host web1.example.org", "--host: %q is no name of a host", name)
	}
	return incident.Affected{Kind: incident.Host, Name: host}, nil
}

// titleOf is the title, marked if it is of a drill.
func titleOf(i *incident.Incident) string {
	if i.Drill {
		return "DRILL: " + strings.TrimPrefix(i.Title, "DRILL: ")
	}
	return i.Title
}
