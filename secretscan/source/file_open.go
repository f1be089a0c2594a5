package source

import (
	"errors"
	"io"
	"io/fs"
	"sync"

	"keysweep/internal/unpack"
	"keysweep/secretscan"
)

const (
	headSize = 512
	// emptyLimit is how much is read from a file whose size says that it is empty. Files that the kernel makes up (/proc) are
	// so; the largest one of use there, /proc/kallsyms, has about 10 MB.
	emptyLimit = 64 << 20
)

// handle is an open file. Reading from it never waits for a writer.
type handle interface {
	io.ReadCloser
	io.ReaderAt
	state() (fileState, error)
}

// fileState is what changes when a file is written to.
type fileState struct {
	mode  fs.FileMode
	size  int64
	mtime int64 // nanoseconds since 1970
}

// openFile opens the regular file at name for the scanner. It returns a *secretscan.SkipError for what is left out on purpose
// once its type and first bytes are known, and a *secretscan.ProblemError for everything else; so do the reader's methods.
func openFile(name, shown string, rooms *rooms) (io.ReadCloser, error) {
	h, err := openHandle(name)
	r, err := newReader(h, err, shown, rooms, false)
	if err != nil {
		return nil, err // and not a reader that is nil
	}
	return r, nil
}

// newReader returns the reader of a file that was opened, or says what came of opening it. Of a container that hides its content, and is to
// be opened, there is nothing to read.
func newReader(h handle, err error, shown string, rooms *rooms, containers bool) (*fileReader, error) {
	if err != nil {
		return nil, openError(shown, err)
	}
	r, err := newFileReader(h, shown, rooms, containers)
	if err != nil {
		_ = h.Close()
		return nil, err
	}
	return r, nil
}

func openError(shown string, err error) error {
	switch {
	case isLinkError(err):
		return &secretscan.SkipError{Reason: skipLinks}
	case isSpecialError(err):
		return &secretscan.SkipError{Reason: skipSpecial}
	}
	return problemError("open", shown, err)
}

// fileReader reads a file up to the size it had when it was opened, and tells on Close whether it changed meanwhile.
type fileReader struct {
	file   handle
	shown  string
	before fileState
	limit  int64  // bytes that may be read
	count  int64  // bytes that were read
	over   bool   // there was more
	end    bool   // the end was seen
	head   []byte // of what was read first, in room: what was not handed over yet
	rooms  *rooms
	room   *room
	format unpack.Format // if it is a container that is to be opened
}

// room is for the first part of a file, which for most files is all of it: they cost one read, and are scanned where they lie.
type room [64 << 10]byte

// rooms are used for one file after the other. The zero value is ready.
type rooms struct{ free sync.Pool }

func (r *rooms) take() *room {
	if room, ok := r.free.Get().(*room); ok {
		return room
	}
	return new(room)
}

func (r *rooms) give(room *room) { r.free.Put(room) }

func newFileReader(h handle, shown string, rooms *rooms, containers bool) (*fileReader, error) {
	state, err := h.state()
	if err != nil {
		return nil, problemError("open", shown, err)
	}
	if !state.mode.IsRegular() {
		return nil, &secretscan.SkipError{Reason: skipSpecial}
	}
	r := &fileReader{file: h, shown: shown, before: state, limit: state.size, rooms: rooms, room: rooms.take()}
	if state.size == 0 {
		r.limit = emptyLimit
	}
	if err := r.begin(containers); err != nil {
		r.leave()
		return nil, err
	}
	return r, nil
}

// begin reads the start of the file, and asks whether it is packed, and if containers are to be opened, whether it is one.
func (r *fileReader) begin(containers bool) error {
	n, err := io.ReadAtLeast(readerFunc(r.readFile), r.room[:], headSize)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	r.head = r.room[:n]
	start := r.room[:min(n, headSize)]
	if containers {
		r.format = unpack.Detect(start, r.shown)
	}
	switch reason := hidden(start); {
	case r.format != unpack.None && (reason != "" || !r.format.Shows()):
		r.head, r.end = nil, true
	case reason != "":
		return &secretscan.SkipError{Reason: reason}
	}
	return nil
}

// leave gives the room back.
func (r *fileReader) leave() {
	r.rooms.give(r.room)
	r.room, r.head = nil, nil
}

// Whole implements secretscan.Whole.
func (r *fileReader) Whole() ([]byte, bool) {
	if !r.end {
		return nil, false
	}
	data := r.head
	r.head = nil
	return data, true
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Read reads the content.
func (r *fileReader) Read(p []byte) (int, error) {
	if len(r.head) > 0 {
		n := copy(p, r.head)
		if r.head = r.head[n:]; len(r.head) == 0 && r.end {
			return n, io.EOF
		}
		return n, nil
	}
	return r.readFile(p)
}

// readFile reads from the file. A file that is longer than it was ends where it ended before: one that grows as fast as it is
// read would never end. Where there was room for more and the size is reached, nobody needs to ask whether that was the end.
func (r *fileReader) readFile(p []byte) (int, error) {
	if r.over || r.end || len(p) == 0 {
		return 0, io.EOF
	}
	n, err := r.file.Read(p)
	r.count += int64(n)
	if r.count > r.limit {
		r.over = true
		return n - int(r.count-r.limit), io.EOF
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, problemError("read", r.shown, err)
	}
	if r.end = err != nil || n < len(p) && r.count == r.before.size; r.end {
		return n, io.EOF
	}
	return n, nil
}

// Close closes the file; its error says that the content was not one state of the file.
func (r *fileReader) Close() error {
	r.leave()
	after, err := r.file.state()
	if closeErr := r.file.Close(); err == nil {
		err = closeErr
	}
	switch {
	case err != nil:
		return problemError("read", r.shown, err)
	case r.changed(after):
		return problemError("read", r.shown, errChanged)
	case r.over:
		return problemError("read", r.shown, errEndless)
	}
	return nil
}

// changed compares the states before and after. The kernel's made-up files have no size, and some have a new time whenever
// one looks.
func (r *fileReader) changed(after fileState) bool {
	if r.before.size != after.size {
		return true
	}
	return r.before.size > 0 && (r.over || r.before.mtime != after.mtime)
}
