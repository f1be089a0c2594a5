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
	"time"

	"keysweep/internal/git"
	"keysweep/keys"
	"keysweep/rotation"
	"keysweep/rotation/rollover"
)

// rotating is a key that is to be rotated, or is being.
type rotating struct {
	env    *Env
	o      *rotateOptions
	ledger *rotation.Ledger
	old    rotation.Record
	dir    string // of the journals

	journal rollover.Journal // as it was at first, and again at the end
	fresh   bool             // nothing has begun yet
	keys    *rotateKeys
	pub     string // file with the old key's public half alone
	r       *rollover.Rotation
	trouble trouble
}

// findRotation finds what a person calls a key: it, the one that takes its place, or the one whose place it took.
func findRotation(ctx context.Context, env *Env, o *rotateOptions, ledger *rotation.Ledger, ref string) (*rotating, error) {
	g := &rotating{env: env, o: o, ledger: ledger, trouble: trouble{env: env}}
	var err error
	if g.dir, err = stateFile(env, "journal"); err != nil {
		return nil, err
	}
	records, err := ledger.Records(ctx)
	if err != nil {
		return nil, err
	}
	id := g.journalOf(ref)
	if id == "" {
		r, err := findRecord(ctx, env, ledger, ref)
		if err != nil {
			return nil, err
		}
		id = g.firstOf(r, records)
	}
	i := slices.IndexFunc(records, func(r rotation.Record) bool { return r.ID == id })
	if i < 0 {
		return nil, usagef("if it can be done without: remove "+git.Printable(filepath.Join(g.dir, id+".json")), "the ledger does not know the key whose rotation has begun (id %s)", id)
	}
	g.old = records[i]
	return g, g.load(rollover.Read(g.dir, id))
}

// load takes a journal that was read. None is no error.
func (g *rotating) load(j rollover.Journal, err error) error {
	g.fresh = errors.Is(err, fs.ErrNotExist)
	switch {
	case g.fresh:
		return nil
	case err != nil:
		return usagef("keysweep wrote it: if a newer version did, use that one", "%w", err)
	case j.Record != g.old.ID:
		return usagef("move it away", "the journal in %s is that of another key", g.dir)
	}
	g.journal = j
	return nil
}

// journalOf returns the record of a rotation that has begun, by any of the names of its keys: a killed process may have left the
// ledger with only one of them renamed.
func (g *rotating) journalOf(ref string) string {
	entries, err := os.ReadDir(g.dir)
	if err != nil {
		return "" // there is none yet; what cannot be read is said when it is needed
	}
	file := strings.TrimSuffix(absolute(g.env, ref), ".pub")
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok {
			continue
		}
		j, err := rollover.Read(g.dir, id)
		if err == nil && j.Record == id && (slices.Contains([]string{j.Name, j.Record, j.Old.Fingerprint, j.New.Fingerprint}, ref) ||
			slices.Contains([]string{j.File, j.NewFile(), j.OldFile()}, file)) {
			return id
		}
	}
	return ""
}

// firstOf returns the record with which the rotation that a record belongs to began: the one that it is to replace, or has
// replaced but not everywhere.
func (g *rotating) firstOf(r rotation.Record, records []rotation.Record) string {
	if r.Predecessor == "" {
		return r.ID
	}
	if _, err := rollover.Read(g.dir, r.Predecessor); !errors.Is(err, fs.ErrNotExist) {
		return r.Predecessor
	}
	for _, p := range records {
		if p.ID == r.Predecessor && p.Successor == r.ID && p.Status.Live() {
			return p.ID
		}
	}
	return r.ID
}

// settled is how long a rotation counts as the last one: until then the same command is one that goes on.
const settled = 24 * time.Hour

