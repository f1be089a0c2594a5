package git

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"keysweep/internal/odb"
)

// ErrMissing says that the repository does not have an object, or has it in a form of which git cannot even tell the kind: git
// makes no difference between the two.
var ErrMissing = odb.ErrMissing

// CorruptError says that an object is there but cannot be read. What git said of it, if anything, is its Err.
type CorruptError = odb.CorruptError

func corrupt(id OID, said string) error {
	e := &CorruptError{ID: id}
	if said != "" {
		e.Err = errors.New(said)
	}
	return e
}

// header is what `git cat-file --batch` writes before each object.
type header struct {
	oid  OID
	kind string
	size int64
}

// parseHeader reads "<oid> SP <type> SP <size>" or "<oid> SP missing", without the line feed; the latter is ErrMissing.
// See https://git-scm.com/docs/git-cat-file#_batch_output.
func parseHeader(line string) (h header, err error) {
	fields := strings.Split(line, " ")
	if h.oid, err = ParseOID(fields[0]); err != nil {
		return h, fmt.Errorf("read git cat-file: %w", err)
	}
	switch {
	case len(fields) == 2 && fields[1] == "missing":
		return h, ErrMissing
	case len(fields) != 3 || fields[1] == "":
		return h, fmt.Errorf("read git cat-file: unexpected header %q", clipped(line))
	}
	h.kind = fields[1]
	h.size, err = strconv.ParseInt(fields[2], 10, 64)
	if err != nil || h.size < 0 {
		return h, fmt.Errorf("read git cat-file: unexpected size %q", clipped(fields[2]))
	}
	return h, nil
}
