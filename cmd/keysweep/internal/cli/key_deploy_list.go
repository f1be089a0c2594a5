package cli

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"time"

	"keysweep/finding"
	"keysweep/internal/openssh"
	"keysweep/keys/authorized"
	"keysweep/keys/deploy"
	"keysweep/report"
)

// runDeployList prints the keys that accounts let in.
func runDeployList(ctx context.Context, env *Env, o *deployOptions, args []string) error {
	if !slices.Contains(report.TableFormats(), o.format) {
		return usagef("one of: text, json, csv", "--format: there is no format %q", o.format)
	}
	targets, err := parseTargets(args)
	if err != nil {
		return err
	}
	via, err := o.host.viaKey(ctx, env)
	if err != nil {
		return err
	}
	type listing struct {
		data []byte
		err  error
	}
	all := make([]listing, len(targets))
	err = eachHost(ctx, &o.host, targets, func(ctx context.Context, target openssh.Target) (l listing) {
		l.data, l.err = deploy.Read(ctx, &remote{tools: o.host.tools(env), target: target, via: via})
		return l
	}, func(i int, l listing) error { all[i] = l; return nil })
	if err != nil {
		return err
	}
	table := authorizedTable(env)
	for i, target := range targets {
		if err := all[i].err; err != nil {
			table.Problems = append(table.Problems, finding.Problem{Where: target.String(), Op: "read authorized_keys", Err: err.Error(), Hint: hintOf(err)})
			continue
		}
		for _, l := range authorized.Parse(all[i].data) {
			if l.Kind == authorized.Entry || l.Kind == authorized.Unknown {
				table.Rows = append(table.Rows, authorizedRow(target, l, env.Now()))
			}
		}
	}
	err = writeAll(env.Stdout, func(w *bytes.Buffer) error {
		return report.WriteTable(w, o.format, table, report.Options{Width: env.Width})
	})
	if err == nil && len(table.Problems) > 0 {
		err = verdict(exitIncomplete)
	}
	return err
}

func authorizedTable(env *Env) *report.Table {
	return &report.Table{
		Schema:      "keysweep.authorized-keys/v1",
		Tool:        finding.Tool{Name: "keysweep", Version: env.Version, Commit: env.Commit},
		GeneratedAt: env.Now(),
		Coverage:    finding.Coverage{Source: "authorized_keys of other machines"},
		Columns: []report.Column{
			{Name: "target", Title: "account"}, {Name: "line", Title: "line", Right: true}, {Name: "type", Title: "type"},
			{Name: "bits"}, {Name: "fingerprint", Title: "fingerprint"}, {Name: "state", Title: "state"},
			{Name: "options", Title: "options", Least: 12}, {Name: "comment", Title: "comment", Least: 8},
		},
		Empty: "no keys",
	}
}

func authorizedRow(target openssh.Target, l authorized.Line, now time.Time) report.Row {
	state, mark := "usable", report.Good
	switch at, expires := l.Options.Expiry(time.UTC); {
	case l.Kind == authorized.Unknown:
		state, mark = "not a key", report.Notable
	case l.Err != nil:
		state, mark = "refused: "+l.Err.Error(), report.Notable
	case expires && !now.Before(at):
		state, mark = "expired", report.Dull
	}
	fingerprint := ""
	if l.Kind == authorized.Entry {
		fingerprint = l.Public.SHA256()
	}
	return report.Row{Cells: []report.Cell{
		{Text: target.String()}, {Text: strconv.Itoa(l.Number), Value: l.Number}, {Text: l.Public.Type},
		{Text: strconv.Itoa(l.Public.Bits), Value: l.Public.Bits}, {Text: fingerprint}, {Text: state, State: mark},
		{Text: l.OptionsText}, {Text: l.Comment},
	}}
}
