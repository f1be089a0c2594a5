package inventory

import "time"

// Env is what the inventory needs to know of the world.
type Env struct {
	Home    string   // the user's home directory, absolute; "" if there is none
	UID     int      // of the user; -1 if unknown, as on Windows
	Environ []string // as of os.Environ: git's program is found by PATH, sync programs by their variables
	Agent   string   // socket of ssh-agent, SSH_AUTH_SOCK; "" if there is none
	Now     time.Time
}

// Problem is something that could not be looked at.
type Problem struct {
	Where string // a path, or "ssh-agent"
	Op    string // "read", "ask git"
	Err   error
}
