package unpack

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// The records of a zip (APPNOTE.TXT, section 4.3), and how long their fixed parts are.
const (
	localMagic         = "PK\x03\x04"
	descriptorMagic    = "PK\x07\x08"
	centralMagic       = "PK\x01\x02"
	directoryEndMagic  = "PK\x05\x06"
	directory64Magic   = "PK\x06\x06"
	directoryLocMagic  = "PK\x06\x07"
	localSize          = 30
	centralSize        = 46
	directoryEndSize   = 22
	directory64Size    = 56
	directoryLocSize   = 20
	longestComment     = 65535
	zip64Extra         = 1
	zip64Size          = 0xffffffff
	zip64Count         = 0xffff
	directoryEndSearch = directoryEndSize + longestComment
)

var (
	errNoDirectory = errors.New("it has no directory at its end")
	errNoEntry     = errors.New("no entry follows")
)

// zipDirectory is where a zip's directory is.
type zipDirectory struct {
	start, end int64
	base       int64 // what stands in front of the zip
	count      int64
}

// findDirectory looks for the end of the directory in the last bytes, from the back.
func findDirectory(at io.ReaderAt, size int64) (zipDirectory, error) {
	tail := make([]byte, min(size, directoryEndSearch))
	if _, err := at.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return zipDirectory{}, err
	}
	for from := len(tail); ; {
		i := bytes.LastIndex(tail[:from], []byte(directoryEndMagic))
		if i < 0 {
			return zipDirectory{}, errNoDirectory
		}
		if rest := tail[i:]; len(rest) >= directoryEndSize && int(binary.LittleEndian.Uint16(rest[20:])) <= len(rest)-directoryEndSize {
			return readDirectoryEnd(at, rest, size-int64(len(rest)))
		}
		from = i
	}
}

// readDirectoryEnd reads the end of the directory, which stands at an offset.
func readDirectoryEnd(at io.ReaderAt, end []byte, offset int64) (zipDirectory, error) {
	le := binary.LittleEndian
	if disk := le.Uint16(end[4:]); disk != 0 && disk != zip64Count {
		return zipDirectory{}, failf(Unsupported, "it is the last part of a zip that was split")
	}
	count, length, start := int64(le.Uint16(end[10:])), int64(le.Uint32(end[12:])), int64(le.Uint32(end[16:]))
	if count == zip64Count || length == zip64Size || start == zip64Size {
		if c, l, s, o, ok := readDirectory64(at, offset); ok {
			count, length, start, offset = c, l, s, o
		}
	}
	base := offset - length - start
	if length < 0 || start < 0 || length > offset || base < 0 {
		return zipDirectory{}, damagedf("its directory is not where its end says")
	}
	return zipDirectory{start: offset - length, end: offset, base: base, count: count}, nil
}

// readDirectory64 reads the end of a large zip's directory, which the locator in front of the plain end says where to find.
func readDirectory64(at io.ReaderAt, end int64) (count, length, start, offset int64, ok bool) {
	le := binary.LittleEndian
	var loc [directoryLocSize]byte
	if _, err := at.ReadAt(loc[:], end-directoryLocSize); err != nil || string(loc[:4]) != directoryLocMagic {
		return 0, 0, 0, 0, false
	}
	var rec [directory64Size]byte
	for _, offset = range []int64{int64(le.Uint64(loc[8:])), end - directoryLocSize - directory64Size} { // the second if something is in front
		if offset < 0 {
			continue
		}
		if _, err := at.ReadAt(rec[:], offset); err == nil && string(rec[:4]) == directory64Magic {
			return int64(le.Uint64(rec[32:])), int64(le.Uint64(rec[40:])), int64(le.Uint64(rec[48:])), offset, true
		}
	}
	return 0, 0, 0, 0, false
}

// readEntry reads an entry of the directory.
func readEntry(r *bufio.Reader) (zipEntry, error) {
	var fixed [centralSize]byte
	n, err := io.ReadFull(r, fixed[:])
	if n == 0 && errors.Is(err, io.EOF) || n >= 4 && string(fixed[:4]) != centralMagic {
		return zipEntry{}, errNoEntry
	}
	if err != nil {
		return zipEntry{}, err
	}
	le := binary.LittleEndian
	e := zipEntry{
		flags: le.Uint16(fixed[8:]), method: le.Uint16(fixed[10:]), sum: le.Uint32(fixed[16:]),
		packed: int64(le.Uint32(fixed[20:])), size: int64(le.Uint32(fixed[24:])), offset: int64(le.Uint32(fixed[42:])),
	}
	nameLen, extraLen, commentLen := int(le.Uint16(fixed[28:])), int(le.Uint16(fixed[30:])), int(le.Uint16(fixed[32:]))
	text := make([]byte, nameLen+extraLen)
	if _, err := io.ReadFull(r, text); err != nil {
		return zipEntry{}, err
	}
	if _, err := r.Discard(commentLen); err != nil {
		return zipEntry{}, err
	}
	e.name = string(text[:nameLen])
	e.large(text[nameLen:])
	return e, nil
}

// large takes those of the numbers from the extra field that are too large for their own (APPNOTE.TXT, section 4.5.3).
func (e *zipEntry) large(extra []byte) {
	le := binary.LittleEndian
	for len(extra) >= 4 {
		id, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		extra = extra[4:]
		if n > len(extra) {
			return
		}
		if field := extra[:n]; id == zip64Extra {
			for _, number := range []*int64{&e.size, &e.packed, &e.offset} {
				if *number == zip64Size && len(field) >= 8 {
					*number, field = int64(le.Uint64(field)), field[8:]
				}
			}
		}
		extra = extra[n:]
	}
}
