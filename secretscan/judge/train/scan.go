package main

import (
	"context"

	"keysweep/finding"
	"keysweep/secretscan"
	"keysweep/secretscan/judge"
	"keysweep/secretscan/labelled"
	"keysweep/secretscan/rules"
)

// scan has the whole scanner, as it is without any configuration, look at a set with a model.
func scan(ctx context.Context, m *judge.Model, s *set) ([][]labelled.Hit, error) {
	rulesOf := rules.Default()
	rulesOf.Model = m
	engine, err := secretscan.Compile(rulesOf)
	if err != nil {
		return nil, err
	}
	return labelled.Scan(ctx, engine, s.rows, finding.MediumConfidence)
}
