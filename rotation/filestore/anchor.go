package filestore

import (
	"crypto/hmac"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"keysweep/internal/atomicfile"
)

// anchor is the newest head that this machine has seen.
type anchor struct {
	Schema int    `json:"schema"`
	Store  string `json:"store"`
	Seq    uint64 `json:"seq"`
	Sum    string `json:"sum"` // SHA-256 of head.age, hex
	MAC    []byte `json:"mac"`
}

const maxAnchor = 4096 // bytes; it takes about 250

func (k *keyring) anchorMAC(a anchor) []byte {
	return k.sum("anchor", []byte(a.Store), binary.BigEndian.AppendUint64(nil, a.Seq), []byte(a.Sum))
}

// readAnchor reads the anchor; nil if there is none, or none is kept.
func (s *Store) readAnchor() (*anchor, error) {
	if s.anchor == "" {
		return nil, nil
	}
	data, err := readFile(s.anchor, maxAnchor)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil && !errors.Is(err, errTooLong) {
		return nil, err
	}
	var a anchor
	if err != nil || json.Unmarshal(data, &a) != nil {
		return nil, &TamperError{"anchor", s.anchor, "is damaged", anchorAway}
	}
	if a.Store != s.id.Store {
		return nil, &TamperError{"directory", s.dir, "holds another ledger than the one that was last used on this machine", anchorAway + " (" + s.anchor + ")"}
	}
	if !hmac.Equal(a.MAC, s.keys.anchorMAC(a)) {
		return nil, &TamperError{"anchor", s.anchor, "is damaged, or was not written by keysweep", anchorAway}
	}
	return &a, nil
}

const anchorAway = "if you are sure that the ledger is the right one, delete the anchor: it is made anew"

// writeAnchor remembers the head that was just read or written.
func (s *Store) writeAnchor(seq uint64, sum string) error {
	s.remember(seq, sum)
	if s.anchor == "" {
		return nil
	}
	a := anchor{Schema: 1, Store: s.id.Store, Seq: seq, Sum: sum}
	a.MAC = s.keys.anchorMAC(a)
	data, err := json.Marshal(a)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.anchor), 0o700); err != nil {
		return &fileError{path: s.anchor, err: bare(err)}
	}
	if err := atomicfile.Write(s.anchor, append(data, '\n'), 0o600); err != nil {
		return &fileError{path: s.anchor, err: err}
	}
	return nil
}

// checkAge compares a head with the newest one known, of the anchor (nil: there is none) and of this process.
func (s *Store) checkAge(a *anchor, seq uint64, sum string) error {
	s.mu.Lock()
	known := s.seen
	s.mu.Unlock()
	if a != nil && a.Seq > known.seq {
		known = seen{a.Seq, a.Sum}
	}
	switch {
	case seq < known.seq:
		return &TamperError{"directory", s.dir, "was put back to an older state", "put back the newest backup; if there is none newer and you accept the loss, delete the anchor " + s.anchor}
	case seq == known.seq && sum != known.sum:
		return &TamperError{"directory", s.dir, "was changed by another machine from the same older state", "use one of the two; to go on with this one, delete the anchor " + s.anchor}
	}
	return nil
}

// seen is the newest head that this process knows.
type seen struct {
	seq uint64
	sum string
}

func (s *Store) remember(seq uint64, sum string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seq >= s.seen.seq {
		s.seen = seen{seq, sum}
	}
}
