package rotation

// census is all records of a ledger, and which of them has what only one may have.
type census struct {
	records []Record
	place   map[string]int    // in records, by ID
	prints  map[string]string // ID by fingerprint
	names   map[string]string // ID by the name of a live record
}

func newCensus(records []Record) *census {
	c := &census{place: map[string]int{}, prints: map[string]string{}, names: map[string]string{}}
	for _, r := range records {
		c.put(r)
	}
	return c
}

// nameKey is what must be unique of a live record: SSH keys have names of their own, API credentials in each environment.
func (r *Record) nameKey() string {
	if r.Kind == KindAPI {
		return string(r.Kind) + "\x00" + r.Env + "\x00" + r.Name
	}
	return string(r.Kind) + "\x00" + r.Name
}

// put takes a record in, or what it has become.
func (c *census) put(r Record) {
	if i, known := c.place[r.ID]; known {
		old := &c.records[i]
		if c.names[old.nameKey()] == r.ID {
			delete(c.names, old.nameKey())
		}
		if c.prints[old.Fingerprint] == r.ID {
			delete(c.prints, old.Fingerprint)
		}
		*old = r
	} else {
		c.place[r.ID] = len(c.records)
		c.records = append(c.records, r)
	}
	if r.Fingerprint != "" {
		c.prints[r.Fingerprint] = r.ID
	}
	if r.Status.Live() {
		c.names[r.nameKey()] = r.ID
	}
}

// unique refuses a record that has what another has, with a *DuplicateError.
func (c *census) unique(r *Record) error {
	if id, taken := c.prints[r.Fingerprint]; taken && id != r.ID {
		return &DuplicateError{c.records[c.place[id]], "fingerprint"}
	}
	if id, taken := c.names[r.nameKey()]; taken && id != r.ID && r.Status.Live() {
		return &DuplicateError{c.records[c.place[id]], "name"}
	}
	return nil
}
