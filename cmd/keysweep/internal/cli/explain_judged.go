package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"unicode/utf8"

	"keysweep/secretscan/judge"
)

// judgedShown is how many features are shown: those that decide are rarely more.
const judgedShown = 8

// explainJudged says which features decided that the value of a finding is a credential, if it was judged by what stands beside it and still
// stands where the report says.
func explainJudged(w *bytes.Buffer, env *Env, item *reportItem) {
	for i := range item.Places {
		p := &item.Places[i]
		if p.Start == nil || p.End == nil || p.Commit != nil {
			continue
		}
		text, err := linesFrom(absolute(env, p.Path), p.Start.Line)
		if err != nil {
			continue
		}
		from, to := columnAt(text, 1, p.Start.Column), columnAt(text, p.End.Line-p.Start.Line+1, p.End.Column)
		claims := judge.Claims(text)
		at := slices.IndexFunc(claims, func(c judge.Claim) bool { return c.Start >= from && c.End <= to })
		if at < 0 {
			continue
		}
		c := &claims[at]
		features, model := judge.FeaturesOf(c, judge.KindOf(p.Path)), judge.Default()
		fmt.Fprintf(w, "judged:     %+.2f in all; %+.2f is medium confidence, %+.2f high\n", model.Score(c.Lane, features), judge.MediumScore, judge.HighScore)
		reasons := model.Reasons(c.Lane, features)
		for _, r := range reasons[:min(judgedShown, len(reasons))] {
			fmt.Fprintf(w, "            %+.1f  %s\n", r.Weight, r.Feature)
		}
		return
	}
}

// linesMost is how much of a file is read from the first of the lines on: as much as the judge may look at.
const linesMost = 16 << 10

// linesFrom returns the start of what a file holds from a line on, counted from 1.
func linesFrom(name string, line int) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, reportMost))
	for n := 1; n < line && err == nil; n++ {
		_, data, _ = bytes.Cut(data, []byte("\n"))
	}
	return data[:min(len(data), linesMost)], err
}

// columnAt returns the offset of a position in a text, whose line and column are counted from 1; the end of the text if it is beyond.
func columnAt(text []byte, line, column int) (at int) {
	for n := 1; n < line; n++ {
		next := bytes.IndexByte(text[at:], '\n')
		if next < 0 {
			return len(text)
		}
		at += next + 1
	}
	for n := 1; n < column && at < len(text); n++ {
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return at
}
