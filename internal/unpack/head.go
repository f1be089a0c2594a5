package unpack

import (
	"errors"
	"io"
)

// roomSize is how much of a member is read ahead: most members are no longer, and are then scanned where they lie.
const roomSize = 64 << 10

// head is a content whose start has been looked at.
type head struct {
	room [roomSize]byte
	have []byte    // what was read ahead and not handed on
	r    io.Reader // the rest
	used bool      // something was handed on
	err  error     // what reading gave, but for the end
	end  bool
}

func newHead() *head { return new(head) }

// begin starts a content.
func (h *head) begin(r io.Reader) {
	h.r, h.used, h.err, h.end = r, false, nil, false
	n := 0
	for n < len(h.room) && !h.end && h.err == nil {
		k, err := h.r.Read(h.room[n:])
		n += k
		h.note(err)
	}
	h.have = h.room[:n]
}

func (h *head) note(err error) {
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		h.end = true
	} else if err != nil {
		h.err = err
	}
}

// start returns what Detect looks at.
func (h *head) start() []byte { return h.have[:min(len(h.have), HeadSize)] }

// whole returns all of the content, if nothing of it was handed on.
func (h *head) whole() ([]byte, bool) { return h.have, h.end && !h.used }

// Read reads the content.
func (h *head) Read(p []byte) (int, error) {
	h.used = true
	switch {
	case len(h.have) > 0:
		n := copy(p, h.have)
		h.have = h.have[n:]
		return n, nil
	case h.end:
		return 0, io.EOF
	case h.err != nil:
		return 0, asError(h.err)
	}
	n, err := h.r.Read(p)
	h.note(err)
	if h.err != nil {
		err = asError(h.err)
	}
	return n, err
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// charged charges what a decoder gives.
type charged struct {
	budget *budget
	r      io.Reader
}

func (c *charged) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if cerr := c.budget.charge(int64(n)); cerr != nil {
		return n, cerr
	}
	return n, err
}

// input tells errors of reading the outermost container from those of decoding it.
type input struct {
	at     io.ReaderAt
	stream io.Reader
}

func (i *input) ReadAt(p []byte, offset int64) (int, error) {
	n, err := i.at.ReadAt(p, offset)
	return n, unreadable(err)
}

func (i *input) Read(p []byte) (int, error) {
	n, err := i.stream.Read(p)
	return n, unreadable(err)
}

func unreadable(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return &Error{Reason: Unreadable, Text: err.Error(), err: err}
}
