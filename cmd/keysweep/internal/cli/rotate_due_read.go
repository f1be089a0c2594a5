package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"keysweep/finding"
	"keysweep/internal/terminal"
	"keysweep/report"
	"keysweep/rotation"
	"keysweep/rotation/snapshot"
)

// dueData is what is known of keys and credentials before it is judged.
type dueData struct {
	records  []rotation.Record
	latest   time.Time // the latest time that anybody wrote down
	foreign  bool      // from other machines: the keys of this one have nothing to do with it
	sources  []report.Source
	problems []finding.Problem
	notices  []finding.Notice
}

// problem notes what could not be looked at.
func (d *dueData) problem(where string, err error) {
	d.problems = append(d.problems, finding.Problem{Where: where, Err: err.Error(), Hint: hintOf(err)})
}

// readDue reads the ledger, or the snapshots that were asked for.
func readDue(ctx context.Context, env *Env, o *dueQuestion) (d *dueData, err error) {
	d = &dueData{}
	switch {
	case o.snapshots != "":
		err = d.fromSnapshots(ctx, env, absolute(env, o.snapshots))
	case o.snapshot != "":
		err = d.fromSnapshot(ctx, env, absolute(env, o.snapshot), o.unasked)
	default:
		err = d.fromLedger(ctx, env, o.ledger)
	}
	if errors.Is(err, context.Canceled) {
		return nil, err
	}
	return d, err
}

// fromLedger reads the ledger if nothing is missing to open it. If its passphrase cannot be asked for, its snapshot stands in for it. A
// ledger that is there and does not open is a problem, and the snapshot is read all the same.
func (d *dueData) fromLedger(ctx context.Context, env *Env, o *ledgerOptions) error {
	o.reading = true // whether the ledger was put back shows with the snapshot, and has to be known before anything is said
	ledger, err := o.existing(ctx, env)
	var c rotation.Contents
	if err == nil && ledger != nil {
		c, err = ledger.Read(ctx)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case err == nil && ledger != nil:
		d.records, d.latest = c.Records, c.State.Latest
		d.sources = append(d.sources, report.Source{Kind: "ledger", Where: o.store.Describe(), Machine: env.Hostname, At: env.Now()})
		d.notices = append(d.notices, finding.Notice{Kind: "ledger", Text: "from the ledger: " + o.store.Describe()})
		kept, err := bringSnapshot(ctx, env, ledger)
		if err != nil && !errors.Is(err, context.Canceled) {
			d.problem("snapshot", err)
		}
		d.latest = later(d.latest, kept.GeneratedAt)
		return context.Cause(ctx)
	case err == nil:
		if !o.none {
			d.notices = append(d.notices, finding.Notice{Kind: "ledger", Text: "there is no ledger yet; key generate, key adopt and cred add begin one"})
		}
		return nil
	}
	path := snapshotPath(env)
	if _, missing := os.Stat(path); missing != nil {
		d.problem("ledger", err)
		return nil
	}
	if errors.Is(err, terminal.ErrNone) {
		d.notices = append(d.notices, finding.Notice{Kind: "ledger", Text: "the ledger was not opened, as there is nobody to ask for its passphrase: its snapshot stands in for it"})
	} else {
		d.problem("ledger", err)
	}
	err = d.fromSnapshot(ctx, env, path, true)
	d.foreign = false // whatever this machine was called when it was written
	return err
}

// fromSnapshot reads one snapshot. That it is not to be believed is a problem; that it is not there too, if nobody asked for it.
func (d *dueData) fromSnapshot(ctx context.Context, env *Env, path string, unasked bool) error {
	s, err := readSnapshot(ctx, env, path)
	if errors.Is(err, context.Canceled) || isUsage(err) && !unasked {
		return err
	}
	if err != nil {
		d.problem(path, err)
	}
	d.take(env, path, s)
	d.foreign = s.Machine != env.Hostname && (s.Machine != "" || path != snapshotPath(env))
	return nil
}

