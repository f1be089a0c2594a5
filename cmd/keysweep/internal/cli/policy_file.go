package cli

import (
	"errors"
	"fmt"
	"io"

	"keysweep/internal/owned"
)

// maxPolicy is the largest policy file that is read, in bytes: rules for ten thousand keys.
const maxPolicy = 4 << 20

// readPolicyFile reads a policy file. What it says can run programs and excuse keys: one that others than this user and root could change, by
// itself or by a directory on the way to it, is refused. So is a user's where root runs keysweep in that user's name, as with sudo and HOME kept.
func readPolicyFile(file string) ([]byte, error) {
	f, err := owned.Open(file)
	if exposed, ok := errors.AsType[*owned.Error](err); ok {
		return nil, usagef(exposed.Help, "the policy %w, and is not followed", exposed)
	}
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxPolicy+1))
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	if len(data) > maxPolicy {
		return nil, fmt.Errorf("read policy: %s is larger than %d MB", file, maxPolicy>>20)
	}
	return data, nil
}
