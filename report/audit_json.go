package report

import (
	"encoding/csv"
	"io"

	"keysweep/finding"
)

// The types below are the JSON of an audit, version 1: docs/schema/keysweep.audit.v1.schema.json describes every field.

type jsonAudit struct {
	Schema      string        `json:"schema"`
	Kind        string        `json:"kind"`
	Tool        jsonTool      `json:"tool"`
	GeneratedAt string        `json:"generated_at"`
	AsOf        string        `json:"as_of"`
	Target      string        `json:"target"`
	Profile     string        `json:"profile"`
	Errors      []jsonError   `json:"errors"`
	Items       []jsonResult  `json:"items"`
	Notices     []jsonNotice  `json:"notices"`
	Programs    []jsonProgram `json:"programs"`
	Summary     jsonAudited   `json:"summary"`
}

type jsonResult struct {
	Check      string      `json:"check"`
	Area       string      `json:"area"`
	Subject    string      `json:"subject"`
	State      string      `json:"state"`
	Severity   string      `json:"severity"`
	Confidence string      `json:"confidence"`
	Title      string      `json:"title"`
	Found      string      `json:"found"`
	Wanted     string      `json:"wanted"`
	Where      *jsonSpot   `json:"where"`
	Related    []jsonSpot  `json:"related"`
	Why        string      `json:"why"`
	Practices  []jsonCite  `json:"practices"`
	Fix        string      `json:"fix"`
	FixBy      string      `json:"fix_by"`
	Cause      string      `json:"cause"`
	Hint       string      `json:"hint"`
	Waiver     *jsonWaiver `json:"waiver"`
}

type jsonSpot struct {
	Path  string        `json:"path"`
	Fact  string        `json:"fact"`
	Start *jsonPosition `json:"start"`
	End   *jsonPosition `json:"end"`
	Text  string        `json:"text"`
	Note  string        `json:"note"`
}

type jsonCite struct {
	Guide string `json:"guide"`
	Line  int    `json:"line"`
	Text  string `json:"text"`
}

type jsonWaiver struct {
	Reason string `json:"reason"`
	Until  string `json:"until"`
	Where  string `json:"where"`
}

type jsonProgram struct {
	Command        string  `json:"command"`
	Exit           int     `json:"exit"`
	CPUSeconds     float64 `json:"cpu_seconds"`
	ElapsedSeconds float64 `json:"elapsed_seconds"`
}

type jsonAudited struct {
	Verdict    string         `json:"verdict"`
	ByState    map[string]int `json:"by_state"`
	BySeverity map[string]int `json:"by_severity"`
	Errors     int            `json:"errors"`
}

// writeAuditJSON writes the whole audit as one object.
func writeAuditJSON(w io.Writer, v *auditView) error {
	return encode(w, "  ", jsonAudit{
		Schema: v.Audit.Schema, Kind: v.kind(), Tool: v.jsonTool(), GeneratedAt: timestamp(v.Audit.GeneratedAt), AsOf: timestamp(v.AsOf),
		Target: v.text(v.Target), Profile: v.text(v.Profile),
		Errors:   each(v.Audit.Problems, v.jsonError),
		Items:    each(v.Results, v.jsonResult),
		Notices:  each(v.Audit.Notices, v.jsonNotice),
		Programs: each(v.Programs, v.jsonProgram),
		Summary:  v.jsonAudited(),
	})
}

func (v *auditView) jsonResult(r finding.Result) jsonResult {
	out := jsonResult{
		Check: v.text(r.Check), Area: v.text(r.Area), Subject: v.text(r.Subject), State: string(r.State),
		Severity: r.Severity.String(), Confidence: r.Confidence.String(), Title: v.text(r.Title),
		Found: v.text(r.Found), Wanted: v.text(r.Wanted), Related: each(r.Related, v.jsonSpot), Why: v.text(r.Why),
		Practices: each(r.Seeds, func(c finding.Cite) jsonCite { return jsonCite{c.Seed, c.Line, v.text(c.Text)} }),
		Fix:       v.text(r.Fix), FixBy: string(r.FixBy), Cause: v.text(r.Cause), Hint: v.text(r.Hint),
	}
	if r.Where.Path != "" || r.Where.Fact != "" {
		where := v.jsonSpot(r.Where)
		out.Where = &where
	}
	if w := r.Waiver; w != nil {
		out.Waiver = &jsonWaiver{v.text(w.Reason), day(w.Until), v.text(w.Where)}
	}
	return out
}

func (v *auditView) jsonSpot(s finding.Spot) jsonSpot {
	out := jsonSpot{Path: v.text(s.Path), Fact: v.text(s.Fact), Text: v.text(s.Text), Note: v.text(s.Note)}
	if s.Span.Start.Line > 0 {
		out.Start = &jsonPosition{s.Span.Start.Line, s.Span.Start.Column}
	}
	if s.Span.End.Line > 0 {
		out.End = &jsonPosition{s.Span.End.Line, s.Span.End.Column}
	}
	return out
}

func (v *auditView) jsonProgram(p finding.Program) jsonProgram {
	return jsonProgram{v.text(p.Command), p.Exit, p.CPU.Seconds(), p.Elapsed.Seconds()}
}

func (v *auditView) jsonAudited() jsonAudited {
	c := CountAudit(v.Audit)
	out := jsonAudited{v.auditVerdict(), map[string]int{}, map[string]int{}, len(v.Audit.Problems)}
	for _, s := range finding.States() {
		out.ByState[string(s)] = c.ByState[s]
	}
	for s, n := range c.BySeverity {
		out.BySeverity[finding.Severity(s).String()] = n
	}
	return out
}

// writeAuditCSV writes RFC 4180 with a header; the first column says what a row is: a result or a problem.
func writeAuditCSV(w io.Writer, v *auditView) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	rows := [][]string{{"record", "check", "area", "subject", "state", "severity", "title", "found", "wanted", "where", "fix", "cause", "practices"}}
	for i := range v.Results {
		r := &v.Results[i]
		rows = append(rows, []string{"result", v.shown(r.Check), v.shown(r.Area), v.shown(r.Subject), string(r.State), r.Severity.String(),
			v.shown(r.Title), v.shown(r.Found), v.shown(r.Wanted), v.spot(r.Where), v.shown(r.Fix), v.cause(r), v.citeList(r)})
	}
	for _, p := range v.Audit.Problems {
		rows = append(rows, []string{"problem", "", "", "", string(finding.Undetermined), "", "could not be looked at", "", "", v.shown(p.Where), v.shown(p.Hint), v.shown(said(p)), ""})
	}
	for _, row := range rows {
		if err := out.Write(each(row, csvCell)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (v *auditView) citeList(r *finding.Result) string {
	out := ""
	for i, c := range r.Seeds {
		if i > 0 {
			out += " "
		}
		out += cite(c)
	}
	return out
}
