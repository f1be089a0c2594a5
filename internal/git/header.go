package git

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrMissing says that the repository does not have an object, or has it in a form of which git cannot even tell the kind: git
// makes no difference between the two.
var ErrMissing = errors.New("the object is missing or unreadable")

// CorruptError says that an object is there but cannot be read.
type CorruptError struct {
	OID    OID
	Detail string // what git said; may be empty
}

// Error quotes git.
func (e *CorruptError) Error() string {
	if e.Detail == "" {
		return "the object is corrupt"
	}
	return "the object is corrupt: " + e.Detail
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
