package git

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Boundary returns the commits at which a shallow repository's history was cut off: they are there, their parents are not. It is
// empty in a complete repository.
func (r *Repo) Boundary() (map[OID]bool, error) {
	name := filepath.Join(r.commonDir, "shallow")
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && !info.Mode().IsRegular() { // opening a FIFO would hang
		err = fmt.Errorf("%s is not a regular file", name)
	}
	if err != nil {
		return nil, fmt.Errorf("read the boundary of a shallow repository: %w", err)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read the boundary of a shallow repository: %w", err)
	}
	defer file.Close() // only read
	cut := map[OID]bool{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		id, err := ParseOID(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("read the boundary of a shallow repository: %w", err)
		}
		cut[id] = true
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the boundary of a shallow repository: %w", err)
	}
	return cut, nil
}
