package launch

import (
	"io"
	"os"
)

// Program is a program to be run.
type Program struct {
	Path    string     // the file, of Find
	Args    []string   // the first is the name that it was called by
	Dir     string     // working directory of a Child; Replace stays where it is
	Environ []string   // all of it
	Pass    []*os.File // of Sealed: they stay open for the program, under their numbers
	Stdin   io.Reader  // of a Child, and so the next two; Replace leaves the descriptors as they are
	Stdout  io.Writer
	Stderr  io.Writer
	// Core is the limit of core dumps that the program is to have. See CoreLimit.
	Core CoreLimit
}

// Ending is how a program ended.
type Ending struct {
	Code   int       // its exit code; 128 and the number of the signal if one killed it
	Signal os.Signal // nil if none did
}
