package git

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ObstacleError says that no git command can be run in a repository, because git would wait without end for what stands where a file of the
// object database should be: a FIFO, a socket or a device.
type ObstacleError struct {
	Path string
	Mode fs.FileMode
}

// Error names the obstacle.
func (e *ObstacleError) Error() string {
	return fmt.Sprintf("%s is not a file (%s): git would wait for it without end", e.Path, e.Mode)
}

// Hint says what to do.
func (e *ObstacleError) Hint() string {
	return "remove it, then see what is missing with: git fsck --full"
}

// obstacle looks for one, once. Loose objects are looked at only where git is to read them: there can be many.
func (r *Repo) obstacle() error {
	r.look.Do(func() {
		objects := filepath.Join(r.commonDir, "objects")
		dirs := []string{filepath.Join(objects, "pack"), filepath.Join(objects, "info")}
		if r.shallow || variable(r.env, AskGit) != "" {
			loose, _ := filepath.Glob(filepath.Join(objects, "[0-9a-f][0-9a-f]"))
			dirs = append(dirs, loose...)
		}
		for _, dir := range dirs {
			if r.blocked = obstacleIn(dir); r.blocked != nil {
				return
			}
		}
	})
	return r.blocked
}

// obstacleIn ignores what cannot be looked at: git says what is wrong with that.
func obstacleIn(dir string) error {
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		path, mode := filepath.Join(dir, entry.Name()), entry.Type()
		if mode&fs.ModeSymlink != 0 {
			info, err := os.Stat(path)
			if err != nil {
				continue
			}
			mode = info.Mode().Type()
		}
		if mode&^fs.ModeDir != 0 && filepath.Ext(path) != ".pack" { // git looks at what a pack is before it opens it
			return &ObstacleError{Path: path, Mode: mode}
		}
	}
	return nil
}
