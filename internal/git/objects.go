package git

import (
	"errors"
	"fmt"
	"path/filepath"

	"keysweep/internal/odb"
)

// objectMost is how large an object may be, in bytes, to be held in memory whole.
const objectMost = 32 << 20

// Objects opens the repository's object database, to be read without git. The caller closes it. It fails for databases that only
// git can read, and where AskGit is set.
func (r *Repo) Objects() (*odb.DB, error) {
	var env []string
	if !r.plain { // a plain repository borrows nothing, and its environment may just be made
		env = r.env
	}
	if variable(env, AskGit) != "" {
		return nil, errors.New("open objects: everything is to be asked of git")
	}
	own := filepath.Join(r.commonDir, "objects")
	if dir := variable(env, "GIT_OBJECT_DIRECTORY"); dir != "" {
		own = dir
	}
	dirs := []string{own}
	if more := variable(env, "GIT_ALTERNATE_OBJECT_DIRECTORIES"); more != "" {
		if more[0] == '"' {
			return nil, errors.New("open objects: a quoted list of alternates")
		}
		dirs = append(dirs, filepath.SplitList(more)...)
	}
	db, err := odb.Open(odb.Options{Dirs: dirs, HashSize: OIDSize(r.format), Most: objectMost})
	if err != nil {
		return nil, fmt.Errorf("open objects: %w", err)
	}
	return db, nil
}
