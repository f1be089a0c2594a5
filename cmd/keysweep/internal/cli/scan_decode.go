package cli

import (
	"fmt"
	"strconv"

	"keysweep/secretscan"
)

// decodeMost is how many layers may be asked for; every layer takes at least a quarter of the length.
const decodeMost = 16

// decodeDepth is a flag's number of layers of encoding, as secretscan.Options has it: 0 is the default, and what is below 0 is none.
type decodeDepth int

// String returns the number as it is typed.
func (d *decodeDepth) String() string {
	switch {
	case *d < 0:
		return "0"
	case *d == 0:
		return strconv.Itoa(secretscan.DecodeDepth)
	}
	return strconv.Itoa(int(*d))
}

// Set takes the number as it was typed.
func (d *decodeDepth) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > decodeMost {
		return fmt.Errorf("it must be a number from 0, for none, to %d", decodeMost)
	}
	if *d = decodeDepth(n); n == 0 {
		*d = -1
	}
	return nil
}

// Type names the value in the help.
func (d *decodeDepth) Type() string { return "int" }
