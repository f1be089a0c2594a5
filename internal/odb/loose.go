package odb

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
)

// looseHead bounds "kind SP size NUL", which begins a loose object once it is inflated.
const looseHead = 32

// looseStart is how many bytes of a file are read for that.
const looseStart = 4096

// loose reads an object from a file of its own. The content is appended to buf[:0].
func (r *reader) loose(path string, buf []byte) (Kind, []byte, error) {
	most := r.db.most + r.db.most/1000 + 1024 // incompressible content grows by 5 bytes in 32,768
	if err := r.readFile(path, int64(most)); err != nil {
		return 0, nil, err
	}
	kind, size, head, err := r.looseHeader()
	if err != nil {
		return 0, nil, err
	}
	if size > r.db.most {
		return kind, nil, &TooLargeError{Kind: kind, Size: int64(size)}
	}
	if err := plausible(size, len(r.file)); err != nil {
		return 0, nil, err
	}
	out := grown(buf, head+int(size))
	if _, _, err := r.inflater.Zlib(out, r.file); err != nil {
		return 0, nil, err
	}
	return kind, out[:copy(out, out[head:])], nil
}

// readFile reads at most so many bytes of a loose object's file into r.file.
func (r *reader) readFile(path string, most int64) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	r.file = grown(r.file, int(min(info.Size(), most)))
	_, err = io.ReadFull(f, r.file)
	return err
}

// looseHeader inflates no more than the start of r.file.
func (r *reader) looseHeader() (kind Kind, size uint64, head int, err error) {
	start, err := r.inflateStart(r.file, looseHead)
	if err != nil && len(start) == 0 {
		return 0, 0, 0, err
	}
	return parseLooseHeader(start)
}

var errLooseHead = errors.New("it does not begin with the kind and size of an object")

// parseLooseHeader reads "blob 1234", which a zero byte ends. head is the length of it all.
func parseLooseHeader(start []byte) (kind Kind, size uint64, head int, err error) {
	end := bytes.IndexByte(start, 0)
	word, digits, ok := bytes.Cut(start[:max(end, 0)], []byte(" "))
	if !ok {
		return 0, 0, 0, errLooseHead
	}
	if kind, ok = kindOf(word); !ok {
		return 0, 0, 0, fmt.Errorf("it is of an unknown kind %q", clipped(string(word)))
	}
	size, err = strconv.ParseUint(string(digits), 10, 62)
	if err != nil || len(digits) > 1 && digits[0] == '0' || digits[0] == '+' {
		return 0, 0, 0, errLooseHead
	}
	return kind, size, end + 1, nil
}

// inflateStart inflates at most the first n bytes of a stream.
func (r *reader) inflateStart(src []byte, n int) ([]byte, error) {
	out := make([]byte, n)
	n, err := r.inflater.Prefix(out, src)
	return out[:n], err
}

// isAbsent tells that a file is not there from that it cannot be read.
func isAbsent(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// grown returns n bytes of memory: those of buf if they are enough.
func grown(buf []byte, n int) []byte {
	if cap(buf) >= n {
		return buf[:n]
	}
	return make([]byte, n)
}
