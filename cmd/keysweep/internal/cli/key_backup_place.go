package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"keysweep/keys/backup"
	"keysweep/keys/inventory"
)

// destination returns where to write the backup, and refuses places where it would be lost with the key, or found by others.
func (o *keyBackupOptions) destination(ctx context.Context, env *Env, b *backedUp) (string, error) {
	path := absolute(env, o.output)
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, fileName(b.name)+o.extension())
	} else if strings.HasSuffix(o.output, string(filepath.Separator)) {
		return "", usagef("make it first, or mount what it is on", "there is no directory %s", o.output)
	}
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", usagef("make it first, or mount what it is on", "there is no directory %s", dir)
	}
	if _, err := os.Lstat(path); err == nil {
		return "", usagef("choose another name", "%s is there already, and is never overwritten: %w", path, fs.ErrExist)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("look at %s: %w", path, err)
	}
	return path, o.admitPlace(ctx, env, b, path)
}

func (o *keyBackupOptions) extension() string {
	if o.form == string(backup.FormSheet) {
		return ".html"
	}
	return ".age"
}

// fileName makes a file name of what people call a key.
func fileName(name string) string {
	safe := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, name)
	if safe = strings.TrimLeft(safe, ".-"); safe == "" {
		return "key"
	}
	return safe
}

// admitPlace judges the place by what lies around it. With --force it only says what it sees.
func (o *keyBackupOptions) admitPlace(ctx context.Context, env *Env, b *backedUp, path string) error {
	place, err := inventory.Surroundings(ctx, path, inventory.Env{Home: env.Home, UID: os.Getuid(), Environ: env.Environ, Now: env.Now()})
	if errors.Is(err, context.Canceled) {
		return err
	}
	reason := ""
	synced := place.Spot(inventory.SpotSynced)
	switch {
	case place.Repository != nil && !place.Safe() && synced == nil:
		reason = "lies in the git repository " + place.Repository.Root + ", which may be pushed"
	case synced != nil:
		reason = fmt.Sprintf("lies in a synced folder (%s): copies of it go to other machines", synced.Name)
	case sameDir(filepath.Dir(path), filepath.Dir(b.file.path)):
		reason = "lies beside the key: what takes the key takes the backup too"
	case err != nil:
		reason = fmt.Sprintf("may lie in a git repository, which could not be found out (%v)", err)
	}
	if reason != "" && !o.force {
		return usagef("write it somewhere else, best on a medium that is kept elsewhere; or go on with --force", "%s %s", path, reason)
	}
	if reason != "" {
		_, err := fmt.Fprintf(env.Stderr, "note: %s %s\n", path, reason)
		return err
	}
	if spot := place.Spot(inventory.SpotTemporary); spot != nil {
		_, err := fmt.Fprintf(env.Stderr, "note: %s is emptied without asking: move the backup to where it will stay\n", spot.Dir)
		return err
	}
	return nil
}

// sameDir reports whether two directories are the same, by whatever names.
func sameDir(a, b string) bool {
	one, errOne := os.Stat(a)
	two, errTwo := os.Stat(b)
	return errOne == nil && errTwo == nil && os.SameFile(one, two)
}
