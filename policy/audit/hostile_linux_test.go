package audit_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"keysweep/host/bundle"
	"keysweep/host/image"
	"keysweep/host/observe"
	"keysweep/host/plan"
	"keysweep/policy/audit"
)

const canary = "canary-outside-of-the-tree"

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestHostileTrees audits trees in which every path that is looked at is a trap: it must end, and show nothing from outside.
func TestHostileTrees(t *testing.T) {
	base := t.TempDir()
	outside := filepath.Join(base, "outside")
	check(t, os.WriteFile(outside, []byte("ID="+canary+"\nPort 1\n"+canary+":x:0:0::/:/bin/sh\n"), 0o644))
	for name, trap := range map[string]func(file string) error{
		"absolute links": func(file string) error { return os.Symlink(outside, file) },
		"dots": func(file string) error {
			return os.Symlink(strings.Repeat("../", 30)+strings.TrimPrefix(outside, "/"), file)
		},
		"loops":       func(file string) error { return os.Symlink(path.Base(file), file) },
		"pipes":       func(file string) error { return unix.Mkfifo(file, 0o644) },
		"directories": func(file string) error { return os.Mkdir(file, 0o755) },
		"closed":      func(file string) error { return os.WriteFile(file, nil, 0) },
		"large":       func(file string) error { return errorsJoin(os.WriteFile(file, nil, 0o644), os.Truncate(file, 1<<40)) },
		"noise": func(file string) error {
			return os.WriteFile(file, bytes.Repeat([]byte("\x1b[2J\x00\xff[=\"{;\\\n"), 3000), 0o644)
		},
	} {
		root := filepath.Join(base, strings.ReplaceAll(name, " ", "-"))
		traps(t, root, trap)
		s, err := image.Open(root)
		check(t, err)
		found := observe.Look(context.Background(), s)
		results := audit.Host(found, audit.Baseline(), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
		if text := fmt.Sprintf("%+v", results); strings.Contains(text, canary) {
			t.Errorf("%s: it shows what is outside", name)
		}
		if len(results) < 20 {
			t.Errorf("%s: only %d results", name, len(results))
		}
		b, err := bundle.Collect(context.Background(), s, bundle.About{})
		check(t, err)
		var file bytes.Buffer
		check(t, b.Write(&file))
		if _, err := bundle.Open(&file); err != nil {
			t.Errorf("%s: its bundle cannot be opened: %v", name, err)
		}
		check(t, s.Close())
	}
}

func errorsJoin(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// traps puts one at each path that the plan names, as far as the paths fit into one another.
func traps(t *testing.T, root string, trap func(string) error) {
	t.Helper()
	check(t, os.MkdirAll(root, 0o755))
	for _, item := range plan.Files() {
		if strings.HasPrefix(item.Path, "~") || item.Path == "/" || item.Kind == plan.Entries || item.Kind == plan.Deep {
			continue
		}
		name := strings.NewReplacer("[0-9]*", "1", "*", "x", "?", "x").Replace(item.Path)
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			continue // a trap stands on the way
		}
		if _, err := os.Lstat(file); err == nil {
			continue
		}
		check(t, trap(file))
	}
	for _, name := range []string{"etc/ssh/sshd_config", "etc/ssh/sshd_config.d/x.conf", "etc/systemd/system/x.service", "etc/ufw/ufw.conf", "etc/fail2ban/jail.conf", "usr/lib/systemd/system/\x1b[31m\n.service"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err == nil {
			_ = trap(filepath.Join(root, name))
		}
	}
}
