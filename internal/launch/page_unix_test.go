//go:build unix && !darwin

package launch_test

import (
	"os"
	"path/filepath"
	"testing"

	"keysweep/internal/launch"
)

// TestPage has a stand-in for the browser write down what it is called with.
func TestPage(t *testing.T) {
	dir := t.TempDir()
	told := filepath.Join(dir, "told")
	script := "#!/bin/sh\n[ \"$1\" != https://bad.example/ ] || exit 3\nprintf '%s|' \"$#\" \"$@\" >'" + told + "'\n"
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	environ := []string{"PATH=" + dir + ":/usr/bin:/bin"}
	for _, page := range []string{"", "file:///etc/passwd", "javascript:alert(1)", "http://x.example/", "-h", "https://", "keys.example/tokens"} {
		if err := launch.Page(t.Context(), page, dir, environ); err == nil {
			t.Errorf("%q is taken for a page", page)
		}
	}
	if _, err := os.Stat(told); err == nil {
		t.Error("the browser was called")
	}
	if err := launch.Page(t.Context(), "https://keys.example/tokens?a=b&c=d e", dir, environ); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(told); string(got) != "1|https://keys.example/tokens?a=b&c=d e|" {
		t.Errorf("called with %q", got)
	}
	if err := launch.Page(t.Context(), "https://bad.example/", dir, environ); err == nil {
		t.Error("a browser that fails is not noticed")
	}
	if err := launch.Page(t.Context(), "https://keys.example/", dir, []string{"PATH=/nonexistent"}); err == nil {
		t.Error("no browser is not noticed")
	}
}
