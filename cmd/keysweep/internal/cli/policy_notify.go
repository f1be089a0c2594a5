package cli

// policyNotify is the table [notify] of a policy file.
type policyNotify struct{}

// readNotify takes one file's settings.
func (s *policySettings) readNotify(_ *Env, _ string, _ policyNotify) error { return nil }
