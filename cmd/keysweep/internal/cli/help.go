package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// dress gives a command and all below it the house's help, and turns wrong arguments into usage errors.
func dress(root *cobra.Command) {
	root.SetUsageFunc(usageWith(exitCodesText))
	var each func(*cobra.Command)
	each = func(c *cobra.Command) {
		c.SuggestionsMinimumDistance = 2
		if args := c.Args; args != nil {
			c.Args = func(c *cobra.Command, a []string) error {
				if err := args(c, a); err != nil {
					if c.HasSubCommands() { // and does something without one, as ledger
						return usagef(suggestion(c, a[0]), "unknown command %q for %q", a[0], c.CommandPath())
					}
					return usagef("see: "+c.CommandPath()+" --help", "wrong number of arguments (%d): it is %s", len(a), strings.TrimSuffix(c.UseLine(), " [flags]"))
				}
				return nil
			}
		}
		if c.HasSubCommands() && !c.Runnable() {
			c.Args = cobra.ArbitraryArgs
			c.RunE = func(c *cobra.Command, a []string) error {
				if len(a) > 0 {
					return usagef(suggestion(c, a[0]), "unknown command %q for %q", a[0], c.CommandPath())
				}
				return c.Help()
			}
		}
		if run := c.RunE; run != nil {
			c.RunE = func(c *cobra.Command, a []string) error {
				if err := refuseEmpty(c, a); err != nil {
					return err
				}
				if err := refuseDescriptors(c); err != nil {
					return err
				}
				return run(c, a)
			}
		}
		for _, sub := range c.Commands() {
			each(sub)
		}
	}
	each(root)
}

// refuseEmpty refuses empty arguments and values of flags. They come from variables that are not set, and would turn what was
// meant into something else.
func refuseEmpty(c *cobra.Command, args []string) (err error) {
	const hint = "is a variable not set?"
	if slices.Contains(args, "") && c.Annotations[foreignArgs] == "" {
		return usagef(hint, "an argument is empty")
	}
	c.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "string" && f.Value.String() == "" {
			err = usagef(hint, "--%s is empty", f.Name)
		}
	})
	return err
}

// refuseDescriptors refuses file descriptors that there cannot be, and one for two passphrases: who reads first would leave
// nothing for the other.
func refuseDescriptors(c *cobra.Command) (err error) {
	used := map[string]string{}
	c.Flags().Visit(func(f *pflag.Flag) {
		if !strings.HasSuffix(f.Name, "passphrase-fd") {
			return
		}
		n := f.Value.String()
		if strings.HasPrefix(n, "-") {
			err = usagef("for example: --"+f.Name+" 3 3< FILE", "--%s %s: there is no such file descriptor", f.Name, n)
		}
		if other := used[n]; other != "" {
			err = usagef(fmt.Sprintf("for example: --%s 3 --%s 4 3< FILE 4< FILE", other, f.Name), "--%s and --%s read from the same file descriptor, %s", other, f.Name, n)
		}
		used[n] = f.Name
	})
	return err
}

// newHelpCommand is cobra's, except that a command there is not is a mistake.
func newHelpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Help about a command",
		Example: "  keysweep help scan",
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("see: keysweep --help", "there is no command %q", strings.Join(args, " "))
			}
			return c.Help()
		},
	}
}

func suggestion(c *cobra.Command, word string) string {
	if near := c.SuggestionsFor(word); len(near) > 0 {
		return "did you mean: " + c.CommandPath() + " " + near[0]
	}
	return "see: " + c.CommandPath() + " --help"
}
