package snapshot

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"keysweep/rotation"
)

// Schema names the format.
const Schema = "keysweep.snapshot/v1"

// Snapshot is what a ledger knew at one time, checked against the key that it names itself: whose key that is, Pins says.
type Snapshot struct {
	Machine     string // name of the host that wrote it
	Ledger      string // rotation.State's ID
	Seq         uint64 // and its Seq
	Latest      time.Time
	GeneratedAt time.Time // when it was last compared with the ledger; it never goes back, though the clock may
	Tombstones  int       // how many keys must not come back
	PublicKey   ed25519.PublicKey
	Records     []rotation.Record // in the order of their IDs; Mark says nothing outside this snapshot
	Sum         string            // SHA-256 of all but GeneratedAt and signature, hex: what one Seq stands for
}

// header is the first line, closed.
type header struct {
	Schema     string            `json:"schema"`
	Machine    string            `json:"machine"`
	Ledger     string            `json:"ledger"`
	Seq        uint64            `json:"seq"`
	Latest     time.Time         `json:"latest"`
	Tombstones int               `json:"tombstones"`
	PublicKey  ed25519.PublicKey `json:"public_key"`
	Records    [0]struct{}       `json:"records"`
}

// raw is a snapshot whose records are not read.
type raw struct {
	header      header
	generatedAt time.Time
	lines       [][]byte // a record each, without the comma
	sum         [sha256.Size]byte
}

func (r *raw) snapshot() (Snapshot, error) {
	records, err := rotation.DecodeRecords(r.lines)
	if err != nil {
		return Snapshot{}, err
	}
	h := r.header
	return Snapshot{h.Machine, h.Ledger, h.Seq, h.Latest, r.generatedAt, h.Tombstones, h.PublicKey, records, hex.EncodeToString(r.sum[:])}, nil
}
