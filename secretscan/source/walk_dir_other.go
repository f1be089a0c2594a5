//go:build !linux

package source

// entriesAtOnce is how many entries of a directory are held, where the system does not go by bytes.
const entriesAtOnce = 512
