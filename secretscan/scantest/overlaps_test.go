package scantest

import (
	"math/rand/v2"
	"testing"

	"keysweep/secretscan/rules"
)

// overlaps are pairs of rules of different providers of which the second may claim the first's examples, and why.
var overlaps = map[[2]string]string{}

// TestProvidersKeepApart checks that no rule claims an example of another provider.
func TestProvidersKeepApart(t *testing.T) {
	providers, used := map[string]string{}, map[[2]string]bool{}
	for _, r := range rules.Default().Rules {
		providers[r.ID] = r.Provider
	}
	var list texts
	var owners []string
	for _, k := range kinds(t) {
		for n, template := range k.Examples {
			list, owners = append(list, "x = "+expand(t, &k, template, n)+"\n"), append(owners, k.ID)
		}
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, r := range rules.Gitleaks().Rules {
		for range 5 {
			sample, err := Sample(rnd, r.Regex)
			if err != nil {
				t.Fatal(err)
			}
			if r.Provider != "" {
				list, owners = append(list, " "+sample+"\n"), append(owners, r.ID)
			}
		}
	}
	for i, hits := range scan(t, list) {
		for _, h := range hits {
			for _, other := range h.rules {
				pair := [2]string{owners[i], other}
				switch {
				case providers[other] == "", providers[other] == providers[owners[i]]:
				case overlaps[pair] != "":
					used[pair] = true
				default:
					t.Errorf("%s (%s) is claimed by %s (%s)", owners[i], providers[owners[i]], other, providers[other])
				}
			}
		}
	}
	for pair := range overlaps {
		if !used[pair] {
			t.Errorf("%s and %s are listed as overlapping, and do not", pair[0], pair[1])
		}
	}
}
