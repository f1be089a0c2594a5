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
	const hint = "hint: make test, as root on Debian, installs what scripts/packages.txt lists"
	if os.Getenv(RequireEnv) != "" {
		t.Fatalf("needs the program %s, which is not installed, and %s is set: %v\n%s", name, RequireEnv, err, hint)
	}
	t.Skipf("needs the program %s, which is not installed\n%s", name, hint)
	return ""
}
