package backup

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"keysweep/keys"
)

// Manifest says what a backed up key file is. It stands behind the key in the encrypted part, as one line of JSON.
type Manifest struct {
	Schema      int       `json:"schema"`
	Size        int       `json:"size"` // bytes of the key file in front of it
	Fingerprint string    `json:"fingerprint,omitempty"`
	Type        string    `json:"type,omitempty"`    // "ssh-ed25519"
	Comment     string    `json:"comment,omitempty"` // as in the .pub file
	Public      string    `json:"public,omitempty"`  // the key as in a .pub file, without its comment
	Made        time.Time `json:"made"`              // when the backup was made
	Tool        string    `json:"tool"`              // "keysweep 1.2.3"
}

// manifestSchema is what Manifest.Schema holds.
const manifestSchema = 1

// manifestMark starts the line of the manifest. OpenSSH, OpenSSL and PuTTY do not look at what follows the end of a key.
const manifestMark = "# keysweep backup: "

// NewManifest describes a key. Its public half may be unknown: nil.
func NewManifest(public *keys.Public, comment, tool string, made time.Time) Manifest {
	m := Manifest{Schema: manifestSchema, Comment: comment, Made: made.UTC().Truncate(time.Second), Tool: tool}
	if public != nil {
		m.Fingerprint, m.Type = public.SHA256(), public.Type
		m.Public = string(bytes.TrimSpace(public.Line("")))
	}
	return m
}

// Payload returns what is encrypted: the key file, byte for byte, and behind it the manifest. The caller clears the result.
func Payload(keyFile []byte, m Manifest) ([]byte, error) {
	m.Size = len(keyFile)
	line, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("write the backup's manifest: %w", err)
	}
	payload := make([]byte, 0, len(keyFile)+len(manifestMark)+len(line)+2)
	payload = append(payload, keyFile...)
	if len(keyFile) > 0 && keyFile[len(keyFile)-1] != '\n' {
		payload = append(payload, '\n')
	}
	payload = append(append(payload, manifestMark...), line...)
	return append(payload, '\n'), nil
}

// readPayload takes a payload apart. Without a manifest, as when somebody encrypted a key with age alone, all of it is the key
// file. The key file is a part of payload, not a copy.
func readPayload(payload []byte) (keyFile []byte, m *Manifest, err error) {
	start := bytes.LastIndex(payload, []byte(manifestMark))
	if start < 0 || start > 0 && payload[start-1] != '\n' {
		return payload, nil, nil
	}
	m = new(Manifest)
	if err := json.Unmarshal(payload[start+len(manifestMark):], m); err != nil {
		return nil, nil, damaged("", "its manifest is no JSON")
	}
	switch {
	case m.Schema != manifestSchema:
		return nil, nil, &NewerError{m.Schema}
	case m.Size != start && m.Size != start-1 || m.Size < 0:
		return nil, nil, damaged("", "its manifest says that the key file has %d bytes, and it has %d", m.Size, start)
	}
	return payload[:m.Size:m.Size], m, nil
}

// Key returns the public key that the manifest names, nil if it names none.
func (m *Manifest) Key() *keys.Public {
	if m == nil || m.Public == "" {
		return nil
	}
	public, _, err := keys.ParsePublicLine([]byte(m.Public))
	if err != nil {
		return nil
	}
	return &public
}

// NewerError says that a backup was made in a way that this version does not know.
type NewerError struct{ Schema int }

// Error names the schema.
func (e *NewerError) Error() string {
	return fmt.Sprintf("the backup has schema %d, and this version of keysweep reads %d", e.Schema, manifestSchema)
}

// Hint says what to do.
func (e *NewerError) Hint() string { return "use a newer keysweep, or the commands on the sheet" }

// DamagedError says that an artefact is not what was written any more.
type DamagedError struct {
	Where string // "part 2 of 3", "line 7"; "" for the whole
	What  string
}

// Error says where and what.
func (e *DamagedError) Error() string {
	if e.Where == "" {
		return e.What
	}
	return e.Where + ": " + e.What
}

func damaged(where, format string, args ...any) error {
	return &DamagedError{where, fmt.Sprintf(format, args...)}
}

// IsDamage reports whether an error says that something is missing from an artefact or was changed in it. One that joins
// several does, if one of them does.
func IsDamage(err error) bool {
	var d *DamagedError
	return errors.As(err, &d)
}
