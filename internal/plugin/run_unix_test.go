//go:build unix

package plugin

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"keysweep/internal/testneed"
	"keysweep/plugin"
)

func canary() string { return strings.Join([]string{"tok", "en+/", "=canary"}, "-") }

// script makes a pinned plugin of a shell script.
func script(t *testing.T, body string) (*Runner, *[]string) {
	t.Helper()
	testneed.Program(t, "sh")
	dir := t.TempDir()
	path := filepath.Join(dir, "fake")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o755); err != nil {
		t.Fatal(err)
	}
	sum, err := Sum(path)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	r := &Runner{Name: "fake", Path: path, SHA256: sum, Scratch: filepath.Join(dir, "scratch"), Timeout: 20 * time.Second,
		Environ: []string{"PATH=" + os.Getenv("PATH"), "AWS_SECRET_ACCESS_KEY=stolen", "HTTPS_PROXY=http://proxy"}, Say: func(line string) { said = append(said, line) }}
	t.Cleanup(func() {
		if left, _ := filepath.Glob(filepath.Join(r.Scratch, "*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
	return r, &said
}

func ask() *plugin.Request {
	return &plugin.Request{Protocol: plugin.Version, Step: plugin.StepTest, Subject: plugin.Current, Current: &plugin.Credential{Secret: plugin.Secret(canary())}}
}

func TestRun(t *testing.T) {
	r, said := script(t, `in=$(cat); echo "got $in" >&2; env >&2; echo "args $*" >&2; echo '{"ok":true,"message":"done with '`+"`echo tok`"+`'en"}'`)
	r.Settings = json.RawMessage(`{"url":"u"}`)
	reply, err := r.Run(t.Context(), ask())
	if err != nil || !reply.OK {
		t.Fatalf("%+v %v", reply, err)
	}
	text := strings.Join(*said, "\n")
	for _, want := range []string{`fake: got {"protocol":1,"step":"test","subject":"current","settings":{"url":"u"},"current":{"secret":"[secret]"}}`, "HTTPS_PROXY=http://proxy", "LC_ALL=C", "fake: args \n"} {
		if !strings.Contains(text+"\n", want) {
			t.Errorf("said %q, and not %q", text, want)
		}
	}
	if strings.Contains(text, "canary") || strings.Contains(text, "stolen") {
		t.Errorf("shows what it should not: %s", text)
	}
}

// TestMasks wants the secrets of the rotation masked in all that a plugin says, in the forms that they take on the way.
func TestMasks(t *testing.T) {
	c := canary()
	b64 := base64.StdEncoding.EncodeToString([]byte(c))
	r, said := script(t, `cat >/dev/null; echo "`+c+` `+b64+` tok-en%2B%2F-%3Dcanary fresh-secret" >&2
echo '{"ok":false,"secret":"fresh-secret","message":"401 for `+c+` and fresh-secret"}'; exit 1`)
	reply, err := r.Run(t.Context(), ask())
	if err == nil || string(reply.Secret) != "fresh-secret" {
		t.Fatalf("%+v %v", reply, err)
	}
	for _, text := range append(*said, err.Error(), reply.Message) {
		if strings.Contains(text, "canary") || strings.Contains(text, b64) || strings.Contains(text, "fresh") || !strings.Contains(text, mask) {
			t.Errorf("%q", text)
		}
	}
}

// TestMasksWhatIsCutOff wants no piece of a secret where more was said than is shown, and none in what is not secret by its name.
func TestMasksWhatIsCutOff(t *testing.T) {
	r, said := script(t, `cat >/dev/null; head -c `+strconv.Itoa(maxSaid-6)+` /dev/zero | tr '\0' . >&2; echo "`+canary()+` and more" >&2
echo '{"ok":true,"account":"of `+canary()+`","meta":{"url":"https://x/`+canary()+`"}}'`)
	reply, err := r.Run(t.Context(), ask())
	text := strings.Join(*said, "\n")
	if err != nil || strings.Contains(text, canary()[:1]+canary()[1:3]) || !strings.Contains(text, "the rest is left out") {
		t.Errorf("%v, said ...%q", err, text[max(0, len(text)-80):])
	}
	if reply.Account != "of "+mask || reply.Meta["url"] != "https://x/"+mask {
		t.Errorf("%+v", reply)
	}
}

func TestOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		retry  bool
		says   string
		secret string
	}{
		"failed":               {`echo '{"ok":false,"message":"two keys"}'; exit 1`, false, "step test: two keys", ""},
		"failed silently":      {`echo '{"ok":false}'; exit 4`, false, "exit status 4", ""},
		"later":                {`echo '{"ok":false,"message":"busy","retry_after":7}'; exit 75`, true, "busy", ""},
		"crashed":              {`exit 2`, true, "no reply that can be read", ""},
		"killed":               {`kill -9 $$`, true, "signal: killed", ""},
		"no reply":             {`true`, true, "it is empty", ""},
		"babbles":              {`echo hello; echo '{"ok":true}'`, true, "it is no JSON object", ""},
		"endless reply":        {`head -c 200000 /dev/zero | tr '\0' x`, true, "longer than 65536", ""},
		"a secret and a crash": {`echo '{"ok":true,"secret":"new"}'; kill -9 $$`, true, "signal: killed", "new"},
		"children stay":        {`echo '{"ok":true}'; sleep 30 &`, false, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := script(t, "cat >/dev/null\n"+c.body)
			reply, err := r.Run(t.Context(), ask())
			var retry *plugin.RetryError
			if errors.As(err, &retry) != c.retry || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) || string(reply.Secret) != c.secret {
				t.Errorf("%+v, %v", reply, err)
			}
		})
	}
}

