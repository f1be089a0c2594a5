//go:build unix

package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// layOut writes files below a directory.
func layOut(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStartupPlaces finds what is there, through links, and nothing else.
func TestStartupPlaces(t *testing.T) {
	root, home := t.TempDir(), t.TempDir()
	layOut(t, root, map[string]string{
		"etc/crontab": "", "etc/cron.d/app": "", "etc/systemd/system/a.service": "", "etc/systemd/system/a.service.d/b.conf": "", "etc/passwd": "",
		"var/spool/cron/crontabs/ann": "", "var/lib/cloud/instance/user-data.txt": "",
	})
	layOut(t, home, map[string]string{".bashrc": "", "dots/zshrc": "", ".aws/credentials": "", ".config/environment.d/a.conf": "", "notes": "", ".netrc/x": ""})
	if err := os.Symlink("dots/zshrc", filepath.Join(home, ".zshrc")); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{".profile": ".profile", ".npmrc": "nowhere"} { // a loop, and one that leads nowhere
		if err := os.Symlink(to, filepath.Join(home, link)); err != nil {
			t.Fatal(err)
		}
	}
	files, problems := startupPlaces(root, home)
	var want []string
	for _, name := range []string{"etc/crontab", "etc/cron.d/app", "etc/systemd/system/a.service", "etc/systemd/system/a.service.d/b.conf",
		"var/spool/cron/crontabs/ann", "var/lib/cloud/instance/user-data.txt"} {
		want = append(want, filepath.Join(root, name))
	}
	for _, name := range []string{".bashrc", ".zshrc", ".aws/credentials", ".config/environment.d/a.conf"} {
		want = append(want, filepath.Join(home, name))
	}
	slices.Sort(want)
	if !slices.Equal(files, want) {
		t.Errorf("got  %q\nwant %q", files, want)
	}
	if len(problems) > 0 {
		t.Errorf("problems %v", problems)
	}
	if _, problems = startupPlaces("/\x00", ""); len(problems) == 0 || problems[0].Where == "" || problems[0].Err == "" {
		t.Errorf("a place that cannot be looked at is passed over: %v", problems)
	}
}

// TestScanStartup scans the places of an account, and says of each who may read it.
func TestScanStartup(t *testing.T) {
	home := t.TempDir()
	secret := fakeSecrets()["FAKE_GITHUB"]
	layOut(t, home, map[string]string{".npmrc": "//registry/:_authToken=" + secret + "\n", ".bash_history": "ls\n"})
	var out, talk bytes.Buffer
	code := Main(t.Context(), Env{Args: []string{"scan", "--startup", "-v"}, Stdout: &out, Stderr: &talk, Home: home, Dir: home, Now: time.Now,
		Environ: []string{"HOME=" + home}})
	if code != exitFindings && code != exitIncomplete { // of the machine, some places may not be readable
		t.Errorf("exit code %d\n%s%s", code, &out, &talk)
	}
	text := out.String()
	for _, want := range []string{".npmrc:1:", "mode 0644, owned by", "every user can read it", "startup places of this machine and"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, secret) {
		t.Error("it shows the secret")
	}
	code = Main(t.Context(), Env{Args: []string{"scan", "--startup", "x"}, Stdout: &out, Stderr: &talk, Home: home, Dir: home, Now: time.Now})
	if code != exitUsage || !strings.Contains(talk.String(), "--startup takes no paths") {
		t.Errorf("exit code %d: %s", code, &talk)
	}
}
