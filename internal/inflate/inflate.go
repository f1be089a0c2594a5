package inflate

import (
	"encoding/binary"
)

// Decoder decompresses one stream after the other. Its zero value is ready for use. It is for one goroutine at a time, and
// keeps neither source nor destination.
type Decoder struct {
	dynamic   tables // of the current block
	fixed     tables // made for the first block that uses it
	haveFixed bool
	header    header
}

// Zlib is [Decoder.Zlib] with a Decoder of its own, for a single stream.
func Zlib(dst, src []byte) (n, used int, err error) {
	var d Decoder
	return d.Zlib(dst, src)
}

// Zlib decompresses the zlib stream at the start of src into dst, which it must fill exactly, and checks its checksum. It
// returns how many bytes of dst were written and how many bytes of src the stream takes; what lies behind the stream is not
// looked at. The error is an [Error], and used is 0 then.
func (d *Decoder) Zlib(dst, src []byte) (n, used int, err error) {
	s := stream{src: src, dst: dst}
	if e := d.zlib(&s); e != 0 {
		return s.out, 0, e
	}
	return s.out, s.in, nil
}

// Prefix decompresses the zlib stream at the start of src until dst is full or the stream ends, and returns how many bytes
// were written. Nothing behind these is looked at, not even the checksum. The error is an [Error].
func (d *Decoder) Prefix(dst, src []byte) (n int, err error) {
	s := stream{src: src, dst: dst}
	e := s.zlibHeader()
	if e == 0 {
		e = d.blocks(&s)
	}
	if e != 0 && e != ErrTooLong {
		return s.out, e
	}
	return s.out, nil
}

func (d *Decoder) zlib(s *stream) Error {
	if e := s.zlibHeader(); e != 0 {
		return e
	}
	if e := d.blocks(s); e != 0 {
		return e
	}
	if s.out != len(s.dst) {
		return ErrTooShort
	}
	s.align()
	if len(s.src)-s.in < 4 {
		return ErrTruncated
	}
	if binary.BigEndian.Uint32(s.src[s.in:]) != adler32(s.dst) {
		return ErrChecksum
	}
	s.in += 4
	return 0
}

// zlibHeader reads the two bytes of RFC 1950 section 2.2. The window size in them is not needed, as zlib does not need it.
func (s *stream) zlibHeader() Error {
	const deflate, largestWindow, presetDictionary = 8, 7, 0x20
	if len(s.src) < 2 {
		return ErrTruncated
	}
	method, flags := s.src[0], s.src[1]
	if method&15 != deflate || method>>4 > largestWindow || (uint(method)<<8|uint(flags))%31 != 0 {
		return ErrHeader
	}
	if flags&presetDictionary != 0 {
		return ErrDictionary
	}
	s.in = 2
	return 0
}

// blocks decompresses deflate blocks up to the final one.
func (d *Decoder) blocks(s *stream) Error {
	const stored, fixed, dynamic = 0, 1, 2
	for final := false; !final; {
		s.refill()
		first := s.take(3)
		if s.bits < 0 {
			return ErrTruncated
		}
		final = first&1 != 0
		var e Error
		switch first >> 1 {
		case stored:
			e = s.stored()
		case fixed:
			e = s.block(d.fixedTables())
		case dynamic:
			if e = d.dynamicTables(s); e == 0 {
				e = s.block(&d.dynamic)
			}
		default:
			e = ErrBlock
		}
		if e != 0 {
			return e
		}
	}
	return 0
}

// stored copies a block that is not compressed (RFC 1951 section 3.2.4).
func (s *stream) stored() Error {
	s.align()
	if len(s.src)-s.in < 4 {
		return ErrTruncated
	}
	size := int(binary.LittleEndian.Uint16(s.src[s.in:]))
	if complement := binary.LittleEndian.Uint16(s.src[s.in+2:]); uint16(size) != ^complement {
		return ErrStored
	}
	s.in += 4
	from, room := s.src[s.in:], s.dst[s.out:]
	n := copy(room, from[:min(size, len(from))])
	s.in += n
	s.out += n
	switch {
	case n == size:
		return 0
	case n == len(room):
		return ErrTooLong
	default:
		return ErrTruncated
	}
}
