package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"keysweep/cmd/keysweep/internal/cli"
)

// TestOwnRepository scans this repository: whoever adds something that looks like a secret, be it in a test, hears of it here.
func TestOwnRepository(t *testing.T) {
	root, err := filepath.Abs("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	code := cli.Main(context.Background(), cli.Env{
		Args: []string{"scan", root}, Stdin: bytes.NewReader(nil), Stdout: &stdout, Stderr: &stderr,
		Environ: os.Environ(), Dir: root, Now: time.Now,
	})
	if code != 0 {
		t.Errorf("exit code %d\n%s%s", code, stdout.String(), stderr.String())
	}
}
