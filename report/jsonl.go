package report

import (
	"io"
)

// writeJSONL writes one object a line, each with a "type": a header first, then findings, errors, suppressed places and notices,
// and last the summary, so that a reader knows when it has them all. docs/schema/keysweep.scan.line.v1.schema.json describes
// the lines.
func writeJSONL(w io.Writer, v *view) error {
	lines := []func() any{func() any { return v.jsonHeader() }}
	for i := range v.Findings {
		lines = append(lines, func() any { return jsonFindingLine{"finding", v.jsonItem(v.Findings[i])} })
	}
	for i := range v.Problems {
		lines = append(lines, func() any { return jsonErrorLine{"error", v.jsonError(v.Problems[i])} })
	}
	for i := range v.Suppressed {
		lines = append(lines, func() any { return jsonSuppressedLine{"suppressed", v.jsonSuppressed(v.Suppressed[i])} })
	}
	for i := range v.Notices {
		lines = append(lines, func() any { return jsonNoticeLine{"notice", v.jsonNotice(v.Notices[i])} })
	}
	lines = append(lines, func() any { return jsonSummaryLine{"summary", v.jsonSummary(), v.jsonCoverage()} })
	for _, line := range lines {
		if err := encode(w, "", line()); err != nil {
			return err
		}
	}
	return nil
}

func (v *view) jsonHeader() jsonHeaderLine {
	return jsonHeaderLine{"header", v.Schema, v.kind(), v.jsonTool(), timestamp(v.GeneratedAt), v.text(v.Salt)}
}

type jsonHeaderLine struct {
	Type        string   `json:"type"`
	Schema      string   `json:"schema"`
	Kind        string   `json:"kind"`
	Tool        jsonTool `json:"tool"`
	GeneratedAt string   `json:"generated_at"`
	Salt        string   `json:"salt"`
}

type jsonFindingLine struct {
	Type string `json:"type"`
	jsonItem
}

type jsonErrorLine struct {
	Type string `json:"type"`
	jsonError
}

type jsonSuppressedLine struct {
	Type string `json:"type"`
	jsonSuppressed
}

type jsonNoticeLine struct {
	Type string `json:"type"`
	jsonNotice
}

type jsonSummaryLine struct {
	Type string `json:"type"`
	jsonSummary
	Coverage jsonCoverage `json:"coverage"`
}
