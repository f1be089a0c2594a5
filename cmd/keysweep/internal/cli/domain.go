package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/domain"
	"keysweep/finding"
	"keysweep/report"
)

// domainOptions are the flags of domain check.
type domainOptions struct {
	output   tableOptions
	official []string
	targets  []string
}

func newDomainCommand(env *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "domain",
		Short: "Tell official domains from those that only look like one",
		Example: `  keysweep domain check https://spheron.network/login
  keysweep domain check docs/links.md`,
	}
	c.AddCommand(newDomainCheckCommand(env))
	return c
}

func newDomainCheckCommand(env *Env) *cobra.Command {
	o := &domainOptions{}
	c := &cobra.Command{
		Use:   "check URL|FILE|-...",
		Short: "Check a URL or host, or all addresses in a file, against the official domains",
		Long: "Official domains are those of the policy ([domains] official in policy.toml, keysweep policy show), and of --official. An address is\n" +
			"a look-alike if its letters look like theirs, a letter or two is wrong, their name stands in front of another domain, has another\n" +
			"ending or other words around it, or if it hides where it leads: a login name, percent signs, backslashes, a number. No name server is asked.\n\n" +
			"The exit code is 0 if all are official, 1 if one is a look-alike. An address that is neither is unknown: nothing is said for or against\n" +
			"it, and the exit code is 3 if it was named itself; in a file it is fine. Of an empty file or input nothing is known: 3, too.",
		Example: `  keysweep domain check https://spheron.network/login
  keysweep domain check --official example.org https://examp1e.org
  keysweep domain check README.md            every address in it; -v lists the others, too
  keysweep domain check - < mail.eml`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o.targets = args
			return runDomainCheck(c.Context(), env, o)
		},
	}
	c.Flags().StringArrayVar(&o.official, "official", nil, "an official `DOMAIN` besides those of the policy (repeatable)")
	o.output.addFlags(c.Flags())
	c.Flags().Lookup("verbose").Usage = "addresses of files that are official or unknown, too"
	return c
}

// domainCheck is a check on its way.
type domainCheck struct {
	env      *Env
	opts     *domainOptions
	official []string
	table    *report.Table
	counts   map[domain.Verdict]int
	unknown  int // that were named themselves
}

func runDomainCheck(ctx context.Context, env *Env, o *domainOptions) error {
	if err := o.output.validate(); err != nil {
		return err
	}
	settings, err := readAuditPolicy(env)
	if err != nil {
		return err
	}
	d := &domainCheck{env: env, opts: o, official: settings.audit.domains, counts: map[domain.Verdict]int{}}
	for _, name := range o.official {
		official, err := domain.Official(name)
		if err != nil {
			return usagef("for example: --official example.org", "--official: %w", err)
		}
		d.official = append(d.official, official)
	}
	d.table = &report.Table{
		Schema: "keysweep.domain-check/v1", Tool: finding.Tool{Name: "keysweep", Version: env.Version, Commit: env.Commit}, GeneratedAt: env.Now(),
		Empty: "no address looks like an official domain",
		Columns: []report.Column{{Name: "verdict", Title: "VERDICT"}, {Name: "address", Title: "ADDRESS", Least: 20}, {Name: "place", Title: "PLACE"},
			{Name: "host"}, {Name: "official"}, {Name: "reasons"}},
	}
	for _, target := range o.targets {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := d.target(target); err != nil {
			return err
		}
	}
	return d.end()
}

// target judges what one argument names: a file if there is one, or else an address. What can only be meant as a file must be one.
func (d *domainCheck) target(target string) error {
	if target == "-" {
		return d.text("standard input", d.env.Stdin)
	}
	bare := !strings.Contains(target, "://")
	if bare {
		path := absolute(d.env, target)
		info, err := os.Stat(path)
		switch {
		case err == nil && info.Mode().IsRegular():
			return d.file(target, path)
		case err == nil && onlyFile(target):
			return usagef("name files, or give them at standard input: keysweep domain check -", "%s is no file", target)
		case errors.Is(err, fs.ErrPermission):
			return fmt.Errorf("read addresses: %w", err)
		case onlyFile(target):
			return usagef("check the name; an address has a dot in its host: keysweep domain check https://example.org", "there is no file %s, and it is no address", target)
		}
	}
	r, err := domain.Check(target, d.official)
	if err != nil {
		return usagef("a URL, a host or a file: keysweep domain check https://example.org", "%q is no address: %w", target, err)
	}
	if r.Verdict == domain.Unknown {
		d.unknown++
		if bare && endsWith(target, "md sh py pl rs ps zip mov app java cc") {
			r.Reasons = append(r.Reasons, "there is no file of that name: it was taken for the name of a host")
		}
	}
	d.add(r, "")
	return nil
}

