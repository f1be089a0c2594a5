package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/incident"
	"keysweep/keys/authorized"
	"keysweep/keys/inventory"
	"keysweep/report"
)

// incidentScopeOptions are the flags of incident scope.
type incidentScopeOptions struct {
	output tableOptions
	where  machineOptions
	local  bool
	id     string
}

func newIncidentScopeCommand(env *Env) *cobra.Command {
	o := &incidentScopeOptions{}
	c := &cobra.Command{
		Use:   "scope INC",
		Short: "Say what is within reach of whoever has what is affected, and what could not be looked at",
		Long: "Joins what the ledger knows (hosts that accept a key, its files and backups, where a credential is used, what has the same secret) with what\n" +
			"lies in this account: keys, the agent, authorized_keys, known_hosts and the SSH client's configuration. A machine can be looked at, too, as keysweep\n" +
			"audit host looks at it: which of the keys it accepts, and who logged in with them; of one that is affected, all that it accepts, and who logged in\n" +
			"since a week before the detection. Affected hosts that are not looked at are named, and the exit code is 3, as it is if the ledger cannot be read\n" +
			"or nothing is known of something affected.",
		Example: `  keysweep incident scope INC-2026-001
  keysweep incident scope INC-2026-001 --host admin@web1     what web1 accepts, and who logged in there
  keysweep incident scope INC-2026-001 --bundle web1.bundle  the same of what was saved before
  keysweep incident scope INC-2026-001 --format csv -o scope.csv`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return runIncidentScope(c.Context(), env, o)
		},
	}
	c.Flags().BoolVar(&o.local, "local", false, "look at this machine, too; as root it sees more")
	o.where.addFlags(c.Flags())
	o.output.addFlags(c.Flags())
	return c
}

func runIncidentScope(ctx context.Context, env *Env, o *incidentScopeOptions) error {
	if err := o.output.validate(); err != nil {
		return err
	}
	_, i, err := readIncident(env, o.id)
	if err != nil {
		return err
	}
	if len(i.Affected) == 0 {
		return usagef("keysweep incident add "+i.ID+" --key|--cred|--host|--other NAME", "%s names nothing that is affected", i.ID)
	}
	m, err := o.openMachine(ctx, env, i)
	if err != nil {
		return err
	}
	s, err := scopeOf(ctx, env, i, m)
	if err != nil {
		return err
	}
	if err := o.output.write(env, s.table()); err != nil {
		return err
	}
	if len(s.problems) > 0 {
		return verdict(exitIncomplete)
	}
	return nil
}

// incidentScope is what is within reach, on its way.
type incidentScope struct {
	env       *Env
	incident  *incident.Incident
	ledger    incidentLedger
	standings []incident.Standing
	links     []incident.Link
	problems  []finding.Problem // what could not be looked at
	notices   []finding.Notice
	coverage  finding.Coverage
}

// scopeOf looks at the ledger, at this account, and at a machine, if there is one.
func scopeOf(ctx context.Context, env *Env, i *incident.Incident, m *scopeMachine) (*incidentScope, error) {
	l, err := ledgerForIncident(ctx, env, i)
	if err != nil {
		return nil, err
	}
	s := &incidentScope{env: env, incident: i, ledger: l, standings: i.Standings(l.records, l.unread()), problems: slices.Clone(l.problems)}
	if l.none {
		s.problem("ledger", "there is none: where keys and credentials are in use is not known", "keysweep key adopt FILE, keysweep cred add ENV/NAME")
	}
	s.links = incident.Reach(s.standings, l.records, env.Now())
	if !i.Drill {
		if err := s.account(ctx); err != nil {
			return nil, err
		}
	}
	looked := ""
	if m != nil {
		s.machine(ctx, m)
		looked = m.is
	}
	order := map[string]int{}
	for n, st := range s.standings {
		order[st.Name] = n
	}
	slices.SortStableFunc(s.links, func(a, b incident.Link) int { return order[a.Of] - order[b.Of] })
	s.unseen(looked)
	return s, ctx.Err()
}

func (s *incidentScope) problem(where, text, hint string) {
	s.problems = append(s.problems, finding.Problem{Where: where, Err: text, Hint: hint})
}

func (s *incidentScope) note(kind, where, text string) {
	s.notices = append(s.notices, finding.Notice{Kind: kind, Where: where, Text: text})
}

