// Command keysweep-vault is a plugin of keysweep that replaces tokens and AppRole secret ids of HashiCorp Vault and OpenBao. keysweep runs it; docs/plugins.md says
// how it is set up, and package vault what it does.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"keysweep/plugin"
	"keysweep/plugin/vault"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(plugin.Serve(ctx, os.Stdin, os.Stdout, vault.Plugin{Now: time.Now}))
}
