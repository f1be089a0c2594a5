package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"

	"keysweep/finding"
)

// jsonTable is the envelope of every table, version 1.
type jsonTable struct {
	Schema      string         `json:"schema"`
	Kind        string         `json:"kind"`
	Tool        jsonTool       `json:"tool"`
	GeneratedAt string         `json:"generated_at"`
	AsOf        string         `json:"as_of,omitempty"`
	Sources     *[]jsonSource  `json:"sources,omitempty"`
	Coverage    jsonCoverage   `json:"coverage"`
	Errors      []jsonError    `json:"errors"`
	Items       jsonRows       `json:"items"`
	Notices     []jsonNotice   `json:"notices"`
	Phase       string         `json:"phase,omitempty"`
	Counts      map[string]int `json:"counts,omitempty"`
}

type jsonSource struct {
	Kind    string `json:"kind"`
	Where   string `json:"where"`
	Machine string `json:"machine"`
	At      string `json:"at"`
}

// sources is nil where nothing is said of them: the field is then left out.
func (v *view) sources(list []Source) *[]jsonSource {
	if list == nil {
		return nil
	}
	out := each(list, func(s Source) jsonSource {
		return jsonSource{s.Kind, v.text(s.Where), v.text(s.Machine), timestamp(s.At)}
	})
	return &out
}

// jsonRows are the rows as objects whose fields stand in the order of the columns.
type jsonRows struct{ t *Table }

// MarshalJSON writes the list. One encoder serves for all cells: there may be hundreds of thousands.
func (r jsonRows) MarshalJSON() ([]byte, error) {
	names := make([][]byte, len(r.t.Columns)) // `,"name":`
	for i, c := range r.t.Columns {
		name, err := json.Marshal(c.Name)
		if err != nil {
			return nil, err
		}
		names[i] = append(append([]byte{','}, name...), ':')
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	b.WriteByte('[')
	for n, row := range r.t.Rows {
		if n > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('{')
		for i, name := range names {
			if i == 0 {
				name = name[1:]
			}
			b.Write(name)
			if err := e.Encode(row.Cells[i].json()); err != nil {
				return nil, err
			}
		}
		b.WriteByte('}')
	}
	b.WriteByte(']')
	return b.Bytes(), nil
}

// json is the value that stands in JSON.
func (c *Cell) json() any {
	if c.Value == nil {
		return c.Text
	}
	return c.Value
}

// writeTableJSON writes the envelope as one object. Bytes that are not UTF-8 are replaced.
func writeTableJSON(w io.Writer, t *Table) error {
	v := newView(&finding.Report{Schema: t.Schema, Tool: t.Tool, Coverage: t.Coverage}, Options{})
	return encode(w, "  ", jsonTable{
		Schema: t.Schema, Kind: v.kind(), Tool: v.jsonTool(), GeneratedAt: timestamp(t.GeneratedAt), AsOf: timestamp(t.AsOf),
		Sources:  v.sources(t.Sources),
		Coverage: v.jsonCoverage(),
		Errors:   each(t.Problems, v.jsonError),
		Items:    jsonRows{t},
		Notices:  each(t.Notices, v.jsonNotice),
		Phase:    t.Phase,
		Counts:   t.Counts,
	})
}

// writeTableCSV writes RFC 4180 with a header. The first column says what a row is: item or problem; what went wrong with a
// problem stands in the last column.
func writeTableCSV(w io.Writer, t *Table) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	header := []string{"record"}
	for _, c := range t.Columns {
		header = append(header, c.Name)
	}
	rows := [][]string{append(header, "note")}
	for _, r := range t.Rows {
		row := []string{"item"}
		for _, c := range r.Cells {
			row = append(row, visible(c.Text))
		}
		rows = append(rows, append(row, ""))
	}
	for _, p := range t.Problems {
		row := make([]string, len(t.Columns)+2)
		row[0], row[1], row[len(row)-1] = "problem", visible(p.Where), visible(said(p))
		rows = append(rows, row)
	}
	for _, row := range rows {
		if err := out.Write(each(row, csvCell)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
