package filestore

import (
	"bytes"
	"testing"
)

// TestFileKey compares reading by the file key with reading by the key pair, and flips every byte of what both read.
func TestFileKey(t *testing.T) {
	_, s := create(t)
	for _, size := range []int{1, 100, 2000} {
		data := bytes.Repeat([]byte("x"), size)
		file, key, err := s.keys.sealItem("name", 7, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, known := range []fileKey{key, nil} {
			name, seq, got, err := s.keys.unsealItem(file, known)
			if err != nil || name != "name" || seq != 7 || !bytes.Equal(got, data) {
				t.Errorf("%d bytes, key known %t: %q %d %.20q, %v", size, known != nil, name, seq, got, err)
			}
		}
		payload := bytes.Index(file, []byte("\n---"))
		for i := range file[payload:] {
			file[payload+i] ^= 1
			if _, _, got, err := s.keys.unsealItem(file, key); err == nil && !bytes.Equal(got, data) {
				t.Fatalf("byte %d flipped: it still opens, as %.20q", payload+i, got)
			}
			file[payload+i] ^= 1
		}
		for end := range file {
			if _, _, _, err := s.keys.unsealItem(file[:end], key); err == nil {
				t.Fatalf("the first %d bytes open", end)
			}
		}
	}
}

// TestHeadWithoutFileKeys reads a ledger of a version that did not keep them.
func TestHeadWithoutFileKeys(t *testing.T) {
	_, s := create(t)
	put(t, s, "a", "1")
	h, _, err := s.load()
	if err != nil {
		t.Fatal(err)
	}
	e := h.Items["a"]
	h.Items["a"] = entry{e.Seq, e.Sum, nil}
	h.Seq++
	if _, err := s.save(h); err != nil {
		t.Fatal(err)
	}
	if data, err := s.Get(t.Context(), "a"); err != nil || string(data) != "1" {
		t.Errorf("%q, %v", data, err)
	}
	put(t, s, "a", "2")
	if data, err := s.Get(t.Context(), "a"); err != nil || string(data) != "2" {
		t.Errorf("%q, %v", data, err)
	}
}
