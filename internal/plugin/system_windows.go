package plugin

import "io/fs"

func busy(error) bool { return false }

// exposed says nothing: who may change a file is in its access control list, which mode bits do not show. The pinned hash of the
// bytes that are run stands.
func exposed(fs.FileInfo) string { return "" }
