package launch

// CoreLimit is a limit of core dumps, which Windows does not have.
type CoreLimit struct{}

// Core returns the limit of this process.
func Core() CoreLimit { return CoreLimit{} }

// Restore does nothing.
func (CoreLimit) Restore() error { return nil }
