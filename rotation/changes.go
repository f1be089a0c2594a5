package rotation

// Changes is what one Ledger changed, with nobody else in between: who knows the ledger as it was at From can tell what it is at To.
type Changes struct {
	From, To State
	Records  map[string]Record // those that were added or changed, as they are now, by ID
	Buried   int               // new tombstones
}

// remember notes what a Tx did.
func (l *Ledger) remember(tx *Tx) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done.Records == nil || l.done.To.ID != tx.before.ID || l.done.To.Seq != tx.before.Seq {
		l.done = Changes{From: tx.before, Records: map[string]Record{}}
	}
	l.done.To = tx.after
	for id, r := range tx.touched {
		l.done.Records[id] = r
	}
	l.done.Buried += tx.buried
}

// Changes returns the latest changes that this Ledger made one after the other, none if it made none. The map must not be
// changed.
func (l *Ledger) Changes() Changes {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.done
}
