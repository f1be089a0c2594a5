package launch

import "errors"

// CanReplace reports whether Replace works on this system.
const CanReplace = false

// Replace fails: Windows cannot put a program in the place of a process.
func (p Program) Replace() error {
	return &Error{Name: p.Args[0], Code: CodeNotExecutable, Err: errors.ErrUnsupported}
}

func (p Program) failed(err error) error {
	return &Error{Name: p.Args[0], Code: CodeNotExecutable, Err: err}
}
