// Package observe gathers all that is looked at of a machine. It has no opinions: policy/audit judges what it found.
package observe

import (
	"context"

	"keysweep/host"
)

// Machine is what was found. Each part says by itself what of it could not be known.
type Machine struct {
	Source host.Source
}

// Look gathers the facts of a machine. It does not fail: what could not be had is said in the part that misses it.
func Look(_ context.Context, s host.Source) *Machine {
	return &Machine{Source: s}
}
