package cli

// policyRotation is the table [rotation] of a policy file.
type policyRotation struct{}

// readRotation takes one file's settings.
func (s *policySettings) readRotation(_ *Env, _ string, _ policyRotation) error { return nil }
