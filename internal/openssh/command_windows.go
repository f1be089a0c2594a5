package openssh

import "os/exec"

// isolate leaves the program as it is: it is killed itself when its time is over.
func isolate(*exec.Cmd) {}
