package source

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"keysweep/finding"
	"keysweep/secretscan"
)

func TestStdin(t *testing.T) {
	long := strings.Repeat("0123456789abcde\n", 20_000)
	readers := map[string]io.Reader{
		"at once":        strings.NewReader(long),
		"in bytes":       iotest.OneByteReader(strings.NewReader(long)),
		"data and error": iotest.DataErrReader(strings.NewReader(long)),
		"in halves":      iotest.HalfReader(bytes.NewReader([]byte(long))),
	}
	for how, r := range readers {
		b := collect(t, Stdin(r, "mail.txt"))
		g := b.blobs["mail.txt"]
		if g.content != long || g.err != nil || g.kind != finding.KindStdin || g.path != "mail.txt" || b.expected != 1 {
			t.Errorf("%s: %d bytes, %v, kind %s, path %s", how, len(g.content), g.err, g.kind, g.path)
		}
	}
	b := collect(t, Stdin(strings.NewReader(""), ""))
	if g, ok := b.blobs[""]; !ok || g.err != nil || g.content != "" {
		t.Errorf("no input gives %+v", g)
	}
}

func TestStdinError(t *testing.T) {
	broken := errors.New("pipe broke")
	b := collect(t, Stdin(io.MultiReader(strings.NewReader("first"), iotest.ErrReader(broken)), ""))
	g := b.blobs[""]
	if p := problemIn(t, g.err); g.content != "first" || p.Where != "standard input" || p.Err != broken.Error() {
		t.Errorf("%+v, problem %+v", g, p)
	}
}

func TestStdinSizeOfFile(t *testing.T) {
	f, err := os.Open(write(t, tmp(t), "f", "12345"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var blob secretscan.Blob
	if err := Stdin(f, "").Walk(t.Context(), only{newBasket(), func(b secretscan.Blob) { blob = b }}); err != nil || blob.Size != 5 {
		t.Errorf("size %d, error %v; want 5", blob.Size, err)
	}
	if f, err = os.Open(filepath.Dir(f.Name())); err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if g := collect(t, Stdin(f, "")).blobs[""]; g.err == nil {
		t.Error("a directory is read without an error")
	}
}

// TestStdinCancelled cancels while a read waits that never ends: the test ends only if the blob's reader does.
func TestStdinCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	pipe, never := io.Pipe()
	defer never.Close()
	waiting := make(chan struct{})
	s := Stdin(io.MultiReader(strings.NewReader("abc"), signal{waiting}, pipe), "")
	var blob secretscan.Blob
	if err := s.Walk(ctx, only{newBasket(), func(b secretscan.Blob) { blob = b }}); err != nil {
		t.Fatal(err)
	}
	go func() {
		<-waiting
		cancel()
	}()
	content, err := readBlob(blob)
	if content != "abc" || !errors.Is(err, context.Canceled) {
		t.Errorf("read %q, error %v", content, err)
	}
	if _, err := blob.Open(); problemIn(t, err).Err != errReadTwice.Error() {
		t.Errorf("opened again: %v", err)
	}
}

// signal is a reader that closes a channel when it is come to.
type signal struct{ reached chan struct{} }

func (s signal) Read([]byte) (int, error) {
	close(s.reached)
	return 0, io.EOF
}
