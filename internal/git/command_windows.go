package git

import "os/exec"

// isolate leaves the command as it is: it is killed itself, and git starts no children here.
func isolate(*exec.Cmd) {}
