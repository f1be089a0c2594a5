package unpack

import (
	"compress/bzip2"
	"compress/flate"
	"io"

	"keysweep/internal/inflate"
)

// small unpacks from memory into memory.
type small struct {
	decoder  inflate.Decoder
	src, dst [roomSize]byte
}

func newFlate(r io.Reader) io.Reader { return flate.NewReader(r) }

func newBzip2(r io.Reader) io.Reader { return bzip2.NewReader(r) }
