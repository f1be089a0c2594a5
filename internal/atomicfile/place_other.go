//go:build !linux && !darwin && !windows

package atomicfile

// renameNew links: there is no call that renames without replacing.
func renameNew(from, to string) error { return linkNew(from, to) }
