//go:build !amd64

package decode

// gateWide would fill masks for many bytes at once.
func gateWide(*[gateChunk / gateBytes]gateMask, []byte, int) bool { return false }
