package keys

import (
	"encoding/binary"
	"errors"
	"math/big"
)

// The data types of RFC 4251 section 5. Each reader returns what is left, and false if there is too little; what it returns is
// part of b, not a copy.

func readString(b []byte) (s, rest []byte, ok bool) {
	n, rest, ok := readUint32(b)
	if !ok || uint64(n) > uint64(len(rest)) {
		return nil, nil, false
	}
	return rest[:n:n], rest[n:], true
}

func readUint32(b []byte) (n uint32, rest []byte, ok bool) {
	if len(b) < 4 {
		return 0, nil, false
	}
	return binary.BigEndian.Uint32(b), b[4:], true
}

func readUint64(b []byte) (n uint64, rest []byte, ok bool) {
	if len(b) < 8 {
		return 0, nil, false
	}
	return binary.BigEndian.Uint64(b), b[8:], true
}

func appendUint32(b []byte, n uint32) []byte { return binary.BigEndian.AppendUint32(b, n) }

func appendUint64(b []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(b, n) }

func appendString[T ~string | ~[]byte](b []byte, s T) []byte {
	return append(appendUint32(b, uint32(len(s))), s...)
}

// appendMPInt appends a number that is not negative: big-endian, with a zero byte in front where the first bit is set.
func appendMPInt(b []byte, n *big.Int) []byte {
	length := (n.BitLen() + 8) / 8
	if n.Sign() == 0 {
		length = 0
	}
	b = appendUint32(b, uint32(length))
	start := len(b)
	b = append(b, make([]byte, length)...)
	n.FillBytes(b[start:])
	return b
}

// maxMPInt is the longest number that is read, in bytes: 16,384 bits as in OpenSSH (sshbuf.h), with the zero byte in front.
const maxMPInt = 16384/8 + 1

var errShort = errors.New("it ends too early, or a length in it is wrong")

// wire reads one field after the other. The first one that is missing or wrong sets err; what is read after that is empty.
type wire struct {
	rest []byte
	err  error
}

func (w *wire) fail(err error) {
	if w.err == nil {
		w.err = err
	}
	w.rest = nil
}

func (w *wire) string() []byte {
	s, rest, ok := readString(w.rest)
	if !ok {
		w.fail(errShort)
		return nil
	}
	w.rest = rest
	return s
}

func (w *wire) uint32() uint32 {
	n, rest, ok := readUint32(w.rest)
	if !ok {
		w.fail(errShort)
	}
	w.rest = rest
	return n
}

func (w *wire) byte() byte {
	if len(w.rest) == 0 {
		w.fail(errShort)
		return 0
	}
	b := w.rest[0]
	w.rest = w.rest[1:]
	return b
}

// mpint reads a number above zero. Negative ones have no place in keys.
func (w *wire) mpint() *big.Int {
	s := w.string()
	switch {
	case w.err != nil:
	case len(s) > maxMPInt:
		w.fail(errors.New("a number in it has more than 16384 bits"))
	case len(s) > 0 && s[0]&0x80 != 0:
		w.fail(errors.New("a number in it is negative"))
	default:
		if n := new(big.Int).SetBytes(s); n.Sign() > 0 {
			return n
		}
		w.fail(errors.New("a number in it is zero"))
	}
	return new(big.Int)
}

// end makes bytes that are left over an error.
func (w *wire) end() {
	if len(w.rest) > 0 {
		w.fail(errors.New("there is something after its end"))
	}
}
