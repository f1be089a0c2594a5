//go:build linux

package acceptance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"keysweep/internal/git"
	"keysweep/internal/testneed"
)

const (
	damagePatience = 2 * time.Minute // after which a process hangs
	damageMemory   = 400 << 10       // KiB that the program or a git that it starts may hold
)

// TestDamagedRepositories damages repositories in every way, as often as each kind of damage says with KEYSWEEP_DAMAGE=all, once
// without. If something cannot be read that a ref leads to, the scan ends with exit code 3 and names an object or file; it
// never crashes, hangs, or fills the memory; and every secret is reported that what is whole leads to.
func TestDamagedRepositories(t *testing.T) {
	h := newHistory(t)
	if secrets, lost := h.reach(h.objects); len(secrets) < 15 || len(lost) > 0 {
		t.Fatalf("%d secrets, lost: %v", len(secrets), lost)
	}
	for kind, k := range damages {
		times := 1
		if os.Getenv("KEYSWEEP_DAMAGE") == "all" {
			times = k.times
		}
		for n := range times {
			t.Run(fmt.Sprintf("%s, %s, %d", k.layout, k.name, n), func(t *testing.T) {
				testneed.Modes(t)
				d := &damaged{T: t, h: h, dir: filepath.Join(t.TempDir(), "repo"), rand: rand.New(rand.NewPCG(uint64(kind), uint64(n)))}
				must(t, os.CopyFS(d.dir, os.DirFS(h.layouts[k.layout])))
				k.do(d)
				want, lost := h.reach(readable(t, d.dir, sortedIDs(h.objects)))
				if d.after != nil {
					d.after()
				}
				d.scan("", nil, want, lost)
				if d.endless {
					d.scan("", h.refs, want, lost) // commit by commit
				} else {
					d.scan(git.AskGit+"=1", nil, want, lost)
				}
			})
		}
	}
}

// damageReport is what is looked at of a report.
type damageReport struct {
	Errors []map[string]any
	Items  []struct{ Secret string }
}

// scan scans the history, with a variable and arguments, and wants these secrets, and an error if objects are lost.
func (d *damaged) scan(way string, args, want, lost []string) {
	d.Helper()
	ctx, cancel := context.WithTimeout(d.Context(), damagePatience)
	defer cancel()
	args = append([]string{"scan", "--history", "--no-cache", "--no-progress", "--show-secrets", "--format", "json"}, args...)
	cmd := exec.CommandContext(ctx, real, args...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = d.dir, append(gitEnviron(), way), &stdout, &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	code := exitOf(d, cmd.Run())
	where := fmt.Sprintf("%q: exit code %d, %d lost, damaged %v\n%s", way, code, len(lost), d.hit, stderr.Bytes())
	if ctx.Err() != nil || code == -1 || strings.Contains(stderr.String(), "goroutine ") || strings.Contains(stderr.String(), "internal error") {
		d.Fatalf("hangs or crashes: %s", where)
	}
	if used := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss; used > damageMemory {
		d.Errorf("%d KiB of memory: %s", used, where)
	}
	if d.after != nil && strings.Contains(stderr.String(), "would wait for it") {
		want, lost = nil, d.hit // git is not even started
	}
	var r damageReport
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil && code != exitIncomplete {
		d.Fatalf("%v: %s", err, where)
	}
	var got []string
	for _, item := range r.Items {
		got = append(got, item.Secret)
	}
	for _, secret := range want {
		holder := d.h.holder(secret)
		if !slices.Contains(got, secret) && !(d.indexHit() && strings.Contains(fmt.Sprint(r.Errors), holder)) {
			d.Errorf("secret in %s, which is whole, is not reported: %s\n%v", holder, where, r.Errors)
			break
		}
	}
	all, _ := d.h.reach(d.h.objects)
	for _, secret := range got {
		if !slices.Contains(all, secret) {
			d.Errorf("a secret is reported that is nowhere: %s", where)
		}
	}
	if code == exitFindings && len(got) == len(all) {
		lost = nil // git refuses what is all there
	}
	if code != exitIncomplete && (code != exitFindings || len(lost) > 0 || len(r.Errors) > 0) {
		d.Errorf("exit code: %s", where)
	}
	if said := fmt.Sprint(stderr.String(), r.Errors); len(lost) > 0 && !d.named(said, lost) {
		d.Errorf("neither an object nor a file is named: %s\n%v", where, r.Errors)
	}
}

// indexHit reports whether an index is damaged. Then an object may be given up, but not silently, whose base's id is not known any
// more: git takes a base for what it is, keysweep wants to know which object it is.
func (d *damaged) indexHit() bool {
	return slices.ContainsFunc(d.hit, func(path string) bool { return filepath.Ext(path) != ".pack" })
}

// named reports whether a text names one of the objects, one of the damaged files, or the path of a content.
func (d *damaged) named(said string, lost []string) bool {
	names := slices.Concat(lost, contentPaths[:])
	for _, path := range d.hit {
		names = append(names, filepath.Base(path))
	}
	return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(said, name) })
}
