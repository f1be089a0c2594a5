//go:build !amd64

package decode

// gateWide would fill masks for many bytes at once.
func gateWide(*gateMasks, []byte, int) bool { return false }
