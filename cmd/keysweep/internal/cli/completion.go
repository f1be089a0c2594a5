package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/finding"
	"keysweep/incident"
	"keysweep/report"
	"keysweep/secretscan/rules"
)

// completionShort is what cobra says about its completion command.
const completionShort = "Generate the autocompletion script for the specified shell"

// addCompletion adds the completion command, and tells shells the values of flags that have only a few, and what the ledger knows.
func addCompletion(root *cobra.Command, env *Env) {
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
	if len(env.Args) > 0 && strings.HasPrefix(env.Args[0], cobra.ShellCompRequestCmd) { // it costs 0.2 ms, and other commands have no use for it
		completeBelow(root, completer{env})
	}
}

// completeBelow tells shells how to complete a command's flags and arguments, and those of all commands below it.
func completeBelow(c *cobra.Command, known completer) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if complete := completeFlag(c.CommandPath(), f.Name, known); complete != nil {
			_ = c.RegisterFlagCompletionFunc(f.Name, complete) // fails only for a flag that is not there
		}
	})
	if complete, ok := known.argument(c.CommandPath()); ok {
		c.ValidArgsFunction = complete
	} else if c.Args != nil && c.HasParent() && c.HasSubCommands() { // cobra would complete the names of commands alone
		c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		}
	}
	for _, sub := range c.Commands() {
		completeBelow(sub, known)
	}
}

// completeFlag returns how to complete the values of a flag; nil if they are files, or free.
func completeFlag(command, name string, known completer) cobra.CompletionFunc {
	if few, own := ownValues(command)[name]; own {
		return cobra.FixedCompletions(few, cobra.ShellCompDirectiveNoFileComp)
	}
	if complete, ok := known.flag(command, name); ok {
		return complete
	}
	switch name {
	case "format":
		return cobra.FixedCompletions(report.Formats(), cobra.ShellCompDirectiveNoFileComp)
	case "fail-on":
		return cobra.FixedCompletions(finding.Severities(), cobra.ShellCompDirectiveNoFileComp)
	case "min-confidence":
		return cobra.FixedCompletions(finding.Confidences(), cobra.ShellCompDirectiveNoFileComp)
	case "rule":
		return completeRules
	}
	return nil
}

// ownValues are the few values of flags that mean something else, or take other values, in this command than elsewhere.
func ownValues(command string) map[string][]string {
	switch command {
	case "keysweep key generate":
		return map[string][]string{"format": {"text", "json"}, "type": generateKinds()}
	case "keysweep key list", "keysweep key inspect", "keysweep key deploy", "keysweep eval":
		return map[string][]string{"format": report.TableFormats()}
	case "keysweep incident list", "keysweep incident show", "keysweep incident scope":
		return map[string][]string{"format": report.TableFormats()}
	case "keysweep incident report":
		return map[string][]string{"format": incidentReportFormats(), "to": audienceNames()}
	case "keysweep incident note":
		return map[string][]string{"tell": audienceNames()}
	case "keysweep incident block":
		return map[string][]string{"firewall": incident.Firewalls()}
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
