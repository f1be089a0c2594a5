//go:build !unix

package atomicfile

// syncDir does nothing: Windows cannot sync a directory, and its file systems journal names.
func syncDir(string) error { return nil }
