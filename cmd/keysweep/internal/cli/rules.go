package cli

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/internal/git"
	"keysweep/secretscan"
	"keysweep/secretscan/rules"
)

func newRulesCommand(env *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "rules",
		Short: "List, show and check the scanner's rules",
		Example: `  keysweep rules list                    the rules in force here
  keysweep rules show github-pat         one of them
  keysweep rules check .gitleaks.toml    what is wrong with a configuration`,
	}
	c.AddCommand(newRulesList(env), newRulesShow(env), newRulesCheck(env))
	return c
}

// rulesInForce loads the rules as a scan of the working directory would.
func rulesInForce(c *cobra.Command, env *Env, config string) (secretscan.Ruleset, error) {
	s := &scan{env: env, opts: &scanOptions{config: config}}
	var err error
	if s.place, err = placeOf(c.Context(), env, env.Dir, true); err != nil {
		return s.rules, err
	}
	trusted, err := trustedFiles(c.Context(), s)
	if err != nil {
		return s.rules, err
	}
	_, err = s.loadRules(trusted)
	return s.rules, err
}

func newRulesList(env *Env) *cobra.Command {
	var config string
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the rules in force",
		Example: "  keysweep rules list\n  keysweep rules list --config other.toml",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			set, err := rulesInForce(c, env, config)
			if err != nil {
				return err
			}
			return writeAll(env.Stdout, func(w *bytes.Buffer) error { return listRules(w, set) })
		},
	}
	c.Flags().StringVar(&config, "config", "", "rules `FILE` instead of the repository's")
	return c
}

func listRules(w *bytes.Buffer, set secretscan.Ruleset) error {
	width := 0
	for _, r := range set.Rules {
		width = max(width, len(r.ID))
	}
	for _, r := range set.Rules {
		fmt.Fprintf(w, "%-*s  %-8s  %s\n", width, git.Printable(r.ID), r.Severity, git.Printable(r.Title))
	}
	_, err := fmt.Fprintf(w, "%d rules, %s\n", len(set.Rules), rules.Hash(set))
	return err
}

func newRulesShow(env *Env) *cobra.Command {
	var config string
	c := &cobra.Command{
		Use:     "show ID",
		Short:   "Show what a rule finds and how",
		Example: "  keysweep rules show private-key",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			set, err := rulesInForce(c, env, config)
			if err != nil {
				return err
			}
			return showRule(env, set, args[0])
		},
	}
	c.Flags().StringVar(&config, "config", "", "rules `FILE` instead of the repository's")
	return c
}

func showRule(env *Env, set secretscan.Ruleset, id string) error {
	i := slices.IndexFunc(set.Rules, func(r secretscan.Rule) bool { return r.ID == id })
	if i < 0 {
		return usagef(ruleHint(set, id), "there is no rule %q", id)
	}
	return writeAll(env.Stdout, func(w *bytes.Buffer) error {
		describeRule(w, set.Rules[i])
		return nil
	})
}

// ruleHint says what may have been meant by a rule that there is not.
func ruleHint(set secretscan.Ruleset, id string) string {
	ids := make([]string, len(set.Rules))
	for i := range set.Rules {
		ids[i] = set.Rules[i].ID
	}
	if near := nearest(id, ids); near != "" {
		return "did you mean " + near + "? see: keysweep rules list"
	}
	return "see: keysweep rules list"
}

func describeRule(w *bytes.Buffer, r secretscan.Rule) {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-11s %s\n", name+":", git.Printable(value))
		}
	}
	fmt.Fprintf(w, "%s\n", git.Printable(r.ID))
	line("finds", r.Title)
	why := r.Why
	if why == "" {
		why = r.Description
	}
	line("why", why)
	line("severity", r.Severity.String())
	line("confidence", r.Confidence.String())
	line("provider", r.Provider)
	line("rotate", r.RotateURL)
	line("source", rules.Source(r.ID))
	line("origin", r.Origin)
	line("tags", strings.Join(r.Tags, ", "))
	line("keywords", strings.Join(r.Keywords, ", "))
	line("regex", r.Regex)
	line("path", r.Path)
	if r.Entropy > 0 {
		line("entropy", fmt.Sprintf("more than %g bits per byte", r.Entropy))
	}
	for _, a := range r.Allowlists {
		line("allows", fmt.Sprintf("%d commits, %d paths, %d regexes, %d stop words %s",
			len(a.Commits), len(a.Paths), len(a.Regexes), len(a.StopWords), a.Description))
	}
	line("to allow", "keysweep:allow="+r.ID+" -- reason")
}

func newRulesCheck(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Say what is wrong with a configuration file",
		Long: "Read a configuration in gitleaks' format, or a .keysweep.toml, and report everything that is wrong or looks wrong,\n" +
			"with file, line and key. Exit code 2 says that a scan would refuse the file.",
		Example: "  keysweep rules check .gitleaks.toml",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			diagnostics := rules.Check(absolute(env, args[0]), rules.LoadOptions{Dir: env.Dir})
			fatal := false
			for _, d := range diagnostics {
				fatal = fatal || d.Fatal
				d.File = shownPath(env, d.File)
				if _, err := fmt.Fprintln(env.Stdout, d.String()); err != nil {
					return err
				}
			}
			if fatal {
				return &usageError{errors.New(args[0] + " cannot be used"), ""}
			}
			_, err := fmt.Fprintf(env.Stdout, "%s can be used\n", args[0])
			return err
		},
	}
}
