package unpack

import (
	"bufio"
	"encoding/binary"
	"io"
)

// The ids of ways of packing (Methods.txt of the LZMA SDK).
const (
	sevenCopy    = "\x00"
	sevenLzma2   = "\x21"
	sevenLzma    = "\x03\x01\x01"
	sevenDeflate = "\x04\x01\x08"
	sevenBzip2   = "\x04\x02\x02"
	sevenZstd    = "\x04\xf7\x11\x01"
	sevenAES     = "\x06\xf1\x07\x01"
)

// sevenDecoder returns what comes out of a folder.
func (w *walker) sevenDecoder(c content, a *sevenArchive, folder int) (io.Reader, error) {
	f := &a.folders[folder]
	for _, coder := range f.coders { // that it is encrypted is more to the point than anything else
		if coder.id == sevenAES {
			return nil, failf(Encrypted, "encrypted")
		}
	}
	out := f.main()
	if out < 0 || len(f.sizes) != len(f.coders) {
		return nil, damagedf("the header of a 7z archive makes no sense")
	}
	return w.sevenOutput(c, a, f, out, len(f.coders))
}

// sevenOutput returns what comes out of one coder. Each has one output; steps bounds how many may follow each other.
func (w *walker) sevenOutput(c content, a *sevenArchive, f *sevenFolder, out, steps int) (io.Reader, error) {
	coder := &f.coders[out]
	if steps == 0 || coder.ins != 1 {
		return nil, failf(Unsupported, "packed by a combination of methods that is not supported")
	}
	in, err := w.sevenInput(c, a, f, coder.firstIn, steps)
	if err != nil {
		return nil, err
	}
	return w.sevenMethod(coder, in, f.sizes[out])
}

// sevenInput returns what goes into a coder: what comes out of another, or a packed stream.
func (w *walker) sevenInput(c content, a *sevenArchive, f *sevenFolder, in, steps int) (io.Reader, error) {
	for _, b := range f.binds {
		if b[0] == in && b[1] >= 0 && b[1] < len(f.coders) {
			return w.sevenOutput(c, a, f, b[1], steps-1)
		}
	}
	for i, input := range f.inputs {
		if n := f.first + i; input == in && n < len(a.packed) {
			at := 32 + a.packStart + a.starts[n]
			if at < 32 || at > c.size || a.packed[n] > c.size-at {
				return nil, damagedf("it reaches over the end of the container")
			}
			return io.NewSectionReader(c.at, at, a.packed[n]), nil
		}
	}
	return nil, damagedf("the header of a 7z archive makes no sense")
}

// sevenMethod unpacks. Filters for executables are not undone: they change the targets of jumps, and no text.
func (w *walker) sevenMethod(c *sevenCoder, in io.Reader, length int64) (io.Reader, error) {
	memory := w.budget.limits.Memory
	switch c.id {
	case sevenCopy:
		return in, nil
	case sevenLzma:
		if len(c.props) != 5 {
			return nil, damagedf("LZMA's properties have the wrong length")
		}
		return newLzma(in, c.props[0], int64(binary.LittleEndian.Uint32(c.props[1:])), length, memory)
	case sevenLzma2:
		if len(c.props) != 1 {
			return nil, damagedf("LZMA2's properties have the wrong length")
		}
		return newLzma2(bufio.NewReaderSize(in, 32<<10), lzma2Dict(c.props[0]), memory), nil
	case sevenDeflate:
		return newFlate(in), nil
	case sevenBzip2:
		return newBzip2(in), nil
	case sevenZstd:
		return newZstd(in, memory), nil
	case "\x03\x03\x01\x03", "\x03\x03\x02\x05", "\x03\x03\x03\x01", "\x03\x03\x04\x01", "\x03\x03\x05\x01", "\x03\x03\x07\x01", "\x03\x03\x08\x05",
		"\x04", "\x05", "\x06", "\x07", "\x08", "\x09", "\x0a", "\x0b":
		return in, nil
	}
	return nil, failf(Unsupported, "packed by the method %x, which is not supported", c.id)
}
