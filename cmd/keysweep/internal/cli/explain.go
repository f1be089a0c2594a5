package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/secretscan"
)

func newExplainCommand(env *Env) *cobra.Command {
	var from string
	c := &cobra.Command{
		Use:   "explain RULE | CHECK | PRACTICE | FINGERPRINT --from REPORT",
		Short: "Explain a rule, a check, a practice, or a finding of a report",
		Long: "Of a check: what it finds and why that matters, the lines of the guides, what the policy may say of it and says now, and the fix. Of a\n" +
			"practice: what it asks for, and what judges it. Of a rule: what it looks for. Of a finding: its places and what decided it.",
		Example: `  keysweep explain aws-access-token
  keysweep explain ssh.password-auth
  keysweep explain account.mfa
  keysweep scan --format json --output report.json
  keysweep explain 3f0c... --from report.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if shown, err := explainPractice(env, args[0]); shown || err != nil {
				return err
			}
			set, err := rulesInForce(c, env, "")
			if err != nil {
				return err
			}
			var id finding.Fingerprint
			if id.UnmarshalText([]byte(args[0])) != nil {
				if !slices.ContainsFunc(set.Rules, func(r secretscan.Rule) bool { return r.ID == args[0] }) {
					return nothingToExplain(set, args[0])
				}
				return showRule(env, set, args[0])
			}
			if from == "" {
				return usagef("keysweep explain "+args[0]+" --from report.json", "a fingerprint tells nothing without the report it is in")
			}
			return explainFinding(env, set, id, from)
		},
	}
	c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return slices.Concat(checkIDs(), practiceIDs()), cobra.ShellCompDirectiveNoFileComp
	}
	c.Flags().StringVar(&from, "from", "", "a JSON report, as of keysweep scan --format json")
	return c
}

// reportItem is what explain reads of a report's item; see docs/schema for the whole.
type reportItem struct {
	Fingerprint string   `json:"fingerprint"`
	Rules       []string `json:"rules"`
	Title       string   `json:"title"`
	Severity    string   `json:"severity"`
	Masked      string   `json:"masked"`
	Entropy     float64  `json:"entropy"`
	Proof       []struct {
		Name, Value string
	} `json:"proof"`
	Places []struct {
		Path    string `json:"path"`
		Excerpt string `json:"excerpt"`
		Note    string `json:"note"`
		Start   *struct{ Line, Column int }
		End     *struct{ Line, Column int }
		Commit  *struct{ ID, Author, Date, Subject string }
	} `json:"places"`
}

// reportMost bounds what is read of a report.
const reportMost = 256 << 20

func explainFinding(env *Env, set secretscan.Ruleset, id finding.Fingerprint, from string) error {
	item, err := findItem(absolute(env, from), id)
	if err != nil {
		return err
	}
	return writeAll(env.Stdout, func(w *bytes.Buffer) error {
		fmt.Fprintf(w, "%s  %s  [%s]\n", item.Severity, git.Printable(item.Title), id)
		fmt.Fprintf(w, "secret:     %s, %.2f bits per byte\n", git.Printable(item.Masked), item.Entropy)
		for _, fact := range item.Proof {
			fmt.Fprintf(w, "proof:      %s %s\n", git.Printable(fact.Name), git.Printable(fact.Value))
		}
		for _, p := range item.Places {
			fmt.Fprintf(w, "place:      %s", git.Printable(p.Path))
			if p.Start != nil {
				fmt.Fprintf(w, ":%d:%d", p.Start.Line, p.Start.Column)
			}
			if p.Commit != nil {
				fmt.Fprintf(w, "  commit %s, %s, %s", p.Commit.ID, git.Printable(p.Commit.Author), p.Commit.Date)
			}
			fmt.Fprintf(w, "\n            %s\n", git.Printable(p.Excerpt))
		}
		explainJudged(w, env, &item)
		for _, rule := range item.Rules {
			fmt.Fprintln(w)
			if i := slices.IndexFunc(set.Rules, func(r secretscan.Rule) bool { return r.ID == rule }); i >= 0 {
				describeRule(w, set.Rules[i])
			} else {
				fmt.Fprintf(w, "%s: not among the rules in force here\n", git.Printable(rule))
			}
		}
		return nil
	})
}

func findItem(file string, id finding.Fingerprint) (reportItem, error) {
	f, err := os.Open(file)
	if err != nil {
		return reportItem{}, usagef("keysweep scan --format json --output report.json makes one", "%w", err)
	}
	defer f.Close()
	var report struct {
		Schema string       `json:"schema"`
		Items  []reportItem `json:"items"`
	}
	if err := json.NewDecoder(io.LimitReader(f, reportMost)).Decode(&report); err != nil {
		return reportItem{}, usagef("", "%s is no JSON report: %w", file, err)
	}
	i := slices.IndexFunc(report.Items, func(item reportItem) bool { return item.Fingerprint == id.String() })
	if i < 0 {
		return reportItem{}, usagef("", "%s has no finding %s among %d", file, id, len(report.Items))
	}
	return report.Items[i], nil
}
