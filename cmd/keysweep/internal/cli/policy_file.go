package cli

import (
	"fmt"
	"io"
	"os"
	"runtime"
)

// maxPolicy is the largest policy file that is read, in bytes: rules for ten thousand keys.
const maxPolicy = 4 << 20

// readPolicyFile reads a policy file. What it says can run programs and excuse keys: one that everybody may write is refused.
func readPolicyFile(file string) ([]byte, error) {
	info, err := os.Stat(file) // before it is opened: a FIFO would block
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	switch {
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("read policy: %s is no regular file", file)
	case info.Size() > maxPolicy:
		return nil, fmt.Errorf("read policy: %s is larger than %d MB", file, maxPolicy>>20)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o002 != 0:
		return nil, usagef("see what is in it; then: chmod o-w "+shellWord(file), "%s can be written by everybody (mode %04o), and is not followed", file, info.Mode().Perm())
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxPolicy))
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	return data, nil
}
