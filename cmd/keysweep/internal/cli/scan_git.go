package cli

import (
	"keysweep/secretscan/rules"
	"keysweep/secretscan/source"
)

func (s *scan) gitSource(settings rules.ScanSettings, plan ciPlan) (chosenSource, error) {
	src := source.Staged(s.place.repo)
	return chosenSource{Source: src, what: "staged changes", empty: src.Empty}, nil
}
