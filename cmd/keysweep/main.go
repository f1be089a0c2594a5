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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(cli.Main(ctx, cli.System(version, commit)))
}
