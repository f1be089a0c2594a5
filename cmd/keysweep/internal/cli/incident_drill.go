package cli

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/spf13/cobra"

	"keysweep/incident"
	"keysweep/rotation"
)

// incidentDrillOptions are the flags of incident drill.
type incidentDrillOptions struct {
	who   whoOptions
	title string
}

func newIncidentDrillCommand(env *Env) *cobra.Command {
	o := &incidentDrillOptions{}
	c := &cobra.Command{
		Use:   "drill",
		Short: "Begin a drill: an incident about made-up things, to practise and to find out how long it takes",
		Long: "A stolen laptop, with a key, a token and a server that do not exist. All commands take it as they take an incident, and mark what they print;\n" +
			"the ledger is not touched. Closing it attests incident.plan, and each step that was gone through, as rehearsed.",
		Example: `  keysweep incident drill
  keysweep incident scope DRILL-2026-001
  keysweep incident step DRILL-2026-001 isolate done --note "would block 203.0.113.7 with ufw; took 4 minutes to find out"
  keysweep incident close DRILL-2026-001 --cause drill --action "print the list of contacts"`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runIncidentDrill(c.Context(), env, o) },
	}
	c.Flags().StringVar(&o.title, "title", "a laptop was stolen, and there are logins from 203.0.113.7", "what is said to have happened, in a few words")
	o.who.addFlags(c.Flags())
	return c
}

// The made-up things of a drill.
const (
	drillKey    = "drill-laptop"
	drillDeploy = "drill-deploy"
	drillEnv    = "drill"
	drillCred   = "MADE_UP_TOKEN"
	drillHost   = "drill-web1.invalid"
	drillOther  = "drill-db1.invalid"
)

func runIncidentDrill(ctx context.Context, env *Env, o *incidentDrillOptions) error {
	if !incident.IsWord(o.title) {
		return usagef("one line", "--title: %q is no title", o.title)
	}
	book, err := incidentBook(env)
	if err != nil {
		return err
	}
	e, err := o.who.event(ctx, env, incident.Started)
	if err != nil {
		return err
	}
	e.Title, e.When, e.Drill = "DRILL: "+o.title, env.Now(), true
	e.Affected = []incident.Affected{
		{Kind: incident.Key, Name: drillKey, Record: drillKey, Fingerprint: drillPrint(drillKey)},
		{Kind: incident.Credential, Name: drillEnv + "/" + drillCred, Record: drillCred},
		{Kind: incident.Host, Name: drillHost},
	}
	if err := noSecret(ctx, "title", o.title); err != nil {
		return err
	}
	id, err := book.Start(ctx, e)
	if err != nil {
		return err
	}
	seen, err := o.who.event(ctx, env, incident.Noted)
	if err != nil {
		return err
	}
	seen.Tell = incident.Provider
	seen.Text = "made up: auth.log of " + drillHost + " has logins of root with " + drillPrint(drillKey) + " from 203.0.113.7, and a process that nobody knows"
	i, err := book.Append(ctx, id, seen)
	if err != nil {
		return err
	}
	return sayBegun(ctx, env, book, i)
}

// drillPrint is a fingerprint that no key has.
func drillPrint(name string) string {
	sum := sha256.Sum256([]byte("keysweep drill " + name))
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// drillRecords are what the ledger would know of the made-up things: revoked and replaced once somebody says so.
func drillRecords(i *incident.Incident) []rotation.Record {
	before := i.Detected.Add(-100 * 24 * time.Hour)
	installed := func(targets ...string) (list []rotation.Installation) {
		for _, t := range targets {
			list = append(list, rotation.Installation{Target: t, At: before})
		}
		return list
	}
	key := func(name, path string, in []rotation.Installation) rotation.Record {
		return rotation.Record{ID: name, Kind: rotation.KindSSH, Name: name, Fingerprint: drillPrint(name), Type: "ssh-ed25519", Path: path,
			Machine: "drill-laptop.invalid", Status: rotation.Active, FirstSeen: before, Installed: in}
	}
	cred := rotation.Record{ID: drillCred, Kind: rotation.KindAPI, Name: drillCred, Env: drillEnv, Provider: "gitlab", Account: "token 4711", Status: rotation.Active,
		Hosts: []string{drillHost}, FirstSeen: before}
	list := []rotation.Record{
		key(drillKey, "/home/drill/.ssh/id_ed25519", installed("root@"+drillHost, "ann@"+drillOther)),
		key(drillDeploy, "/home/drill/.ssh/deploy", installed("deploy@"+drillHost)), cred,
	}
	if st := i.Step(incident.RevokeStep); st != nil && st.State != incident.Open {
		for n := range list {
			r := &list[n]
			r.History = []rotation.Event{{At: st.At, What: "revoked, as the drill says"}}
			r.RotatedAt = st.At
			if r.Kind == rotation.KindSSH {
				r.Status = rotation.Revoked
			}
		}
	}
	return list
}
