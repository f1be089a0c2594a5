//go:build !unix

package git

import "io/fs"

// hasOwners says that ownership is for git to check.
const hasOwners = false

func isOurs(fs.FileInfo) bool { return false }

func deviceOf(fs.FileInfo) uint64 { return 0 }
