package cli

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
)

// usageWith returns how a command and those below it show their usage: examples first, and the exit codes last. It is a function
// and no template: a template can call any method of any type, so that the linker keeps them all.
func usageWith(codes func() string) func(*cobra.Command) error {
	return func(c *cobra.Command) error {
		_, err := fmt.Fprintf(c.OutOrStderr(), "%s\n\n%s", usageText(c), codes())
		return err
	}
}

func usageText(c *cobra.Command) string {
	var b strings.Builder
	flags := c.LocalFlags() // first: it gives the command the flags of those above, which its usage line depends on
	if c.HasExample() {
		fmt.Fprintf(&b, "Examples:\n%s\n\n", c.Example)
	}
	b.WriteString("Usage:")
	if c.Runnable() {
		b.WriteString("\n  " + c.UseLine())
	}
	below := c.HasAvailableSubCommands()
	if below {
		fmt.Fprintf(&b, "\n  %s [command]\n\nCommands:", c.CommandPath())
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() || sub.Name() == "help" {
				fmt.Fprintf(&b, "\n  %-*s %s", sub.NamePadding(), sub.Name(), sub.Short)
			}
		}
	}
	if flags.HasAvailableFlags() {
		b.WriteString("\n\nFlags:\n" + strings.TrimRightFunc(flags.FlagUsages(), unicode.IsSpace))
	}
	if below {
		fmt.Fprintf(&b, "\n\nMore about a command: %s [command] --help", c.CommandPath())
	}
	return b.String()
}

func exitCodesText() string {
	var b strings.Builder
	b.WriteString("Exit codes:\n")
	for _, c := range ExitCodes() {
		fmt.Fprintf(&b, "  %3d  %s\n", c.Code, c.Text)
	}
	return b.String()
}
