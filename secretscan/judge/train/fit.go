package main

import (
	"cmp"
	"math"
	"slices"

	"keysweep/secretscan/judge"
	"keysweep/secretscan/labelled"
)

// example is a claim in a labelled line.
type example struct {
	row    *labelled.Row
	index  int // of the row
	claim  judge.Claim
	on     []int // the features that hold
	label  float64
	weight float64 // how much it counts
}

// features returns what holds for the claim.
func (x *example) features() *judge.Features {
	f := &judge.Features{}
	for _, j := range x.on {
		f[j] = true
	}
	return f
}

// unlabelled is what a claim counts that no label speaks of: it is probably no credential, or people would have said so.
const unlabelled = 0.3

// examples returns the claims of all rows that are about secrets.
func examples(rows []labelled.Row) []*example {
	var out []*example
	for i := range rows {
		r := &rows[i]
		if !r.Core() {
			continue
		}
		kind := judge.KindOf("x" + r.Ext)
		for _, c := range judge.Claims([]byte(r.Line)) {
			x := &example{row: r, index: i, claim: c, weight: unlabelled}
			switch hit := r.Covers(c.Start, c.End); {
			case hit && r.Truth == labelled.Credential:
				x.label, x.weight = 1, 1
			case hit && r.Truth == labelled.Other:
				x.weight = 1
			case hit:
				x.weight = 0
			}
			for j, on := range judge.FeaturesOf(&c, kind) {
				if on {
					x.on = append(x.on, j)
				}
			}
			out = append(out, x)
		}
	}
	lighten(out)
	return out
}

// lighten has claims that look the same in one repository count less each: a line that was copied thirty times is no thirty observations.
func lighten(all []*example) {
	type look struct {
		repo, key, value string
		label            float64
	}
	count := map[look]float64{}
	lookOf := func(x *example) look { return look{x.row.Repo, x.claim.Key, x.claim.Value, x.label} }
	for _, x := range all {
		count[lookOf(x)]++
	}
	for _, x := range all {
		x.weight /= math.Sqrt(count[lookOf(x)])
	}
}

// Settings of the fit; they were chosen by cross-validation, which hardly tells their halves and doubles apart.
const (
	epochs     = 300
	rate       = 0.05
	shrink     = 6  // how strongly shared weights are kept small
	shrinkLane = 18 // and a lane's own: few claims speak for each
)

// fit fits weights to some of the examples by gradient descent on the logistic loss, with a step of its own for each weight.
func fit(all []*example, take func(*example) bool) *judge.Model {
	var taken []*example
	for _, x := range all {
		if x.weight > 0 && take(x) {
			taken = append(taken, x)
		}
	}
	const n = judge.FeatureCount
	const size = n * (1 + judge.LaneCount)
	var w, grad, square [size]float64
	for epoch := range epochs {
		grad = [size]float64{}
		for _, x := range taken {
			own := w[n*(1+int(x.claim.Lane)):]
			z := 0.0
			for _, j := range x.on {
				z += w[j] + own[j]
			}
			d := (1/(1+math.Exp(-z)) - x.label) * x.weight
			ownGrad := grad[n*(1+int(x.claim.Lane)):]
			for _, j := range x.on {
				grad[j] += d
				ownGrad[j] += d
			}
		}
		for j := range w {
			g := grad[j] + shrink*w[j]
			if j >= n {
				g = grad[j] + shrinkLane*w[j]
			}
			square[j] = 0.95*square[j] + 0.05*g*g
			w[j] -= rate * g / (math.Sqrt(square[j]) + 1e-6) * (1 - float64(epoch)/epochs)
		}
	}
	m := &judge.Model{}
	for j := range n {
		m.Shared[j] = float32(w[j])
		for lane := range m.Lanes {
			m.Lanes[lane][j] = float32(w[n*(1+lane)+j])
		}
	}
	return m
}

// foldCount is into how many parts the repositories are dealt.
const foldCount = 5

// folds deals repositories into folds of about the same number of lines, the largest first, and returns which fold a row is in.
func folds(rows []labelled.Row) func(*labelled.Row) int {
	count := map[string]int{}
	for i := range rows {
		count[rows[i].Repo]++
	}
	var repos []string
	for repo := range count {
		repos = append(repos, repo)
	}
	slices.SortFunc(repos, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	var size [foldCount]int
	fold := map[string]int{}
	for _, repo := range repos {
		least := 0
		for k := range size {
			if size[k] < size[least] {
				least = k
			}
		}
		fold[repo] = least
		size[least] += count[repo]
	}
	return func(r *labelled.Row) int { return fold[r.Repo] }
}
