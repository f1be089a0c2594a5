package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/internal/plugin"
)

func newCredPluginCommand(env *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "plugin",
		Short: "The programs that replace credentials at their providers",
		Long: "A provider's plugin is a program of its own, which makes, tests and revokes credentials there. Only those that the policy file\n" +
			"names are run, by their path and the hash of their content: docs/plugins.md.",
		Example: "  keysweep cred plugin pin /usr/local/lib/keysweep/keysweep-gitlab   the lines for the policy file",
	}
	c.AddCommand(&cobra.Command{
		Use:   "pin FILE",
		Short: "Print the lines that allow a plugin to be run, for the policy file",
		Long: "Prints the lines for the policy file that allow a program to replace credentials: its path and the SHA-256 of what is in it now.\n" +
			"Nothing is run and nothing is changed: take the lines in yourself, after a look at where the program comes from.",
		Example: `  keysweep cred plugin pin /usr/local/lib/keysweep/keysweep-gitlab
  keysweep cred plugin pin /usr/local/lib/keysweep/keysweep-gitlab >> ~/.config/keysweep/policy.toml`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return runCredPluginPin(env, args[0]) },
	})
	return c
}

func runCredPluginPin(env *Env, file string) error {
	path := absolute(env, file)
	sum, err := plugin.Sum(path)
	if errors.Is(err, fs.ErrNotExist) {
		return usagef("name the file of the plugin, for example /usr/local/lib/keysweep/keysweep-gitlab; how to get one: docs/plugins.md", "there is no plugin at %s", path)
	}
	if err != nil {
		return usagef(hintOf(err), "%w", err)
	}
	name := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), "keysweep-")
	if !plainWord(name) {
		name = "NAME"
	}
	return writeAll(env.Stdout, func(w *bytes.Buffer) error {
		fmt.Fprintf(w, "[plugins.%s]\npath = %s\nsha256 = %q\n", name, strconv.Quote(path), sum)
		return nil
	})
}
