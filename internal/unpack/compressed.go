package unpack

import (
	"bufio"
	"compress/gzip"
	"io"
)

// compressed goes into a compressed stream. What it holds is a member, unless it is a tar, which takes the place of the stream.
func (w *walker) compressed(path, name string, format Format, c content, depth int) error {
	r, stored, err := w.decoder(format, bufio.NewReaderSize(c.reader(), 32<<10))
	if err != nil {
		return err
	}
	if err := w.budget.member(); err != nil {
		return err
	}
	inside := bufio.NewReaderSize(&sticky{r: &charged{&w.budget, r}}, 32<<10)
	if start, _ := inside.Peek(tarBlock); byContent(start) == Tar {
		return w.tar(path, inside, depth)
	}
	if stored == "" {
		stored = unpackedName(name)
	}
	return w.visit(join(path, stored), stored, content{r: inside, size: -1}, depth)
}

// decoder returns what decodes a stream, and the name that the stream gives to what it holds.
func (w *walker) decoder(format Format, from *bufio.Reader) (r io.Reader, name string, err error) {
	memory := w.budget.limits.Memory
	switch format {
	case Gzip:
		z, err := gzip.NewReader(from)
		if err != nil {
			return nil, "", err
		}
		return z, z.Name, nil
	case Bzip2:
		return newBzip2(from), "", nil
	case Xz:
		return newXz(from, memory), "", nil
	case Lzma:
		r, err = newLzmaAlone(from, memory)
	case Zstd:
		r = newZstd(from, memory)
	default:
		err = failf(Unsupported, "no compressed stream")
	}
	return r, "", err
}
