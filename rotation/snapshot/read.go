package snapshot

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// maxSize is the largest file that is read, in bytes: a record takes 2 kB at most, so that it is a hundred thousand of them.
const maxSize = 256 << 20

// Read reads a snapshot and checks that nobody changed it since it was signed, by the key that it names itself. What is no whole
// snapshot is a *TrustError, a file that is not there fs.ErrNotExist.
func Read(path string) (Snapshot, error) {
	data, err := readFile(path)
	if err != nil {
		return Snapshot{}, fmt.Errorf("read snapshot: %w", err)
	}
	s, err := Parse(data)
	if trust, ok := errors.AsType[*TrustError](err); ok {
		trust.Path = path
	}
	return s, err
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path) // before it is opened: a FIFO would block
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data := bytes.NewBuffer(make([]byte, 0, min(info.Size(), maxSize)+bytes.MinRead))
	if _, err := data.ReadFrom(io.LimitReader(f, maxSize+1)); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, errors.Unwrap(err))
	}
	if data.Len() > maxSize {
		return nil, fmt.Errorf("%s is too large for a snapshot: more than %d MB", path, maxSize>>20)
	}
	return data.Bytes(), nil
}

// Parse is Read for the content of a file.
func Parse(data []byte) (Snapshot, error) {
	r, err := parse(data)
	if err != nil {
		return Snapshot{}, err
	}
	s, err := r.snapshot()
	if err != nil { // signed all the same: a newer version wrote it
		return Snapshot{}, fmt.Errorf("read snapshot of %q: %w", r.header.Machine, err)
	}
	return s, nil
}

// parse checks the signature, and splits what is signed into its lines.
func parse(data []byte) (*raw, error) {
	signed, sig, ok := cutSignature(data)
	if !ok {
		return nil, &TrustError{Why: Damaged}
	}
	first, rest, _ := bytes.Cut(signed, []byte{'\n'})
	r := &raw{}
	if !bytes.HasSuffix(first, []byte(opening)) || json.Unmarshal(append(bytes.Clone(first), "]}"...), &r.header) != nil {
		return nil, &TrustError{Why: Damaged}
	}
	if r.header.Schema != Schema {
		return nil, &TrustError{Why: Newer}
	}
	sum := sha256.Sum256(signed)
	if len(r.header.PublicKey) != ed25519.PublicKeySize || !ed25519.Verify(r.header.PublicKey, append([]byte(purpose), sum[:]...), sig) {
		return nil, &TrustError{Why: Changed, Machine: r.header.Machine}
	}
	return r, r.split(signed, rest)
}

// cutSignature returns what is signed and the signature.
func cutSignature(data []byte) (signed, sig []byte, ok bool) {
	i := bytes.LastIndex(data, []byte(signature))
	if i < 0 {
		return nil, nil, false
	}
	text, whole := strings.CutSuffix(string(data[i+len(signature):]), ending)
	sig, err := base64.StdEncoding.Strict().DecodeString(text)
	return data[:i], sig, whole && err == nil && len(sig) == ed25519.SignatureSize && !strings.ContainsAny(text, "\r\n")
}

// split finds the lines of the records.
func (r *raw) split(signed, rest []byte) (err error) {
	for {
		line, after, more := bytes.Cut(rest, []byte{'\n'})
		if !more {
			break
		}
		rest = after
		r.lines = append(r.lines, bytes.TrimSuffix(line, []byte{','}))
	}
	at, ok := bytes.CutPrefix(rest, []byte(closing))
	if r.generatedAt, err = time.Parse(time.RFC3339, string(at)); !ok || err != nil {
		return &TrustError{Why: Damaged, Machine: r.header.Machine}
	}
	r.sum = sha256.Sum256(signed[:len(signed)-len(rest)])
	return nil
}

// ours reads a snapshot that this ledger wrote before; nil if there is none that can be used.
func ours(path string, key ed25519.PublicKey) (*raw, error) {
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r, err := parse(data)
	if err != nil {
		return nil, err
	}
	if !r.header.PublicKey.Equal(key) {
		return nil, &TrustError{Why: Resigned, Machine: r.header.Machine}
	}
	return r, nil
}
