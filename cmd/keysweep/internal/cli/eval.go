package cli

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/finding"
	"keysweep/report"
	"keysweep/secretscan"
	"keysweep/secretscan/labelled"
	"keysweep/secretscan/rules"
)

// evalOptions are what a user asks eval for.
type evalOptions struct {
	config        string
	minConfidence string
	worst         int
	showSecrets   bool
	output        tableOptions
}

func newEvalCommand(env *Env) *cobra.Command {
	o := &evalOptions{}
	c := &cobra.Command{
		Use:   "eval FILE",
		Short: "Measure the scanner on labelled lines",
		Long: "Scans every line of a file of labelled lines as a file of its own, with the rules in force here, and says how many of the credentials\n" +
			"were found, how many other values were called one, and which. The file is CSV (also with gzip); its columns are in docs/detection.md.\n" +
			"Lines that are only about identifiers, which open nothing, do not count.",
		Example: `  keysweep eval lines.csv.gz
  keysweep eval lines.csv --worst 20 --show-secrets
  keysweep eval lines.csv --min-confidence high --format json`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			set, err := rulesInForce(c, env, o.config)
			if err != nil {
				return err
			}
			return runEval(c.Context(), env, o, set, args[0])
		},
	}
	f := c.Flags()
	f.StringVar(&o.config, "config", "", "rules `FILE` instead of the repository's")
	f.StringVar(&o.minConfidence, "min-confidence", "medium", "what counts as a finding: `CONFIDENCE` low, medium or high")
	f.IntVar(&o.worst, "worst", 10, "list up to `N` of the values wrongly called credentials, and of the credentials missed")
	f.BoolVar(&o.showSecrets, "show-secrets", false, "list them with their lines; without it no report holds one")
	o.output.addFlags(f)
	return c
}

func (o *evalOptions) validate() (least finding.Confidence, err error) {
	if err := o.output.validate(); err != nil {
		return 0, err
	}
	if o.worst < 0 {
		return 0, usagef("", "--worst: %d is no number of mistakes", o.worst)
	}
	if least.UnmarshalText([]byte(o.minConfidence)) != nil {
		return 0, usagef("one of: "+strings.Join(finding.Confidences(), ", "), "--min-confidence: there is no confidence %q", o.minConfidence)
	}
	return least, nil
}

func runEval(ctx context.Context, env *Env, o *evalOptions, set secretscan.Ruleset, file string) error {
	least, err := o.validate()
	if err != nil {
		return err
	}
	f, err := os.Open(absolute(env, file))
	if err != nil {
		return usagef("docs/detection.md says what such a file holds", "%w", err)
	}
	defer f.Close()
	rows, err := labelled.Read(f)
	if err != nil {
		return usagef("docs/detection.md says what such a file holds", "%s: %w", file, err)
	}
	engine, err := secretscan.Compile(set)
	if err != nil {
		return usagef("keysweep rules check FILE tells where", "%w", err)
	}
	hits, err := labelled.Scan(ctx, engine, rows, least)
	if err != nil {
		return err
	}
	result := labelled.Evaluate(rows, hits)
	table := evalTable(env, &result)
	table.Tool.Ruleset, table.Tool.Rules = rules.Hash(set), len(set.Rules)
	table.Coverage = finding.Coverage{Source: counted(len(rows), "labelled line", "labelled lines"), Root: file}
	table.Notices = o.mistakes(&result)
	return o.output.write(env, table)
}

// evalTable has a line for everything and one for each category.
func evalTable(env *Env, result *labelled.Result) *report.Table {
	t := &report.Table{
		Schema: "keysweep.eval/v1", Tool: finding.Tool{Name: "keysweep", Version: env.Version, Commit: env.Commit}, GeneratedAt: env.Now(),
		Columns: []report.Column{
			{Name: "category", Title: "CATEGORY", Least: 12}, {Name: "credentials", Title: "CREDENTIALS", Right: true}, {Name: "found", Title: "FOUND", Right: true},
			{Name: "false", Title: "FALSE", Right: true}, {Name: "unlabelled", Title: "UNLABELLED", Right: true},
			{Name: "precision", Title: "PRECISION", Right: true}, {Name: "recall", Title: "RECALL", Right: true}, {Name: "f1", Title: "F1", Right: true},
		},
	}
	line := func(name string, s labelled.Score) {
		row := report.Row{Cells: []report.Cell{{Text: name}}}
		for _, n := range []int{s.Credentials, s.Found, s.False, s.Unlabelled} {
			row.Cells = append(row.Cells, report.Cell{Text: strconv.Itoa(n), Value: n})
		}
		for _, x := range []float64{s.Precision(), s.Recall(), s.F1()} {
			row.Cells = append(row.Cells, report.Cell{Text: fmt.Sprintf("%.3f", x), Value: x})
		}
		t.Rows = append(t.Rows, row)
	}
	line("all", result.Overall)
	for _, c := range result.Categories {
		line(c.Name, c.Score)
	}
	s := result.Overall
	t.Verdict = fmt.Sprintf("%d of %s found, %s wrongly called one: precision %.3f, recall %.3f, F1 %.3f",
		s.Found, counted(s.Credentials, "credential", "credentials"), counted(s.False, "value", "values"), s.Precision(), s.Recall(), s.F1())
	return t
}

// mistakes lists what was got wrong, the surest first.
func (o *evalOptions) mistakes(result *labelled.Result) (notices []finding.Notice) {
	list := func(kind string, all []labelled.Mistake, say func(*labelled.Mistake) string) {
		for i := range all[:min(o.worst, len(all))] {
			m := &all[i]
			notices = append(notices, finding.Notice{Kind: kind, Where: fmt.Sprintf("record %d", m.Row.Number), Text: say(m) + o.shown(m)})
		}
	}
	list("false", result.False, func(m *labelled.Mistake) string {
		return fmt.Sprintf("%s, %s confidence: no credential (%s, %s)", m.Hit.Rule, finding.Confidence(m.Hit.Score), m.Row.Category, m.Row.Ext)
	})
	list("missed", result.Missed, func(m *labelled.Mistake) string {
		return fmt.Sprintf("not found (%s, %s)", m.Row.Category, m.Row.Ext)
	})
	return notices
}

// evalAround is how much of a line is shown on either side of a value, in bytes.
const evalAround = 60

// shown returns the value that a mistake is about: masked, or, if the user asked for secrets, with the line around it.
func (o *evalOptions) shown(m *labelled.Mistake) string {
	start, end := m.Row.Start, m.Row.End
	if m.Hit.End > m.Hit.Start {
		start, end = m.Hit.Start, m.Hit.End
	}
	line := m.Row.Line
	if !o.showSecrets {
		return ": " + finding.NewSecret(line[start:end]).Masked()
	}
	return ": " + line[max(0, start-evalAround):min(len(line), end+evalAround)]
}
