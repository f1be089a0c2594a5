package inflate

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"errors"
	"io"
	"sync"
	"testing"
)

const presetDictionary = 0x20

// oracle is what compress/zlib makes of the stream at the start of src, whose contents must be exactly size bytes. It says how
// many bytes of src it took, and of the contents at most size bytes even if there is an error.
func oracle(src []byte, size int) (data []byte, used int, err error) {
	source := bytes.NewReader(src)
	r, err := zlib.NewReader(source)
	if err != nil {
		return nil, 0, err
	}
	data, err = io.ReadAll(io.LimitReader(r, int64(size)+1))
	switch {
	case len(data) > size:
		return data[:size], 0, ErrTooLong
	case err == nil && len(data) < size:
		return data, 0, ErrTooShort
	}
	return data, len(src) - source.Len(), err
}

// agree fails if decoder and oracle differ about src, and returns the error of the decoder. Around the destination and the source lie bytes
// that must stay as they are, or must not matter.
func agree(t *testing.T, d *Decoder, src []byte, size int) error {
	t.Helper()
	const margin = 64
	want, wantUsed, wantErr := oracle(src, size)
	room := bytes.Repeat([]byte{0xa5}, margin+size+margin)
	n, used, err := d.Zlib(room[margin:margin+size:margin+size], src[:len(src):len(src)])
	for _, b := range append(bytes.Clone(room[:margin]), room[margin+size:]...) {
		if b != 0xa5 {
			t.Fatalf("wrote outside of the destination: %x, %d bytes", src, size)
		}
	}
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("error %v, compress/zlib says %v: %x, %d bytes", err, wantErr, clipped(src), size)
	}
	if err != nil {
		var e Error
		if !errors.As(err, &e) || used != 0 {
			t.Fatalf("error %v is a %T, used is %d", err, err, used)
		}
		wellNamed(t, e, wantErr)
		return err
	}
	if n != size || used != wantUsed || !bytes.Equal(room[margin:margin+size], want) {
		t.Fatalf("%d bytes from %d, want %d from %d, equal: %v: %x", n, used, size, wantUsed, bytes.Equal(room[margin:margin+n], want), clipped(src))
	}
	return nil
}

// wellNamed fails if an error is of another sort than the oracle's where the oracle's can be told.
func wellNamed(t *testing.T, e Error, want error) {
	t.Helper()
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(want, zlib.ErrHeader) && e != ErrHeader,
		errors.Is(want, zlib.ErrChecksum) && e != ErrChecksum && e != ErrTooShort,
		errors.Is(want, ErrTooShort) && e != ErrTooShort && e != ErrTooLong,
		errors.As(want, &corrupt) && (e == ErrHeader || e == ErrChecksum || e == ErrTooShort):
		t.Fatalf("error %q, compress/zlib says %q", e, want)
	}
}

func clipped(b []byte) []byte { return b[:min(len(b), 1000)] }

// writers are used again: making one takes far more time than a small stream does.
var writers [zlib.BestCompression - zlib.HuffmanOnly + 1]sync.Pool

func compressed(t testing.TB, data []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	pool := &writers[level-zlib.HuffmanOnly]
	w, _ := pool.Get().(*zlib.Writer)
	if w == nil {
		var err error
		if w, err = zlib.NewWriterLevel(&b, level); err != nil {
			t.Fatal(err)
		}
	}
	w.Reset(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	pool.Put(w)
	return b.Bytes()
}