// take takes the records of a snapshot, as far as it has any.
func (d *dueData) take(env *Env, path string, s snapshot.Snapshot) {
	if s.Machine == "" {
		return
	}
	d.sources = append(d.sources, report.Source{Kind: "snapshot", Where: path, Machine: s.Machine, At: s.GeneratedAt})
	d.notices = append(d.notices, finding.Notice{Kind: "snapshot", Where: homePath(env, path),
		Text: fmt.Sprintf("the ledger of %s as it was %s", s.Machine, ago(env.Now().Sub(s.GeneratedAt)))})
	if d.records == nil {
		d.records = s.Records // ten thousand are not copied
	} else {
		d.records = append(d.records, s.Records...)
	}
	d.latest = later(later(d.latest, s.Latest), s.GeneratedAt)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// ago says how long ago something was.
func ago(d time.Duration) string {
	if d < 0 {
		return "in the future"
	}
	for _, unit := range []struct {
		name string
		is   time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}} {
		switch n := int(d / unit.is); {
		case n == 1:
			return "1 " + unit.name + " ago"
		case n > 1:
			return fmt.Sprintf("%d %ss ago", n, unit.name)
		}
	}
	return "just now"
}

// fromSnapshots reads every snapshot of a directory: the files whose names end in .json. Of a record that several snapshots of
// one ledger have the newest counts.
func (d *dueData) fromSnapshots(ctx context.Context, env *Env, dir string) error {
	d.foreign = true
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("--snapshots: %w", err)
	}
	if err != nil {
		return usagef("name a directory of snapshots: one of each machine, copied from its "+homePath(env, snapshotPath(env)), "--snapshots: %w", err)
	}
	seen, ledgers := map[string]bool{}, map[string][]rotation.Record{}
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".json") || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		path := filepath.Join(dir, e.Name())
		seen[path] = true
		s, err := readSnapshot(ctx, env, path)
		if errors.Is(err, context.Canceled) {
			return err
		}
		if err != nil {
			d.problem(path, err)
		}
		d.take(env, path, s)
		ledgers[s.Ledger] = append(ledgers[s.Ledger], s.Records...)
	}
	if err := d.missingSnapshots(ctx, env, dir, seen); err != nil {
		return err
	}
	if len(d.sources)+len(d.problems) == 0 {
		return usagef("copy the snapshots of the machines there, under names that end in .json", "--snapshots %s: there is no snapshot", homePath(env, dir))
	}
	d.records = nil
	for _, ledger := range slices.Sorted(maps.Keys(ledgers)) { // an id says nothing of a record in somebody else's ledger
		d.records = append(d.records, newestRecords(ledgers[ledger])...)
	}
	return nil
}

// missingSnapshots notes machines whose snapshot was in the directory before and is not any more: what is due there is not known.
func (d *dueData) missingSnapshots(ctx context.Context, env *Env, dir string, seen map[string]bool) error {
	pins, err := stateFile(env, pinsFile)
	if err != nil {
		return err
	}
	return snapshot.WithPins(ctx, pins, func(p *snapshot.Pins) error {
		for _, pin := range p.In(dir) {
			if !seen[pin.Path] {
				d.problems = append(d.problems, finding.Problem{Where: pin.Path, Err: fmt.Sprintf("the snapshot of %s, which was there before, is gone", pin.Machine),
					Hint: fmt.Sprintf("copy it there again; if nothing is to be known of that machine any more, delete the entry of ledger %s in %s", pin.Ledger, pins)})
			}
		}
		return nil
	})
}

// newestRecords returns one record of each id among records of one ledger: the one with the most changes.
func newestRecords(records []rotation.Record) []rotation.Record {
	at := map[string]int{}
	var newest []rotation.Record
	for _, r := range records {
		i, known := at[r.ID]
		switch {
		case !known:
			at[r.ID] = len(newest)
			newest = append(newest, r)
		case r.Seq > newest[i].Seq:
			newest[i] = r
		}
	}
	return slices.Clip(newest)
}
