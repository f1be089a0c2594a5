package cli

import (
	"context"

	"keysweep/host"
	"keysweep/host/live"
	"keysweep/host/system"
	"keysweep/policy/audit"
)

// versions asks for the versions of the programs that the policy names. This machine may run their commands: only a trusted policy has any.
func versions(ctx context.Context, source host.Source, rules *audit.Rules) map[string]system.Version {
	known := map[string]system.Version{}
	for _, s := range rules.Software {
		if here, ok := source.(*live.Source); ok {
			here.Allow(s.Command)
		}
		known[s.Name] = system.Ask(ctx, source, s.Command)
	}
	return known
}
