//go:build unix

package launch

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestHeld(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not there yet [1]")
	held, err := Hold(dir)
	if err != nil {
		t.Fatal(err)
	}
	path, err := held.Add("../NAME/..", []byte("content"))
	if err != nil || filepath.Dir(filepath.Dir(path)) != dir {
		t.Fatalf("Add = %q, %v", path, err)
	}
	for file, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700 | os.ModeDir, dir: 0o700 | os.ModeDir} {
		if info, err := os.Stat(file); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v; want %v", file, info.Mode(), err, want)
		}
	}
	if _, err := held.Add("../NAME/..", []byte("other")); err == nil {
		t.Error("a file was written over")
	}
	if err := Sweep(dir); err != nil {
		t.Error(err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "content" {
		t.Errorf("swept while in use: %q, %v", data, err)
	}
	for range 2 {
		if err := held.Remove(); err != nil {
			t.Error(err)
		}
	}
	if left := leftovers(dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if err := Sweep(filepath.Join(dir, "nowhere")); err != nil {
		t.Error(err)
	}
}

func TestSweepAfterAKill(t *testing.T) {
	dir := t.TempDir()
	cmd := helper("child", "sh", "-c", `echo READY; exec sleep 1000`)
	cmd.Env = append(cmd.Env, "LAUNCH_TEST_HOLDS="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	started(t, cmd)
	if err := Sweep(dir); err != nil || len(leftovers(dir)) != 1 {
		t.Fatalf("%v, %v: one is in use", err, leftovers(dir))
	}
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if err := Sweep(dir); err != nil || len(leftovers(dir)) != 0 {
		t.Errorf("%v, %v: nobody uses it any more", err, leftovers(dir))
	}
}
