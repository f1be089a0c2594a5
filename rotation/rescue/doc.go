// Package rescue keeps a value that a provider has just answered with, for as long as the ledger cannot take it: in a file of its
// own whose blocks are allocated before the provider is asked, so that a disk that has filled up meanwhile cannot refuse it. Start
// at Place.
//
// What is put there is sealed with Seal. Both halves of the key are in the ledger alone: without the ledger the file tells nobody
// anything, and nobody can make one that the ledger would believe.
//
// A file has Size bytes:
//
//	0     "keysweep rescue 1\n", a Label as JSON, "\n", zeros
//	1024  zeros while it is empty; then "SEALED1\n", the length of what follows the sum (4 bytes, big endian), its SHA-256, and it
//
// The second part is written over the zeros in place, by one call, and then synced. File systems that write elsewhere what is
// written over (Btrfs, ZFS, APFS of a clone) may still find no room for that; what the caller is told then is an error.
package rescue

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Size is that of every file, in bytes.
const Size = 16 << 10

// MaxSealed is the most that a file takes, in bytes.
const MaxSealed = Size - headSize - sealSize

const (
	magic     = "keysweep rescue 1\n"
	sealMagic = "SEALED1\n"
	headSize  = 1024
	sealSize  = len(sealMagic) + 4 + sha256.Size
)

// Label says what a file is for. None of it is secret.
type Label struct {
	Record  string    `json:"record"`  // ID in the ledger
	Request string    `json:"request"` // of the rotation
	Ref     string    `json:"ref"`     // what people call the credential
	At      time.Time `json:"at"`      // when the rotation began
}

// maxRef is the most that is kept of a Ref, in bytes.
const maxRef = 200

// check refuses a label that could not stand for a file.
func (l *Label) check() error {
	for _, id := range []string{l.Record, l.Request} {
		bad := len(id) < 1 || len(id) > 64
		for _, c := range []byte(id) {
			bad = bad || (c < 'a' || c > 'z') && (c < '0' || c > '9')
		}
		if bad {
			return fmt.Errorf("%.80q is no id", id)
		}
	}
	if len(l.Ref) > maxRef {
		return fmt.Errorf("the name has %d bytes, more than %d", len(l.Ref), maxRef)
	}
	return nil
}

// name is the file's.
func (l *Label) name() string { return l.Record + "-" + l.Request + suffix }

const suffix = ".rescue"

// empty returns the content of a file that nothing was put into yet.
func (l *Label) empty() ([]byte, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	text, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	head := append(append([]byte(magic), text...), '\n')
	if len(head) > headSize {
		return nil, errors.New("the label is too long")
	}
	data := make([]byte, Size)
	copy(data, head)
	return data, nil
}

// body returns what is written from headSize on.
func body(sealed []byte) ([]byte, error) {
	if len(sealed) == 0 || len(sealed) > MaxSealed {
		return nil, fmt.Errorf("it has %d bytes, not 1 to %d", len(sealed), MaxSealed)
	}
	sum := sha256.Sum256(sealed)
	data := binary.BigEndian.AppendUint32([]byte(sealMagic), uint32(len(sealed))) // at most MaxSealed
	return append(append(data, sum[:]...), sealed...), nil
}

// ErrDamaged says that a file was not written wholly, or changed since: nobody can read what was put there.
var ErrDamaged = errors.New("it is damaged")

// parse reads a file. sealed is nil if nothing was put there yet. An error is ErrDamaged; the label counts beside it if it has a
// Record.
func parse(data []byte) (l Label, sealed []byte, err error) {
	if len(data) != Size {
		return l, nil, fmt.Errorf("%w: it has %d bytes, not %d", ErrDamaged, len(data), Size)
	}
	text, ok := bytes.CutPrefix(data[:headSize], []byte(magic))
	text, padding, ended := bytes.Cut(text, []byte{'\n'})
	if !ok || !ended || !zero(padding) {
		return l, nil, fmt.Errorf("%w: it does not begin as one", ErrDamaged)
	}
	if err := json.Unmarshal(text, &l); err != nil {
		return Label{}, nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err := l.check(); err != nil {
		return Label{}, nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	sealed, err = parseBody(data[headSize:])
	return l, sealed, err
}

func parseBody(data []byte) ([]byte, error) {
	if zero(data) {
		return nil, nil
	}
	rest, ok := bytes.CutPrefix(data, []byte(sealMagic))
	if !ok {
		return nil, fmt.Errorf("%w: what was put there was not written wholly", ErrDamaged)
	}
	size := binary.BigEndian.Uint32(rest)
	sum, rest := rest[4:4+sha256.Size], rest[4+sha256.Size:]
	if size == 0 || int64(size) > int64(len(rest)) || !zero(rest[size:]) {
		return nil, fmt.Errorf("%w: what was put there was not written wholly", ErrDamaged)
	}
	if got := sha256.Sum256(rest[:size]); !bytes.Equal(got[:], sum) {
		return nil, fmt.Errorf("%w: what was put there was not written wholly", ErrDamaged)
	}
	return bytes.Clone(rest[:size]), nil
}

func zero(data []byte) bool { return len(bytes.Trim(data, "\x00")) == 0 }
