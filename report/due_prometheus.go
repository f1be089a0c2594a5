package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// gauge is one metric: what it says, and its value for an item. The value is left out where ok is false.
type gauge struct {
	name, help string
	value      func(it *DueItem) (float64, bool)
}

func timeGauge(name, help string, of func(it *DueItem) time.Time) gauge {
	return gauge{name, help, func(it *DueItem) (float64, bool) {
		at := of(it)
		return float64(at.Unix()), !at.IsZero()
	}}
}

// writePrometheus writes the text exposition format, version 0.0.4, for node_exporter's textfile collector. Times are exported
// and not ages, so that the figures stay true between two runs; that the job itself no longer runs is seen from the last line.
func writePrometheus(w io.Writer, d *Due, _ Options) error {
	var b strings.Builder
	all := distinctSeries(d.Items)
	for _, g := range []gauge{
		timeGauge("keysweep_credential_created_timestamp_seconds", "When the key or credential was made, or the oldest evidence of it.", func(it *DueItem) time.Time { return it.Created }),
		timeGauge("keysweep_credential_due_timestamp_seconds", "When it is due for replacement.", func(it *DueItem) time.Time { return it.Due }),
		timeGauge("keysweep_credential_expires_timestamp_seconds", "When its provider or its certificate ends it.", func(it *DueItem) time.Time { return it.Expires }),
		{"keysweep_credential_state", "1 for the state that it is in.", func(*DueItem) (float64, bool) { return 1, true }},
	} {
		g.write(&b, all)
	}
	for _, total := range []struct {
		name, help string
		value      int64
	}{
		{"keysweep_credentials", "How many keys, certificates and credentials were judged.", int64(len(d.Items))},
		{"keysweep_credentials_due", "How many of them are due.", int64(d.Count(DueNow))},
		{"keysweep_problems", "How many things could not be looked at.", int64(len(d.Problems))},
		{"keysweep_last_run_timestamp_seconds", "When this was written.", d.GeneratedAt.Unix()},
	} {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n%s %d\n", total.name, total.help, total.name, total.name, total.value)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (g gauge) write(b *strings.Builder, all []series) {
	begun := false
	for _, s := range all {
		value, ok := g.value(s.item)
		if !ok {
			continue
		}
		if !begun {
			fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s gauge\n", g.name, g.help, g.name)
			begun = true
		}
		b.WriteString(g.name + "{")
		b.WriteString(s.labels)
		if g.name == "keysweep_credential_state" {
			b.WriteString(",state=" + labelValue(s.item.State))
		}
		b.WriteString("} " + strconv.FormatFloat(value, 'f', -1, 64) + "\n")
	}
}

// series is an item with what tells its series from all others.
type series struct {
	item   *DueItem
	labels string
}

// labels tell the series of an item from all others.
func (it *DueItem) labels() string {
	id := it.ID
	if id == "" {
		id = it.Fingerprint
	}
	var b strings.Builder
	for _, l := range [...][2]string{{"id", id}, {"kind", it.Kind}, {"name", it.Name}, {"env", it.Env}, {"owner", it.Owner},
		{"service", it.Service}, {"provider", it.Provider}, {"machine", it.Machine}} {
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(l[0] + "=" + labelValue(l[1]))
	}
	return b.String()
}

// distinctSeries leaves out items whose labels another has already, as two certificates of one key may: a series that comes twice
// makes the collector refuse the whole file. The more urgent one comes first, and stays.
func distinctSeries(items []DueItem) []series {
	seen := make(map[string]bool, len(items))
	list := make([]series, 0, len(items))
	for i := range items {
		if labels := items[i].labels(); !seen[labels] {
			seen[labels] = true
			list = append(list, series{&items[i], labels})
		}
	}
	return list
}

// labelValue quotes a label's value: backslash and quotation mark are escaped; what does not print is shown as in a table.
func labelValue(s string) string {
	if isPlain(s) && strings.IndexByte(s, '\\') < 0 && strings.IndexByte(s, '"') < 0 {
		return `"` + s + `"`
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(visible(s)) + `"`
}
