// Command train fits the weights of package judge to labelled lines and shows how well they do on repositories that they were not fitted to.
package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"sort"
	"strings"

	"keysweep/secretscan/judge"
)

type example struct {
	row   int
	lane  judge.Lane
	feats *judge.Features
	on    []int
	label float64
	fold  int
	claim judge.Claim
	score float64
	w     float64
}

func main() {
	verbose := flag.String("v", "", "list the worst: fp, fn or other")
	unl := flag.Float64("u", 0.3, "weight of values that no label speaks of")
	l2 := flag.Float64("l2", 6, "how strongly weights are kept small")
	write := flag.String("write", "", "file to write the weights to")
	flag.Parse()
	if err := run(flag.Args(), *unl, *l2, *verbose, *write); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(paths []string, unl, l2 float64, verbose, write string) error {
	var sets [][]row
	for _, p := range paths {
		rows, err := readRows(p)
		if err != nil {
			return err
		}
		sets = append(sets, rows)
	}
	repoFold := folds(sets[0], 5)
	exs := make([][]*example, len(sets))
	var all []*example
	for i, rows := range sets {
		exs[i] = examples(rows, repoFold, unl)
		all = append(all, exs[i]...)
	}
	for fold := range 5 {
		m := train(all, func(x *example) bool { return x.fold != fold }, l2)
		for _, x := range all {
			if x.fold == fold {
				x.score = m.Score(x.lane, x.feats)
			}
		}
	}
	for i, rows := range sets {
		fmt.Println(paths[i])
		for _, th := range []float64{-1, -0.5, 0, 0.25, 0.35, 0.5, 0.75, 1, 1.5, 2, 2.5, 3} {
			report(rows, exs[i], th, repoFold)
		}
	}
	if verbose != "" {
		last := len(sets) - 1
		show(sets[last], exs[last], verbose)
	}
	if write == "" {
		return nil
	}
	m := train(all, func(*example) bool { return true }, l2)
	return os.WriteFile(write, source(m, paths), 0o644)
}

func folds(rows []row, k int) map[string]int {
	count := map[string]int{}
	for i := range rows {
		count[rows[i].repo]++
	}
	var names []string
	for n := range count {
		names = append(names, n)
	}
	sort.Slice(names, func(i, j int) bool {
		return count[names[i]] > count[names[j]] || count[names[i]] == count[names[j]] && names[i] < names[j]
	})
	size := make([]int, k)
	out := map[string]int{}
	for _, n := range names {
		b := 0
		for i := range size {
			if size[i] < size[b] {
				b = i
			}
		}
		out[n] = b
		size[b] += count[n]
	}
	return out
}

func examples(rows []row, fold map[string]int, unl float64) []*example {
	var out []*example
	for i := range rows {
		r := &rows[i]
		if !r.core() {
			continue
		}
		kind := judge.KindOf("x" + r.ext)
		for _, c := range judge.Claims([]byte(r.line)) {
			hit := r.hits(c.Start, c.End)
			e := &example{row: i, lane: c.Lane, feats: judge.FeaturesOf(&c, kind), fold: fold[r.repo], claim: c, w: 1}
			switch {
			case r.truth == "T" && hit:
				e.label = 1
			case r.truth == "F" && (hit || r.from < 0):
			case r.truth == "X" && hit:
				e.w = 0
			default:
				e.w = unl
			}
			for j, on := range e.feats {
				if on {
					e.on = append(e.on, j)
				}
			}
			out = append(out, e)
		}
	}
	return out
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// train fits the weights by coordinate-wise adaptive gradient descent on the logistic loss.
func train(all []*example, take func(*example) bool, l2 float64) *judge.Model {
	var xs []*example
	for _, x := range all {
		if x.w > 0 && take(x) {
			xs = append(xs, x)
		}
	}
	n := judge.FeatureCount
	size := n * (1 + judge.LaneCount)
	w, g2 := make([]float64, size), make([]float64, size)
	for epoch := 0; epoch < 300; epoch++ {
		grad := make([]float64, size)
		for _, x := range xs {
			z := 0.0
			for _, j := range x.on {
				z += w[j] + w[n*(1+int(x.lane))+j]
			}
			d := (sigmoid(z) - x.label) * x.w
			for _, j := range x.on {
				grad[j] += d
				grad[n*(1+int(x.lane))+j] += d
			}
		}
		for j := range w {
			reg := l2
			if j >= n {
				reg = 3 * l2
			}
			g := grad[j] + reg*w[j]
			g2[j] = 0.95*g2[j] + 0.05*g*g
			w[j] -= 0.05 * g / (math.Sqrt(g2[j]) + 1e-6) * (1 - float64(epoch)/300)
		}
	}
	m := &judge.Model{}
	for j := range n {
		m.Shared[j] = float32(w[j])
		for l := range judge.LaneCount {
			m.Lanes[l][j] = float32(w[n*(1+l)+j])
		}
	}
	return m
}

func report(rows []row, exs []*example, th float64, fold map[string]int) {
	var tp, fp, n [5]int
	hit := map[int]bool{}
	for _, x := range exs {
		if x.score >= th && rows[x.row].hits(x.claim.Start, x.claim.End) {
			hit[x.row] = true
		}
	}
	extra := 0
	for _, x := range exs {
		if x.score >= th && !rows[x.row].hits(x.claim.Start, x.claim.End) && rows[x.row].truth != "X" {
			extra++
		}
	}
	for i := range rows {
		r := &rows[i]
		if !r.core() {
			continue
		}
		f := fold[r.repo]
		switch {
		case r.truth == "T":
			n[f]++
			if hit[i] {
				tp[f]++
			}
		case r.truth == "F" && hit[i]:
			fp[f]++
		}
	}
	P, R, TP, FP, N := 0.0, 0.0, 0, 0, 0
	for f := range 5 {
		P += float64(tp[f]) / float64(max(1, tp[f]+fp[f])) / 5
		R += float64(tp[f]) / float64(max(1, n[f])) / 5
		TP, FP, N = TP+tp[f], FP+fp[f], N+n[f]
	}
	fmt.Printf("th %5.2f  mean P %.3f R %.3f   pooled P %.3f R %.3f  tp %d fp %d other %d\n", th, P, R, float64(TP)/float64(TP+FP), float64(TP)/float64(N), TP, FP, extra)
}

func show(rows []row, exs []*example, what string) {
	sorted := slices.Clone(exs)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].score > sorted[j].score })
	seen := map[string]bool{}
	for _, x := range sorted {
		r := &rows[x.row]
		hit := r.hits(x.claim.Start, x.claim.End)
		bad := what == "fp" && r.truth == "F" && hit && x.score > 0 || what == "fn" && r.truth == "T" && hit && x.score < 1 || what == "other" && x.score > 0 && !hit && r.truth != "X"
		if bad {
			k := fmt.Sprintf("%.2f %s %s | %s | key=%.40q value=%.60q", x.score, r.category, r.ext, strings.TrimSpace(cut(r.line, 150)), x.claim.Key, x.claim.Value)
			if !seen[k] {
				fmt.Fprintln(os.Stdout, k)
			}
			seen[k] = true
		}
	}
}

func cut(s string, n int) string { return s[:min(n, len(s))] }
