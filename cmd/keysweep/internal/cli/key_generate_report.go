package cli

import (
	"bytes"
	"fmt"
	"strings"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/report"
)

// report says what was made, on standard output.
func (p *generatePlan) report() error {
	return writeAll(p.env.Stdout, func(w *bytes.Buffer) error {
		if p.opts.format == "json" {
			return report.WriteTable(w, "json", p.table(), report.Options{})
		}
		p.write(w)
		return nil
	})
}

func (p *generatePlan) table() *report.Table {
	t := &report.Table{
		Schema: "keysweep.key-generate/v1", GeneratedAt: p.env.Now(),
		Tool: finding.Tool{Name: "keysweep", Version: p.env.Version, Commit: p.env.Commit},
	}
	row := report.Row{}
	add := func(name string, value any) {
		t.Columns = append(t.Columns, report.Column{Name: name})
		row.Cells = append(row.Cells, report.Cell{Value: value})
	}
	add("path", p.path)
	add("public_key_path", p.path+".pub")
	add("type", p.public.Type)
	add("bits", p.public.Bits)
	add("fingerprint", p.public.SHA256())
	add("comment", p.comment)
	add("public_key", strings.TrimSuffix(string(p.public.Line(p.comment)), "\n"))
	add("protected", !p.opts.noPassphrase)
	add("kdf_rounds", p.rounds())
	add("name", p.name)
	add("recorded", p.recorded)
	add("in_agent", p.agentHas)
	certificate := ""
	if p.certificate != nil {
		certificate = p.certificatePath()
	}
	add("certificate_path", certificate)
	add("ssh_config_host", map[bool]string{true: p.host.Alias}[p.configHas])
	t.Rows = []report.Row{row}
	return t
}

func (p *generatePlan) rounds() int {
	if p.opts.noPassphrase {
		return 0
	}
	return p.opts.rounds
}

func (p *generatePlan) write(w *bytes.Buffer) {
	line := func(name, value string) { fmt.Fprintf(w, "  %-12s %s\n", name, git.Printable(value)) }
	fmt.Fprintf(w, "Made %s\n", git.Printable(p.path))
	line("type", fmt.Sprintf("%s, %d bits", p.opts.kind, p.public.Bits))
	line("fingerprint", p.public.SHA256())
	if p.opts.noPassphrase {
		line("passphrase", "none: "+strings.TrimSpace(p.opts.reason))
	} else {
		line("passphrase", fmt.Sprintf("yes, %d rounds of bcrypt", p.opts.rounds))
	}
	if p.certificate != nil {
		line("certificate", fmt.Sprintf("%s, until %s", p.certificatePath(), p.env.Now().Add(p.validFor).UTC().Format("2006-01-02 15:04 MST")))
	}
	if p.recorded {
		line("ledger", p.name)
	}
	if p.agentHas {
		line("agent", "for "+p.opts.agentLifetime)
	}
	if p.configHas {
		line("ssh", "ssh "+p.host.Alias)
	}
	fmt.Fprintf(w, "\nThe public key, to copy (%s):\n\n%s\n", git.Printable(p.path+".pub"), git.Printable(string(p.public.Line(p.comment))))
	ref := p.name
	if !p.recorded {
		ref = p.path
	}
	target := "USER@HOST"
	if len(p.opts.hosts) > 0 {
		target = shellWord(p.opts.hosts[0])
	}
	fmt.Fprintf(w, "Next:\n  keysweep key deploy %s %s\n  keysweep key backup %[1]s -o DIRECTORY\n", shellWord(ref), git.Printable(target))
}
