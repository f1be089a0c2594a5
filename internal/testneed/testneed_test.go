package testneed_test

import (
	"path/filepath"
	"runtime"
	"testing"

	"keysweep/internal/testneed"
)

// recorder is a test that notes how it was ended instead of ending.
type recorder struct {
	testing.TB
	failed, skipped bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Fatalf(string, ...any) { r.failed = true; runtime.Goexit() }
func (r *recorder) Skipf(string, ...any)  { r.skipped = true; runtime.Goexit() }

func lookUp(name string) (path string, r recorder) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		path = testneed.Program(&r, name)
	}()
	<-done
	return path, r
}

func TestProgramThatIsThere(t *testing.T) {
	t.Setenv(testneed.RequireEnv, "1")
	path, r := lookUp("go")
	if r.failed || r.skipped || !filepath.IsAbs(path) {
		t.Errorf("Program(go) = %q, failed %v, skipped %v; want an absolute path", path, r.failed, r.skipped)
	}
}

func TestProgramThatIsMissing(t *testing.T) {
	for value, wantFail := range map[string]bool{"": false, "1": true} {
		t.Setenv(testneed.RequireEnv, value)
		_, r := lookUp("keysweep-no-such-program")
		if r.failed != wantFail || r.skipped == wantFail {
			t.Errorf("%s=%q: failed %v, skipped %v; want failed %v", testneed.RequireEnv, value, r.failed, r.skipped, wantFail)
		}
	}
}
