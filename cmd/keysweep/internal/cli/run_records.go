package cli

import (
	"context"

	"keysweep/rotation"
)

// knownRecords returns the records of the ledger.
func knownRecords(ctx context.Context, _ *Env, ledger *rotation.Ledger) ([]rotation.Record, error) {
	return ledger.Records(ctx)
}
