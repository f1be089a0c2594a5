package rotation

import "fmt"

// TamperError says what of a store was changed outside keysweep, as far as can be told. It is ErrTampered.
type TamperError struct {
	Item  string // "item record-1"; "head", "anchor" or "directory" where it is none of the ledger's items
	Where string // the path of its file, or the keyring
	What  string // what is wrong: "was put back to an older state"
	Do    string // what to do next
}

// Error names the item and where it is.
func (e *TamperError) Error() string {
	return fmt.Sprintf("%v: %s %s (%s)", ErrTampered, e.Item, e.What, e.Where)
}

// Unwrap is for errors.Is.
func (e *TamperError) Unwrap() error { return ErrTampered }

// Hint says what to do.
func (e *TamperError) Hint() string { return e.Do }