// unseen says of what nothing is known, and what nobody looked at. looked is the affected host that was.
func (s *incidentScope) unseen(looked string) {
	for _, st := range s.standings {
		known := slices.ContainsFunc(s.links, func(l incident.Link) bool { return l.Of == st.Name })
		switch {
		case st.Kind == incident.Host && st.Name == looked:
		case st.Kind == incident.Host:
			s.unseenHost(st.Name)
		case !known && st.Kind == incident.Other:
			s.problem(st.Name, "keysweep cannot know what it opens: find out where it is used, and note it", "keysweep incident note "+s.incident.ID+` "..."`)
		case !known:
			s.problem(st.Name, "where it is used is not known", "look at every authorized_keys, and at the accounts of code forges and clouds")
		}
		if st.Fingerprint != "" {
			s.note("logins", st.Name, fmt.Sprintf("logins with it, on each host: journalctl -t sshd -t sshd-session --since %q | grep %s", s.since(), shellWord(st.Fingerprint)))
		}
		if st.Kind == incident.Credential {
			s.note("places", st.Name, "where else it stands: keysweep scan --history in every repository that may have it; what was done with it: the logs of its provider")
		}
	}
}

// unseenHost says that a host itself was not looked at.
func (s *incidentScope) unseenHost(name string) {
	here := incident.SameHost(name, s.env.Hostname)
	switch {
	case s.incident.Drill:
		s.note("host", name, "it is made up; of a real one: keysweep incident scope INC --host USER@"+name)
	case here:
		s.note("host", name, "it is this machine: --local looks at it, but programs on it may lie; from a system that you trust: keysweep incident scope "+s.incident.ID+" --root DIR")
	default:
		s.problem(name, "what lies on it, and who logged in, was not looked at", "keysweep incident scope "+s.incident.ID+" --host USER@"+name+"; to keep it as evidence: keysweep audit host --host USER@"+name+" --save "+name+".bundle")
	}
}

// since is the time from which logs matter, as a host in any zone reads it: as far back as logins are listed of a machine that is looked at.
func (s *incidentScope) since() string {
	return clock(s.incident.Detected.Add(-exposed))
}

// account looks at the keys of this account, and at the hosts that it knows.
func (s *incidentScope) account(ctx context.Context) error {
	settings, err := readPolicy(s.env)
	if err != nil {
		return err
	}
	l := &keyList{env: s.env, opts: &keyListOptions{}, rules: settings.rules, records: s.ledger.records}
	found, err := inventory.Walk(ctx, inventoryEnv(s.env), inventory.Options{Paths: append(settings.paths, recordedPaths(s.env, l.records)...)})
	if err != nil {
		return err
	}
	l.notes(found)
	s.problems = append(s.problems, l.problems...)
	s.coverage = finding.Coverage{Source: strings.Join(found.Sources, ", "), Root: s.env.Home, Files: found.Files, Bytes: found.Bytes}
	for n := range s.standings {
		st := &s.standings[n]
		for k := range found.Keys {
			key := &found.Keys[k]
			switch {
			case st.Kind == incident.Key && isKey(st, key):
				s.ofKey(st, key)
			case st.Kind == incident.Host:
				s.usedFor(st, key)
			}
		}
	}
	s.knownHosts()
	return nil
}

// isKey reports whether a key that was found is the one that is affected.
func isKey(st *incident.Standing, key *inventory.Key) bool {
	print := st.Fingerprint
	if st.Record != nil && st.Record.Fingerprint != "" {
		print = st.Record.Fingerprint
	}
	if print != "" && key.Fingerprint() != "" {
		return key.Fingerprint() == print
	}
	return slices.ContainsFunc(key.Files, func(f inventory.File) bool {
		return f.Path != "" && (f.Path == st.Path || st.Record != nil && f.Path == st.Record.Path)
	})
}

const fromHere = "this account"

func (s *incidentScope) link(of, what, where, more string) {
	s.links = append(s.links, incident.Link{Of: of, What: what, Where: where, More: more, Known: fromHere})
}

// ofKey says where a key that was found lies, and what it is used for.
func (s *incidentScope) ofKey(st *incident.Standing, key *inventory.Key) {
	for _, f := range key.Files {
		protected := "no passphrase: whoever has the file has the key"
		if f.Protected {
			protected = "a passphrase"
		}
		if st.Record == nil || st.Record.Path != f.Path || st.Record.Machine != s.env.Hostname {
			s.link(st.Name, "lies in", homePath(s.env, f.Path), "on this machine")
		}
		s.link(st.Name, "is protected by", protected, homePath(s.env, f.Path))
	}
	if len(key.Agent) > 0 {
		s.link(st.Name, "is held by", "ssh-agent", "until ssh-add -d")
	}
	for _, a := range key.Authorized {
		s.link(st.Name, "is accepted by", "this account", fmt.Sprintf("%s:%d", homePath(s.env, a.Path), a.Number))
	}
	for _, u := range key.Hosts {
		s.link(st.Name, "is used for", strings.Join(u.Patterns, " "), fmt.Sprintf("%s:%d", homePath(s.env, u.Path), u.Line))
	}
	for _, c := range key.Certificates {
		s.link(st.Name, "has the certificate", c.KeyID, strings.Join(c.Principals, " "))
	}
	if key.HostKey {
		s.link(st.Name, "is a host key of", s.env.Hostname, "")
	}
}