func TestTimeoutKillsTheGroup(t *testing.T) {
	r, _ := script(t, `cat >/dev/null; sleep 100 & echo $! > "$HOME/child"; wait`)
	home := t.TempDir()
	r.Environ = append(r.Environ, "HOME="+home)
	r.Timeout = time.Second
	_, err := r.Run(t.Context(), ask())
	var retry *plugin.RetryError
	if !errors.As(err, &retry) || !strings.Contains(err.Error(), "no answer within 1s") {
		t.Fatalf("%v", err)
	}
	data, err := os.ReadFile(filepath.Join(home, "child"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	for range 100 { // until somebody has reaped it
		if stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("the child %d lives on", pid)
	_ = syscall.Kill(pid, syscall.SIGKILL)
}

func TestInterrupt(t *testing.T) {
	r, _ := script(t, `cat >/dev/null; sleep 100`)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	if _, err := r.Run(ctx, ask()); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestTrust wants only the program that was pinned to be run, and only where nobody else can change it.
func TestTrust(t *testing.T) {
	for name, c := range map[string]struct {
		change func(r *Runner) error
		says   string
		hint   string
	}{
		"another program": {func(r *Runner) error { return os.WriteFile(r.Path, []byte("#!/bin/sh\ntouch /tmp/no"), 0o755) }, "is not the program that was pinned", "cred plugin pin"},
		"all may write":   {func(r *Runner) error { return os.Chmod(r.Path, 0o757) }, "can be written by everybody", "install it"},
		"the directory":   {func(r *Runner) error { return os.Chmod(filepath.Dir(r.Path), 0o777) }, "is not safe there", "install it"},
		"not executable":  {func(r *Runner) error { return os.Chmod(r.Path, 0o644) }, "not executable", ""},
		"a directory":     {func(r *Runner) error { r.Path = filepath.Dir(r.Path); return nil }, "no regular file", ""},
		"a pipe":          {func(r *Runner) error { return errors.Join(os.Remove(r.Path), syscall.Mkfifo(r.Path, 0o700)) }, "no regular file", ""},
		"relative":        {func(r *Runner) error { r.Path = "fake"; return nil }, "not an absolute path", ""},
		"gone":            {func(r *Runner) error { return os.Remove(r.Path) }, "no such file", ""},
		"a link to another": {func(r *Runner) error {
			return errors.Join(os.Remove(r.Path), os.Symlink("/bin/true", r.Path))
		}, "is not the program that was pinned", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := script(t, `cat >/dev/null; echo '{"ok":true}'`)
			if err := c.change(r); err != nil {
				t.Fatal(err)
			}
			_, err := r.Run(t.Context(), ask())
			var h interface{ Hint() string }
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%v", err)
			}
			if c.hint != "" && (!errors.As(err, &h) || !strings.Contains(h.Hint(), c.hint)) {
				t.Errorf("hint of %v", err)
			}
			var retry *plugin.RetryError
			if errors.As(err, &retry) {
				t.Errorf("what was not started is said to be tried again: %v", err)
			}
		})
	}
}

// TestForeignOwner needs root, which alone can give files away.
func TestForeignOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		testneed.Missing(t, "root, to give a file to another user")
	}
	r, _ := script(t, `echo '{"ok":true}'`)
	if err := os.Chown(r.Path, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context(), ask()); err == nil || !strings.Contains(err.Error(), "belongs to another user") {
		t.Errorf("%v", err)
	}
}

// TestForgottenCopies wants what killed processes left to go, and not what another one may be running.
func TestForgottenCopies(t *testing.T) {
	r, _ := script(t, `echo '{"ok":true}'`)
	for name, age := range map[string]time.Duration{"plugin-old": 25 * time.Hour, "plugin-new": 2 * time.Hour, "other": 25 * time.Hour} {
		dir := filepath.Join(r.Scratch, name)
		at := time.Now().Add(-age)
		if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "acme"), nil, 0o500), os.Chtimes(dir, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Run(t.Context(), ask()); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(r.Scratch, "*"))
	if want := []string{filepath.Join(r.Scratch, "other"), filepath.Join(r.Scratch, "plugin-new")}; err != nil || !slices.Equal(left, want) {
		t.Errorf("left: %q, %v", left, err)
	}
	if err := os.RemoveAll(r.Scratch); err != nil {
		t.Fatal(err)
	}
}
