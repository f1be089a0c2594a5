package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/report"
	"keysweep/secretscan/rules"
)

// addCompletion adds the completion command, and tells shells the values of flags that have only a few.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	how := map[string]string{
		"completion": "  source <(keysweep completion bash)    in this shell; how to keep it: keysweep completion bash --help",
		"bash":       "  source <(keysweep completion bash)",
		"zsh":        "  source <(keysweep completion zsh)",
		"fish":       "  keysweep completion fish | source",
		"powershell": "  keysweep completion powershell | Out-String | Invoke-Expression",
	}
	for _, c := range root.Commands() {
		if c.Name() != "completion" {
			continue
		}
		c.Example = how[c.Name()]
		for _, shell := range c.Commands() {
			shell.Example = how[shell.Name()]
		}
	}
	values := map[string]cobra.CompletionFunc{
		"format":  cobra.FixedCompletions(report.Formats(), cobra.ShellCompDirectiveNoFileComp),
		"fail-on": cobra.FixedCompletions(finding.Severities(), cobra.ShellCompDirectiveNoFileComp),
		"rule":    completeRules,
		"type":    nil, // these only where ownValues has them
		"form":    nil,
		"payload": nil,
	}
	var each func(*cobra.Command)
	each = func(c *cobra.Command) {
		for flag, value := range values {
			if few, own := ownValues(c.CommandPath())[flag]; own {
				value = cobra.FixedCompletions(few, cobra.ShellCompDirectiveNoFileComp)
			}
			if value != nil && c.Flags().Lookup(flag) != nil {
				_ = c.RegisterFlagCompletionFunc(flag, value) // fails only for a flag that is not there
			}
		}
		if c.Args != nil && c.HasParent() && c.HasSubCommands() { // key backup: cobra would complete the names of commands alone
			c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
				return nil, cobra.ShellCompDirectiveDefault
			}
		}
		for _, sub := range c.Commands() {
			each(sub)
		}
	}
	each(root)
}

// ownValues are the few values of flags that mean something else, or take other values, in this command than elsewhere.
func ownValues(command string) map[string][]string {
	switch command {
	case "keysweep key generate":
		return map[string][]string{"format": {"text", "json"}, "type": generateKinds()}
	case "keysweep key list", "keysweep key inspect", "keysweep key deploy":
		return map[string][]string{"format": report.TableFormats()}
	case "keysweep key backup":
		return map[string][]string{"form": {"age", "sheet", "words"}, "payload": {payloadAge, payloadKey, payloadWords}}
	}
	if strings.HasPrefix(command, "keysweep hook ") {
		return map[string][]string{"type": {"pre-commit", "pre-push", "pre-receive"}}
	}
	return nil
}

// completeRules completes the ids of the rules that every repository has.
func completeRules(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var ids []string
	for _, r := range rules.Default().Rules {
		if strings.HasPrefix(r.ID, typed) {
			ids = append(ids, r.ID)
		}
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