// usedFor says which keys this account uses for a host that is affected.
func (s *incidentScope) usedFor(st *incident.Standing, key *inventory.Key) {
	for _, u := range key.Hosts {
		named := incident.SameHost(u.HostName, st.Name) || slices.ContainsFunc(u.Patterns, func(p string) bool { return !u.Match && incident.SameHost(p, st.Name) })
		if named {
			s.link(st.Name, "is logged in to with", homePath(s.env, keyName(key)), fmt.Sprintf("%s:%d", homePath(s.env, u.Path), u.Line))
		}
	}
}

// knownHosts says which hosts this account has logged in to: keys of it may be accepted there.
func (s *incidentScope) knownHosts() {
	if s.env.Home == "" {
		s.problem("known_hosts", "there is no home directory", "set HOME")
		return
	}
	path := filepath.Join(s.env.Home, ".ssh", "known_hosts")
	data, err := readKnownHosts(path)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		s.problem(homePath(s.env, path), err.Error(), "")
		return
	}
	lines := authorized.ParseKnownHosts(data)
	names, hidden := hostNames(lines)
	for _, st := range s.standings {
		switch {
		case st.Kind == incident.Key && len(names)+hidden > 0:
			more := strings.Join(names[:min(len(names), mostNames)], ", ")
			if n := len(names) - mostNames; n > 0 {
				more += fmt.Sprintf(" and %d more", n)
			}
			if hidden > 0 {
				more = strings.TrimPrefix(fmt.Sprintf("%s; %s hidden by hashes", more, counted(hidden, "name is", "names are")), "; ")
			}
			s.link(st.Name, "may be accepted by", counted(len(names)+hidden, "host that this account knows", "hosts that this account knows"), more)
		case st.Kind == incident.Host:
			for n := range lines {
				if lines[n].Kind == authorized.Entry && (lines[n].Match(st.Name) || slices.ContainsFunc(lines[n].Patterns, func(p string) bool { return incident.SameHost(incident.HostOf(p), st.Name) })) {
					s.link(st.Name, "is known by", "this account", fmt.Sprintf("%s:%d", homePath(s.env, path), lines[n].Number))
				}
			}
		}
	}
}

// readKnownHosts reads the file, if it is one, and as much as it can sensibly have.
func readKnownHosts(path string) ([]byte, error) {
	const most = 16 << 20
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular(): // a FIFO would block
		return nil, errNoFile
	case info.Size() > most:
		return nil, fmt.Errorf("it is larger than %d MB", most>>20)
	}
	return os.ReadFile(path)
}

// mostNames is how many hosts one line of a report names.
const mostNames = 12

// hostNames are the names in known_hosts, each once, and how many are hidden.
func hostNames(lines []authorized.HostLine) (names []string, hidden int) {
	seen := map[string]bool{}
	for n := range lines {
		l := &lines[n]
		switch {
		case l.Kind != authorized.Entry || l.Marker == authorized.Revoked:
		case l.Hashed:
			hidden++
		case len(l.Patterns) > 0 && !seen[l.Patterns[0]]: // the others are its aliases and addresses
			seen[l.Patterns[0]] = true
			names = append(names, l.Patterns[0])
		}
	}
	return names, hidden
}

// table is the report.
func (s *incidentScope) table() *report.Table {
	t := &report.Table{
		Schema: "keysweep.incident-scope/v1", Tool: finding.Tool{Name: "keysweep", Version: s.env.Version, Commit: s.env.Commit},
		GeneratedAt: s.env.Now(), Problems: s.problems, Notices: s.notices, Coverage: s.coverage,
		Columns: []report.Column{{Name: "affected", Title: "AFFECTED", Least: 10}, {Name: "relation", Title: "RELATION"}, {Name: "thing", Title: "TO", Least: 16},
			{Name: "detail", Title: "DETAIL", Least: 16}, {Name: "known_from", Title: "KNOWN FROM"}},
	}
	if s.ledger.source != "" {
		t.Notices = append([]finding.Notice{{Kind: "ledger", Text: "from " + s.ledger.source}}, t.Notices...)
	}
	if s.incident.Drill {
		t.Notices = append([]finding.Notice{{Kind: "drill", Text: drillWords}}, t.Notices...)
	}
	for _, l := range s.links {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{{Text: l.Of}, {Text: l.What}, {Text: l.Where}, {Text: l.More}, {Text: l.Known}}})
	}
	t.Verdict = counted(len(s.links), "way is known", "ways are known")
	if len(s.problems) > 0 {
		t.Verdict += ", and " + counted(len(s.problems), "thing", "things") + " could not be looked at: there may be more"
	}
	return t
}
