package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"keysweep/secretscan/rules"
)

func newVersionCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version, the build and the rules it came with",
		Example: "  keysweep version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			commit := env.Commit
			if commit == "" {
				commit = "unknown"
			}
			set := rules.Default()
			_, err := fmt.Fprintf(env.Stdout, "keysweep %s\ncommit   %s\nbuilt by %s %s/%s\nrules    %d, %s (of gitleaks %s)\n",
				env.Version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH, len(set.Rules), rules.Hash(set), rules.GitleaksVersion)
			return err
		},
	}
}
