package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"keysweep/keys/inventory"
	"keysweep/rotation"
)

// recordIndex finds the records of keys.
type recordIndex struct {
	byPrint map[string][]rotation.Record
	byPath  map[string][]rotation.Record // those whose file is on this machine
}

func indexRecords(env *Env, records []rotation.Record) recordIndex {
	x := recordIndex{map[string][]rotation.Record{}, map[string][]rotation.Record{}}
	for _, r := range records {
		if r.Kind != rotation.KindSSH {
			continue
		}
		if r.Fingerprint != "" {
			x.byPrint[r.Fingerprint] = append(x.byPrint[r.Fingerprint], r)
		}
		if r.Path != "" && r.Machine == env.Hostname {
			x.byPath[r.Path] = append(x.byPath[r.Path], r)
		}
	}
	return x
}

// of returns the records of a key: by its fingerprint, or by its path where that is hidden.
func (x recordIndex) of(k *inventory.Key) (records []rotation.Record) {
	if print := k.Fingerprint(); print != "" {
		return x.byPrint[print]
	}
	for _, f := range k.Files {
		records = append(records, x.byPath[f.Path]...)
	}
	return records
}

// recordedPaths are the files of recorded keys that are on this machine, wherever they lie.
func recordedPaths(env *Env, records []rotation.Record) (paths []string) {
	for i := range records {
		if recordedHere(env, &records[i]) && !fileGone(records[i].Path) {
			paths = append(paths, records[i].Path)
		}
	}
	return paths
}

// recordedHere reports whether a record names a file of this machine.
func recordedHere(env *Env, r *rotation.Record) bool {
	return r.Kind == rotation.KindSSH && r.Machine == env.Hostname && r.Path != ""
}

func fileGone(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// homePath shortens a path in the home directory as people write it.
func homePath(env *Env, path string) string {
	if rest, ok := strings.CutPrefix(path, env.Home+string(filepath.Separator)); ok && env.Home != "" {
		return "~" + string(filepath.Separator) + rest
	}
	return path
}
