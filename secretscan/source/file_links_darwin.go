package source

import "golang.org/x/sys/unix"

// openNoLinks is openAt for a path without links: one is an error wherever it stands.
func openNoLinks(dir int, name string, flags int) (int, error) {
	return openAt(dir, name, flags&^unix.O_NOFOLLOW|unix.O_NOFOLLOW_ANY)
}
