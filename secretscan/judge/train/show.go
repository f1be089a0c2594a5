package main

import (
	"bufio"
	"context"
	"fmt"

	"keysweep/secretscan/judge"
	"keysweep/secretscan/labelled"
)

// crossValidate shows how the scanner does on a set: with models that were fitted to other repositories, and with one that was fitted to all.
func crossValidate(ctx context.Context, out *bufio.Writer, s *set, models []*judge.Model, whole *judge.Model, fold func(*labelled.Row) int, mistakes int) error {
	hits := make([][]labelled.Hit, len(s.rows))
	var precision, recall float64
	for k, m := range models {
		part, at := s.part(func(r *labelled.Row) bool { return fold(r) == k })
		found, err := scan(ctx, m, &part)
		if err != nil {
			return err
		}
		score := labelled.Evaluate(part.rows, found).Overall
		precision += score.Precision() / foldCount
		recall += score.Recall() / foldCount
		for i, h := range found {
			hits[at[i]] = h
		}
	}
	trained, err := scan(ctx, whole, s)
	if err != nil {
		return err
	}
	crossed, fitted := labelled.Evaluate(s.rows, hits), labelled.Evaluate(s.rows, trained)
	fmt.Fprintf(out, "%s\nmean of %d folds: precision %.3f, recall %.3f\n\n", s.path, foldCount, precision, recall)
	table(out, &crossed, &fitted)
	l := lister{out: out, set: s, model: func(r *labelled.Row) *judge.Model { return models[fold(r)] }}
	l.list("false", crossed.False, mistakes)
	l.list("missed", crossed.Missed, mistakes)
	return nil
}

// part returns the rows that are to be taken, and where each was.
func (s *set) part(take func(*labelled.Row) bool) (part set, at []int) {
	for i := range s.rows {
		if take(&s.rows[i]) {
			part.rows = append(part.rows, s.rows[i])
			at = append(at, i)
		}
	}
	return part, at
}

// table shows the scores of each category, of cross-validation and, beside them, of the training itself.
func table(out *bufio.Writer, crossed, fitted *labelled.Result) {
	fmt.Fprintln(out, "| category | credentials | found | false | unlabelled | precision | recall | F1 | trained on: precision | recall |")
	fmt.Fprintln(out, "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
	line := func(name string, a, b labelled.Score) {
		fmt.Fprintf(out, "| %s | %d | %d | %d | %d | %.3f | %.3f | %.3f | %.3f | %.3f |\n", name, a.Credentials, a.Found, a.False, a.Unlabelled,
			a.Precision(), a.Recall(), a.F1(), b.Precision(), b.Recall())
	}
	line("**all**", crossed.Overall, fitted.Overall)
	for i, c := range crossed.Categories {
		line(c.Name, c.Score, fitted.Categories[i].Score)
	}
	fmt.Fprintln(out)
}

// showThresholds shows what precision and recall claims alone would have at different thresholds.
func showThresholds(out *bufio.Writer, s *set, models []*judge.Model, fold func(*labelled.Row) int) {
	fmt.Fprintf(out, "%s, claims alone\n| threshold | precision | recall | unlabelled |\n|---:|---:|---:|---:|\n", s.path)
	for least := -1.0; least <= 3; least += 0.25 {
		hits := claimHits(s, func(r *labelled.Row) *judge.Model { return models[fold(r)] }, least)
		score := labelled.Evaluate(s.rows, hits).Overall
		fmt.Fprintf(out, "| %.2f | %.3f | %.3f | %d |\n", least, score.Precision(), score.Recall(), score.Unlabelled)
	}
	fmt.Fprintln(out)
}

// claimHits returns the claims of all rows that have at least a score.
func claimHits(s *set, model func(*labelled.Row) *judge.Model, least float64) [][]labelled.Hit {
	hits := make([][]labelled.Hit, len(s.rows))
	for _, x := range s.examples {
		if score := model(x.row).Score(x.claim.Lane, x.features()); score >= least {
			hits[x.index] = append(hits[x.index], labelled.Hit{Start: x.claim.Start, End: x.claim.End, Rule: x.claim.Lane.String(), Score: score})
		}
	}
	return hits
}
