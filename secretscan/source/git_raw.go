package source

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"keysweep/internal/git"
)

// gitChange is a line of git's raw diff format (https://git-scm.com/docs/git-diff-index#_raw_output_format).
type gitChange struct {
	oldMode, newMode git.Mode
	oldID, newID     git.OID
	status           byte // A, C, D, M, R, T, U or X
	path             string
	oldPath          string // differs from path for R and C
}

// gitFieldMost bounds a path; git itself refuses longer ones in most places.
const gitFieldMost = 1 << 20

var errGitField = errors.New("a field is longer than a path can be")

// gitField reads up to the next NUL, which is not part of the field. At the end of the input it returns io.EOF.
func gitField(r *bufio.Reader) (string, error) {
	var field []byte
	for {
		part, err := r.ReadSlice(0)
		if field = append(field, part...); len(field) > gitFieldMost {
			return "", errGitField
		}
		switch {
		case err == nil:
			return string(field[:len(field)-1]), nil
		case errors.Is(err, io.EOF) && len(field) > 0:
			return "", io.ErrUnexpectedEOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return "", err
		}
	}
}

// parseGitRaw reads the output of a diff command with --raw -z --no-abbrev.
func parseGitRaw(in io.Reader, each func(gitChange) error) error {
	r := bufio.NewReader(in)
	for {
		c, err := gitRawChange(r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read git's raw diff: %w", err)
		}
		if err := each(c); err != nil {
			return err
		}
	}
}

func gitRawChange(r *bufio.Reader) (c gitChange, err error) {
	head, err := gitField(r)
	if err != nil {
		return c, err // io.EOF where a line could begin
	}
	if c, err = parseGitRawHead(head); err != nil {
		return c, err
	}
	if c.path, err = gitField(r); err == nil && (c.status == 'R' || c.status == 'C') {
		c.oldPath = c.path
		c.path, err = gitField(r)
	} else {
		c.oldPath = c.path
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return c, err
}

// parseGitRawHead reads ":100644 100755 <id> <id> R086".
func parseGitRawHead(head string) (c gitChange, err error) {
	fields := strings.Split(head, " ")
	if len(fields) != 5 || !strings.HasPrefix(head, ":") || fields[4] == "" {
		return c, fmt.Errorf("unexpected line %.80q", head)
	}
	var failed [4]error
	c.oldMode, failed[0] = git.ParseMode(fields[0][1:])
	c.newMode, failed[1] = git.ParseMode(fields[1])
	c.oldID, failed[2] = git.ParseOID(fields[2])
	c.newID, failed[3] = git.ParseOID(fields[3])
	c.status = fields[4][0]
	return c, errors.Join(failed[:]...)
}
