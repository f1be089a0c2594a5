package atomicfile

import (
	"os"
	"path/filepath"
	"strings"
)

// Litter returns the paths of what killed processes can have left in a directory of files that they had not finished, if
// belongs says so of the name that the file was to get. A process that is writing just now has such a file, too: the caller
// knows that there is none, by a lock for instance. A directory that cannot be read has none.
func Litter(dir string, belongs func(name string) bool) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var litter []string
	for _, e := range entries {
		rest, dot := strings.CutPrefix(e.Name(), ".")
		rest, tmp := strings.CutSuffix(rest, ".tmp")
		if i := strings.LastIndexByte(rest, '.'); dot && tmp && i > 0 && e.Type().IsRegular() && belongs(rest[:i]) {
			litter = append(litter, filepath.Join(dir, e.Name()))
		}
	}
	return litter
}
