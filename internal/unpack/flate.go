package unpack

import (
	"compress/bzip2"
	"compress/flate"
	"io"

	"github.com/klauspost/compress/zstd"

	"keysweep/internal/inflate"
)

// small unpacks from memory into memory.
type small struct {
	decoder  inflate.Decoder
	src, dst [roomSize]byte
}

func newFlate(r io.Reader) io.Reader { return flate.NewReader(r) }

func newBzip2(r io.Reader) io.Reader { return bzip2.NewReader(r) }

// newZstd decodes in this goroutine, with a window of no more than memory bytes.
func newZstd(r io.Reader, memory int64) (io.Reader, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window(memory)))
}

// window is the largest window that the library takes: a power of two, and 512 MiB at the most.
func window(memory int64) uint64 {
	w := uint64(1 << 10)
	for w < 512<<20 && int64(2*w) <= memory {
		w *= 2
	}
	return w
}
