package keyring

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxFrame is the most that a message between the two processes takes, in bytes: all items of a large ledger at once.
const maxFrame = 64 << 20

// request is what the parent asks.
type request struct {
	Op      string   `json:"op"`
	Backend string   `json:"backend,omitempty"`  // of open
	Prefix  string   `json:"prefix,omitempty"`   // of open
	PassDir string   `json:"pass_dir,omitempty"` // of open
	Key     string   `json:"key,omitempty"`
	Keys    []string `json:"keys,omitempty"`   // of many and view
	Shared  bool     `json:"shared,omitempty"` // of hold and release; their Key is a path, and so is that of view
	Label   string   `json:"label,omitempty"`
	Data    []byte   `json:"data,omitempty"`
}

// The operations.
const (
	opOpen    = "open"
	opLocked  = "locked"
	opGet     = "get"
	opMany    = "many"
	opView    = "view" // hold for readers, many, release
	opSet     = "set"
	opRemove  = "remove"
	opKeys    = "keys"
	opHold    = "hold"
	opRelease = "release"
)

// reply is what the child answers. Waiting comes before an answer that may take as long as a person needs.
type reply struct {
	Waiting bool              `json:"waiting,omitempty"`
	Data    []byte            `json:"data,omitempty"`
	Many    map[string][]byte `json:"many,omitempty"`
	Keys    []string          `json:"keys,omitempty"`
	Locked  bool              `json:"locked,omitempty"`
	Failure *failure          `json:"failure,omitempty"`
}

// failure is an error on its way from the child to the parent.
type failure struct {
	Kind string `json:"kind"`
	Key  string `json:"key,omitempty"` // of the item that it is about
	Text string `json:"text"`
	Do   string `json:"do,omitempty"`
}

// The kinds of failures.
const (
	kindNotFound = "not found"
	kindLocked   = "locked"
	kindNone     = "none"
	kindForeign  = "foreign"
	kindOther    = "other"
)

// writeFrame writes a message: four bytes of length, then JSON.
func writeFrame(w io.Writer, message any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	defer clear(body)
	if len(body) > maxFrame {
		return fmt.Errorf("a message of %d bytes is too long", len(body))
	}
	frame := append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(body)), uint32(len(body))), body...)
	defer clear(frame)
	_, err = w.Write(frame)
	return err
}

// readFrame reads a message. The end of the pipe between two messages is io.EOF.
func readFrame(r io.Reader, message any) error {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > maxFrame {
		return errors.New("a message is too long: the other side is no keysweep")
	}
	body, err := io.ReadAll(io.LimitReader(r, int64(n))) // grows with what comes, not with what is announced
	defer clear(body)
	if err != nil {
		return err
	}
	if len(body) < int(n) {
		return io.ErrUnexpectedEOF
	}
	return json.Unmarshal(body, message)
}
