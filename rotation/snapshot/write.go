package snapshot

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// The parts between what varies.
const (
	opening   = `"records":[` // ends the first line
	closing   = `],"generated_at":"`
	signature = `","signature":"`
	ending    = "\"}\n"
)

// purpose goes in front of what is signed, so that a signature is good for nothing else.
const purpose = "keysweep snapshot v1\n"

// encode writes a snapshot and signs it.
func (r *raw) encode(key ed25519.PrivateKey) ([]byte, error) {
	r.header.Schema, r.header.PublicKey = Schema, key.Public().(ed25519.PublicKey)
	first, err := json.Marshal(r.header)
	if err != nil {
		return nil, fmt.Errorf("write snapshot: %w", err)
	}
	first = bytes.TrimSuffix(first, []byte("]}"))
	size := len(first) + 300
	for _, line := range r.lines {
		size += len(line) + 2
	}
	data := append(make([]byte, 0, size), first...)
	data = append(data, '\n')
	for i, line := range r.lines {
		data = append(data, line...)
		if i < len(r.lines)-1 {
			data = append(data, ',')
		}
		data = append(data, '\n')
	}
	data = append(data, closing...)
	data = r.generatedAt.UTC().Truncate(time.Second).AppendFormat(data, time.RFC3339)
	sum := sha256.Sum256(data)
	data = append(data, signature...)
	data = base64.StdEncoding.AppendEncode(data, ed25519.Sign(key, append([]byte(purpose), sum[:]...)))
	return append(data, ending...), nil
}
