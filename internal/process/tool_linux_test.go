package process_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"keysweep/internal/process"
)

func TestTool(t *testing.T) {
	said, err := process.Tool(t.Context(), "env")
	if err != nil || !strings.Contains(said, "LC_ALL=C\n") || strings.Contains(said, "HOME=") {
		t.Errorf("%v: %s", err, said)
	}
	if said, err = process.Tool(t.Context(), "ls", "/no/such/place"); err == nil || !strings.Contains(said, "No such file") {
		t.Errorf("%v: %s", err, said)
	}
	if _, err = process.Tool(t.Context(), "keysweep-no-such-program"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
