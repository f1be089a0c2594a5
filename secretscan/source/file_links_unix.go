//go:build unix && !linux && !darwin

package source

// openNoLinks is openAt: the system only sees to the last part of a path.
func openNoLinks(dir int, name string, flags int) (int, error) { return openAt(dir, name, flags) }
