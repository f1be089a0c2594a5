package launch

import (
	"context"
	"fmt"
	"net/url"
	"os/exec"
	"runtime"
	"time"
)

// pagePatience is how long a browser may take to fail. One that is still running then is showing the page.
const pagePatience = 2 * time.Second

// Page has the user's browser show a page: by xdg-open(1), by open(1) of macOS, or by the shell of Windows. It takes https alone: the
// page comes from a record, and another scheme could start any program. The browser gets environ and goes on without us.
func Page(ctx context.Context, page, dir string, environ []string) error {
	u, err := url.Parse(page)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%q is not the address of a page (https://...)", page)
	}
	words := map[string][]string{"darwin": {"open"}, "windows": {"rundll32", "url.dll,FileProtocolHandler"}}[runtime.GOOS]
	if words == nil {
		words = []string{"xdg-open"}
	}
	path, err := Find(words[0], dir, environ)
	if err != nil {
		return err
	}
	cmd := exec.Command(path, append(words[1:], u.String())...)
	cmd.Env, cmd.Dir = environ, dir
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("run %s: %w", words[0], err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("run %s: %w", words[0], err)
		}
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pagePatience):
	}
	return nil
}
