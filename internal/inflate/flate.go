package inflate

// Flate decompresses the deflate stream (RFC 1951, without the frame of zlib) at the start of src into dst, which it must fill exactly.
// It returns how many bytes of dst were written, also with an error, and how many bytes of src the stream takes. The error is an [Error].
func (d *Decoder) Flate(dst, src []byte) (n, used int, err error) {
	s := stream{src: src, dst: dst}
	e := d.blocks(&s)
	if e == 0 && s.out != len(s.dst) {
		e = ErrTooShort
	}
	if e != 0 {
		return s.out, 0, e
	}
	s.align()
	return s.out, s.in, nil
}
