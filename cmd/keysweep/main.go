// Command keysweep finds hard-coded secrets and keeps keys and credentials clean. Run "keysweep --help" for what it can do; the
// program itself is in internal/cli.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"keysweep/cmd/keysweep/internal/cli"
)

// Set by the linker in release builds; see the Makefile.
var version, commit string

func main() {
	ends := []os.Signal{syscall.SIGTERM}
	if !signal.Ignored(os.Interrupt) { // a background job of a script is not to be interrupted with what is in the foreground
		ends = append(ends, os.Interrupt)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() { // to begin to listen takes a thread, and one fifteenth of the time of a short run
		heard, stop := signal.NotifyContext(context.Background(), ends...)
		<-heard.Done()
		stop() // a second signal ends the process at once
		cancel(context.Cause(heard))
	}()
	os.Exit(cli.Main(ctx, cli.System(version, commit)))
}
