package rotation

import "maps"

// Changes is what became of a ledger since an earlier state of it.
type Changes struct {
	To      State
	Records map[string]Record // those that were added or changed, as they are now, by ID
	Buried  int               // new tombstones
}

// done is what one Do changed.
type done struct {
	before, after State
	touched       map[string]Record
	buried        int
}

// remember notes what a Tx did.
func (l *Ledger) remember(tx *Tx) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.log = append(l.log, done{tx.before, tx.after, tx.touched, tx.buried})
}

// Changes returns what this Ledger changed since the ledger was in the state of number since. False: others changed it too, as far as is
// known here, or the state is not known.
func (l *Ledger) Changes(since uint64) (c Changes, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.Records = map[string]Record{}
	for _, d := range l.log {
		switch {
		case d.before.Seq < since:
			continue
		case d.before.Seq != since && !ok || ok && d.before.Seq != c.To.Seq:
			return Changes{}, false
		}
		maps.Copy(c.Records, d.touched)
		c.To, ok = d.after, true
		c.Buried += d.buried
	}
	return c, ok
}
