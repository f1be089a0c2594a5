package cli

import (
	"context"
	"fmt"

	"keysweep/internal/keyring"
)

// serveKeyring is the process that talks to the operating system's keyring, if this process was started as that. It is asked
// before anything else: whoever started it waits.
func serveKeyring(ctx context.Context, env *Env) (code int, asked bool) {
	if !keyring.Asked(env.Args, env.Environ) {
		return exitOK, false
	}
	if env.Harden != nil {
		if err := env.Harden(); err != nil {
			_, _ = fmt.Fprintln(env.Stderr, "keysweep:", err)
			return exitIncomplete, true
		}
	}
	if err := keyring.Serve(ctx, env.Stdin, env.Stdout, env.Environ); err != nil {
		_, _ = fmt.Fprintln(env.Stderr, "keysweep:", err)
		return exitIncomplete, true
	}
	return exitOK, true
}
