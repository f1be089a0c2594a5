//go:build !unix

package cli

import "errors"

func makeFIFO(string) error { return errors.New("this system has no FIFOs") }
