// Package testneed looks up the real programs that tests run: git's hook runners, key tools, servers. On a developer's
// machine a test whose program is missing is skipped and says so; where KEYSWEEP_REQUIRE_REAL is set, as in continuous
// integration, it fails, so that no test is left out unseen.
package testneed

import (
	"os"
	"os/exec"
	"testing"
)

// RequireEnv is the environment variable that makes a missing program a failure. Any value but the empty one counts.
const RequireEnv = "KEYSWEEP_REQUIRE_REAL"

// Program returns the absolute path of the program called name, as found on PATH. If there is none the test is skipped, or
// fails if RequireEnv is set. The packages that bring the programs are listed in scripts/packages.txt.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	Missing(t, "the program %s, which is not installed (%v)\nhint: make test, as root on Debian, installs what scripts/packages.txt lists", name, err)
	return ""
}

// Missing skips a test that needs what there is not here, or fails it if RequireEnv is set.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv(RequireEnv) != "" {
		t.Fatalf("needs "+format+"\n%s is set", append(args, RequireEnv)...)
	}
	t.Skipf("needs "+format, args...)
}
