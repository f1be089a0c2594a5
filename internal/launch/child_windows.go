package launch

import "os"

// forwarded returns what this process must not die of: Windows sends Ctrl+C to all processes of a console.
func forwarded() []os.Signal { return []os.Signal{os.Interrupt} }

func passOn(*os.Process, os.Signal) {}

func followStops(int) {}

func endingOf(state *os.ProcessState) Ending { return Ending{Code: state.ExitCode()} }

// Repeat does nothing: there are no signals.
func (e Ending) Repeat() {}