// plan makes the journal of a rotation whose new key is not there yet, and refuses what can be refused.
func (g *rotating) plan(ctx context.Context) error {
	if g.old.Successor != "" && g.old.Status.Live() {
		return g.rebuild(ctx)
	}
	key, err := g.rotatable(ctx)
	if err != nil {
		return err
	}
	public, file := *key.Public, key.Files[0].Path
	if g.fresh {
		g.journal = rollover.Journal{Schema: rollover.Schema, Record: g.old.ID, Name: g.old.Name, Phase: rollover.Planned, Begun: g.env.Now().UTC().Truncate(time.Second)}
	}
	g.journal.File, g.journal.Old = file, rollover.KeyOf(public, strings.ToValidUTF8(key.Comment, ""))
	for _, name := range g.journal.Names() {
		if g.fresh && isFile(name) { // what an earlier run left there is thrown away by the next
			return &rollover.TakenError{File: name}
		}
	}
	if err := g.kindKnown(); err != nil {
		return err
	}
	if g.journal.Expires, err = g.expiry(public); err != nil {
		return err
	}
	return g.notes(key.Files[0].Path)
}

// kindKnown refuses types of key that cannot be made anew.
func (g *rotating) kindKnown() error {
	if g.o.kind == sameKind {
		kind, ok := map[string]string{"ssh-ed25519": keys.KindEd25519, "ssh-rsa": keys.KindRSA4096}[g.old.Type]
		if !ok {
			return usagef("--type ed25519", "--type same: %s is a key of type %s, and such keys are not made", g.old.Name, g.old.Type)
		}
		g.o.kind = kind
	}
	return nil
}

// notes says what a person should know before anything is done.
func (g *rotating) notes(file string) error {
	if isFile(file + "-cert.pub") {
		if _, err := fmt.Fprintf(g.env.Stderr, "note: %s-cert.pub is a certificate of the old key, and goes where that goes; the new key needs one of its own\n", git.Printable(file)); err != nil {
			return err
		}
	}
	ending := slices.ContainsFunc(g.old.ActiveInstallations(g.env.Now()), func(in rotation.Installation) bool { return !in.Expires.IsZero() })
	if ending && g.journal.Expires.IsZero() {
		_, err := fmt.Fprintln(g.env.Stderr, "note: hosts have a date after which they refuse the old key (expiry-time); the new one gets none without --expire-grace or --expires")
		return err
	}
	return nil
}

// rebuild makes the journal of a rotation that is not over anew, out of the ledger: it was lost, with the state directory perhaps.
func (g *rotating) rebuild(ctx context.Context) error {
	fresh, err := g.ledger.Find(ctx, g.old.Successor)
	if err != nil {
		return err
	}
	old, ok := strings.CutSuffix(g.old.Path, ".old")
	if !ok || old != fresh.Path || g.old.Machine != g.env.Hostname {
		return usagef("take it off its hosts: keysweep key revoke "+shellWord(g.old.Name)+", and then: keysweep key retire "+shellWord(g.old.Name),
			"%s has been replaced by %s already, and hosts still have it", g.old.Name, fresh.Name)
	}
	j := rollover.Journal{Schema: rollover.Schema, Record: g.old.ID, Name: fresh.Name, File: fresh.Path, Phase: rollover.Promoted, Begun: g.env.Now().UTC().Truncate(time.Second)}
	for file, key := range map[string]*rollover.Key{g.old.Path: &j.Old, fresh.Path: &j.New} {
		k, err := lookAtPrivate(ctx, g.env, file)
		if err != nil {
			return err
		}
		*key = rollover.KeyOf(*k.Public, strings.ToValidUTF8(k.Comment, ""))
	}
	if j.Old.Fingerprint != g.old.Fingerprint || j.New.Fingerprint != fresh.Fingerprint {
		return usagef("see: keysweep key list", "%s and %s are not the keys that the ledger knows", g.old.Path, fresh.Path)
	}
	for _, in := range g.old.ActiveInstallations(g.env.Now()) {
		j.Hosts = append(j.Hosts, rollover.Host{Target: in.Target, Step: rollover.Begun, At: g.env.Now()})
	}
	g.journal = j
	_, err = fmt.Fprintln(g.env.Stderr, "note: the journal of this rotation is lost; it is made anew from the ledger")
	return err
}
