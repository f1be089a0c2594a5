package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"keysweep/keys/agent"
)

// Options say where Walk looks besides the home directory.
type Options struct {
	Paths     []string // further files and directories, absolute
	System    bool     // the keys of this machine's SSH server, and the configuration of all its users
	SystemDir string   // where those are; "" is /etc/ssh
}

// Inventory is what Walk found.
type Inventory struct {
	Keys     []Key     // by the path that names them, those without a file last
	Missing  []Use     // blocks of the configuration that name a file that does not exist
	Agent    string    // what the agent said: "2 keys", or why it was not asked
	Problems []Problem // what could not be looked at
	Skipped  []Skip    // what was left out on purpose
	Files    int64     // that were looked at
	Bytes    int64     // of them
	Sources  []string  // where it looked
}

// Skip is a kind of thing that was left out on purpose.
type Skip struct {
	Reason string
	Paths  []string
}

// walker gathers an Inventory.
type walker struct {
	ctx   context.Context
	env   Env
	found Inventory
	byKey map[string]int // index in found.Keys of a public key's wire form
	paths map[string]int // index in found.Keys of a file that was looked at; -1 if it holds no key
}

// Walk looks at the user's SSH directory, the agent, authorized_keys, the client's configuration and what Options add, and
// joins what it finds: one Key for each, however many files hold it. It fails only if ctx is done; all else is a Problem.
func Walk(ctx context.Context, env Env, o Options) (*Inventory, error) {
	if o.SystemDir == "" {
		o.SystemDir = "/etc/ssh"
	}
	w := &walker{ctx: ctx, env: env, byKey: map[string]int{}, paths: map[string]int{}}
	if env.Home != "" {
		dir := filepath.Join(env.Home, ".ssh")
		w.directory(dir, root{ssh: true, optional: true})
		w.config(filepath.Join(dir, "config"), dir)
		w.authorized(filepath.Join(dir, "authorized_keys"))
		w.authorized(filepath.Join(dir, "authorized_keys2"))
	}
	if o.System {
		w.directory(o.SystemDir, root{host: true})
		w.config(filepath.Join(o.SystemDir, "ssh_config"), o.SystemDir)
	}
	for _, path := range o.Paths {
		w.path(path)
	}
	w.agent()
	w.finish()
	return &w.found, ctx.Err()
}

// finish puts everything in order.
func (w *walker) finish() {
	for i := range w.found.Keys {
		w.found.Keys[i].sortEvidence()
	}
	slices.SortStableFunc(w.found.Keys, func(a, b Key) int {
		pa, pb := a.Path(), b.Path()
		if (pa == "") != (pb == "") {
			return cmp.Compare(pb, pa) // one of them is "": it comes last
		}
		return cmp.Or(cmp.Compare(pa, pb), cmp.Compare(a.Fingerprint(), b.Fingerprint()))
	})
}

func (w *walker) problem(where, op string, err error) {
	w.found.Problems = append(w.found.Problems, Problem{where, op, err})
}

// skip counts something that was left out on purpose.
func (w *walker) skip(reason, path string) {
	for i := range w.found.Skipped {
		if s := &w.found.Skipped[i]; s.Reason == reason {
			s.Paths = append(s.Paths, path)
			return
		}
	}
	w.found.Skipped = append(w.found.Skipped, Skip{reason, []string{path}})
}

// join adds a key to what is known, and returns its index.
func (w *walker) join(k Key) int {
	if k.Public == nil {
		w.found.Keys = append(w.found.Keys, k)
		return len(w.found.Keys) - 1
	}
	blob := string(k.Public.Key().Blob)
	i, known := w.byKey[blob]
	if !known {
		i = len(w.found.Keys)
		w.byKey[blob] = i
		w.found.Keys = append(w.found.Keys, k)
		return i
	}
	w.found.Keys[i].merge(k)
	return i
}

// merge adds what another file tells of the same key. What both tell stands once.
func (k *Key) merge(more Key) {
	k.Comment = cmp.Or(k.Comment, more.Comment)
	k.Files = append(k.Files, more.Files...)
	for _, p := range more.PublicFiles {
		if !slices.ContainsFunc(k.PublicFiles, func(q PublicFile) bool { return q.Path == p.Path }) {
			k.PublicFiles = append(k.PublicFiles, p)
		}
	}
	for _, c := range more.Certificates {
		if !slices.ContainsFunc(k.Certificates, func(d Certificate) bool { return d.Path == c.Path && d.Serial == c.Serial && d.KeyID == c.KeyID }) {
			k.Certificates = append(k.Certificates, c)
		}
	}
	k.Agent = append(k.Agent, more.Agent...)
	k.Authorized = append(k.Authorized, more.Authorized...)
	for _, e := range more.Evidence {
		if !slices.Contains(k.Evidence, e) {
			k.Evidence = append(k.Evidence, e)
		}
	}
	k.HostKey = k.HostKey || more.HostKey
	k.Problems = append(k.Problems, more.Problems...)
}

// agent asks the agent what it holds. None at all is no problem; one that does not answer is.
func (w *walker) agent() {
	client, err := agent.Dial(w.ctx, w.env.Agent)
	switch {
	case errors.Is(err, agent.ErrNone):
		w.found.Agent = "none"
		return
	case errors.Is(err, agent.ErrUnreachable):
		w.found.Agent = "none listens at " + w.env.Agent
		return
	case err != nil:
		w.problem("ssh-agent", "", err)
		return
	}
	defer func() { _ = client.Close() }()
	held, err := client.List(w.ctx)
	if err != nil {
		w.problem("ssh-agent", "", err)
		return
	}
	w.found.Agent = fmt.Sprintf("%d keys", len(held))
	if len(held) == 1 {
		w.found.Agent = "1 key"
	}
	w.found.Sources = append(w.found.Sources, "ssh-agent")
	for _, h := range held {
		key := h.Public.Key()
		k := Key{Public: &key, Comment: h.Comment, Agent: []AgentKey{{h.Comment, h.Public.IsCertificate()}}}
		if h.Public.IsCertificate() {
			k.addCertificate("", h.Public)
		}
		k.describe()
		w.join(k)
	}
}
