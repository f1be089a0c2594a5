package cli

import "io/fs"

// systemNames are the variables without which programs do not start, or do not find the user's home, on Windows.
var systemNames = []string{"SystemRoot", "SystemDrive", "ComSpec", "PATHEXT", "TEMP", "TMP", "windir", "USERPROFILE", "USERNAME",
	"APPDATA", "LOCALAPPDATA", "ProgramData", "ProgramFiles", "HOMEDRIVE", "HOMEPATH", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE"}

// isOwn is for XDG_RUNTIME_DIR, which nothing sets on Windows.
func isOwn(fs.FileInfo) bool { return true }