func (d *domainCheck) file(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read addresses: %w", err)
	}
	defer func() { _ = f.Close() }()
	return d.text(name, f)
}

// onlyFile reports whether a word without :// can only be meant as a file: it begins as paths do, the first of its parts is no host, or it ends
// as files do and hosts do not. What ends like both, "notes.md", is a host if there is no such file.
func onlyFile(word string) bool {
	if strings.HasPrefix(word, "//") {
		return false // an address without its scheme
	}
	first, _, _ := strings.Cut(word, "/")
	if first == "" || first == "." || first == ".." || first == "~" {
		return true
	}
	if !strings.ContainsAny(first, ".:@\\%\u3002\uff0e\uff61") { // what browsers take for a dot, or for something in front of a host
		return true
	}
	return first == word && endsWith(word, "txt text html htm json jsonl yaml yml toml csv log eml mbox pdf xml conf cfg ini rst doc docx odt")
}

// endsWith reports whether the ending of a word is among some, which are separated by blanks.
func endsWith(word, endings string) bool {
	return slices.Contains(strings.Fields(endings), strings.ToLower(strings.TrimPrefix(filepath.Ext(word), ".")))
}

// maxDomainText is how much of a file is looked at, in bytes.
const maxDomainText = 64 << 20

func (d *domainCheck) text(name string, from io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(from, maxDomainText+1))
	if err != nil {
		return fmt.Errorf("read addresses: %s: %w", name, err)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		d.table.Problems = append(d.table.Problems, finding.Problem{Where: name, Op: "read addresses", Err: "it is empty: nothing was checked", Hint: "see whether what should have written it failed"})
	}
	places, cut := domain.CheckText(data[:min(len(data), maxDomainText)], d.official)
	if cut || len(data) > maxDomainText {
		d.table.Problems = append(d.table.Problems, finding.Problem{Where: name, Op: "read addresses", Err: "it holds more than is looked at", Hint: "split it"})
	}
	for _, p := range places {
		if p.Verdict == domain.LookAlike || d.opts.output.verbose || d.opts.output.format != "text" {
			d.add(p.Result, fmt.Sprintf("%s:%d:%d", name, p.Line, p.Column))
		} else {
			d.counts[p.Verdict]++
		}
	}
	return nil
}

func (d *domainCheck) add(r domain.Result, place string) {
	d.counts[r.Verdict]++
	color := map[domain.Verdict]report.State{domain.IsOfficial: report.Good, domain.LookAlike: report.Bad}[r.Verdict]
	words := r.Reasons
	if r.Verdict == domain.Unknown && place == "" {
		words = append([]string{"it is no official domain, and looks like none: nothing is said for or against it"}, words...)
	}
	row := report.Row{Cells: []report.Cell{{Text: string(r.Verdict), State: color}, {Text: r.Address}, {Text: place}, {Text: r.Host}, {Text: r.Official},
		{Text: strings.Join(r.Reasons, "; "), Value: append([]string{}, r.Reasons...)}}}
	for _, text := range words {
		row.Details = append(row.Details, report.Detail{Text: text, Always: true})
	}
	d.table.Rows = append(d.table.Rows, row)
}

// end writes what was found, and says how it ended.
func (d *domainCheck) end() error {
	if len(d.official) == 0 {
		return usagef(`[domains] official = ["example.org"] in policy.toml, or --official example.org`, "no domain is known to be official")
	}
	alike := d.counts[domain.LookAlike]
	if alike+d.counts[domain.IsOfficial]+d.counts[domain.Unknown] == 0 {
		d.table.Empty = "there is no address in it"
	}
	if len(d.table.Problems) > 0 {
		d.table.Empty = ""
	}
	d.table.Verdict = fmt.Sprintf("%s, %d official, %d unknown", counted(alike, "look-alike", "look-alikes"), d.counts[domain.IsOfficial], d.counts[domain.Unknown])
	d.table.Good = alike == 0 && d.unknown == 0 && len(d.table.Problems) == 0
	if err := d.opts.output.write(d.env, d.table); err != nil {
		return err
	}
	switch {
	case len(d.table.Problems) > 0 || d.unknown > 0 && alike == 0:
		return verdict(exitIncomplete)
	case alike > 0:
		return verdict(exitFindings)
	}
	return nil
}
