package odb

import (
	"errors"
	"fmt"
	"runtime/debug"
)

var errFault = errors.New("the file has become shorter or cannot be read from disk any more")

// watchFaults makes a fault of mapped memory something that survive can turn into an error, for this goroutine. It returns what
// ends that.
func watchFaults() (end func()) {
	before := debug.SetPanicOnFault(true)
	return func() { debug.SetPanicOnFault(before) }
}

// survive is to be deferred where mapped memory is read: a file that someone cuts off, or a bad disk, must not end the program.
func survive(err *error) {
	switch fault := recover().(type) {
	case nil:
	case interface{ Addr() uintptr }:
		*err = errFault
	default:
		*err = fmt.Errorf("internal error: %v", fault)
	}
}
