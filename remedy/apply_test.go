package remedy

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func ran(context.Context, ...string) (string, error) { return "", nil }

// TestApplyPutsBack shows that a change that fails, or is not proven, leaves every file as it was.
func TestApplyPutsBack(t *testing.T) {
	bad := errors.New("not so")
	for name, tt := range map[string]struct {
		before, after error
		second        string // where the second change goes
	}{
		"proven neither way": {before: bad, second: "new"}, "not proven on the disk": {after: bad, second: "new"}, "the second cannot be written": {second: "no/such/dir"},
	} {
		dir := t.TempDir()
		old, added := filepath.Join(dir, "old"), filepath.Join(dir, tt.second)
		if err := os.WriteFile(old, []byte("as it was"), 0o640); err != nil {
			t.Fatal(err)
		}
		p := &Plan{Changes: []Change{
			{Path: old, Before: &State{Data: []byte("as it was"), Mode: 0o640}, After: &State{Data: []byte("new"), Mode: 0o640}},
			{Path: added, After: &State{Data: []byte("x"), Mode: 0o600}},
		}, before: func(context.Context) error { return tt.before }, after: func(context.Context) error { return tt.after }}
		if err := Apply(t.Context(), &Situation{Run: ran}, p); err == nil {
			t.Errorf("%s: no error", name)
		}
		if data, err := os.ReadFile(old); err != nil || string(data) != "as it was" {
			t.Errorf("%s: %q, %v", name, data, err)
		}
		if _, err := os.Lstat(added); err == nil {
			t.Errorf("%s: a file is left", name)
		}
	}
}

func TestApplyLeavesWhatChangedMeanwhile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte("somebody else's"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, before := range []*State{nil, {Data: []byte("as it was")}} {
		p := &Plan{Changes: []Change{{Path: file, Before: before, After: &State{Data: []byte("ours"), Mode: 0o600}}}}
		if err := Apply(t.Context(), &Situation{Run: ran}, p); err == nil {
			t.Error("it was written over")
		}
	}
	if data, _ := os.ReadFile(file); string(data) != "somebody else's" {
		t.Errorf("%q", data)
	}
}

// TestWhatIsLeft shows that a change which cannot be put back is said to be there.
func TestWhatIsLeft(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	p := &Plan{Changes: []Change{{Path: file, After: &State{Data: []byte("ours"), Mode: 0o600}}}}
	p.after = func(context.Context) error {
		return errors.Join(errors.New("not so"), os.WriteFile(file, []byte("somebody else's"), 0o600))
	}
	if err := Apply(t.Context(), &Situation{Run: ran}, p); !errors.Is(err, ErrLeft) {
		t.Error(err)
	}
}

// TestLoadIsTakenBack shows that what is loaded is loaded anew when it does not hold, after the files are put back, and also without files.
func TestLoadIsTakenBack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	var loaded []bool
	p := &Plan{Changes: []Change{{Path: file, After: &State{Data: []byte("ours"), Mode: 0o600}}}}
	p.load = func(context.Context) error {
		_, err := os.Stat(file)
		loaded = append(loaded, err == nil)
		return nil
	}
	p.held = func(context.Context) error { return errors.New("not so") }
	if err := Apply(t.Context(), &Situation{Run: ran}, p); err == nil || errors.Is(err, ErrLeft) {
		t.Error(err)
	}
	if len(loaded) != 2 || !loaded[0] || loaded[1] {
		t.Errorf("loaded with the file: %v", loaded)
	}
	p.Changes, p.held = nil, nil
	if err := Apply(t.Context(), &Situation{Run: ran}, p); err != nil || len(loaded) != 3 {
		t.Errorf("without a change of files: %v, loaded %v", err, loaded)
	}
	p.load = func(context.Context) error { return errors.New("no") }
	if err := Apply(t.Context(), &Situation{Run: ran}, p); !errors.Is(err, ErrLeft) {
		t.Errorf("neither way: %v", err)
	}
}

func TestApplyDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	made := &State{Mode: fs.ModeDir | 0o755}
	if err := Apply(t.Context(), &Situation{Run: ran}, &Plan{Changes: []Change{{Path: dir, After: made}}}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		t.Fatal(err)
	}
	if err := Apply(t.Context(), &Situation{Run: ran}, &Plan{Changes: []Change{{Path: dir, Before: made}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestPending(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "fix")
	p := Pending{ID: "ssh.x", Deadline: now.Add(time.Minute), Token: "a"}
	if err := p.Arm(dir); err != nil {
		t.Fatal(err)
	}
	if err := p.Arm(dir); !errors.Is(err, fs.ErrExist) {
		t.Errorf("twice: %v", err)
	}
	if got, err := Waiting(dir, "ssh.x"); err != nil || got != p {
		t.Errorf("%+v, %v", got, err)
	}
	if !p.Still(dir) || (Pending{ID: "ssh.x", Token: "b"}).Still(dir) || (Pending{ID: "ssh.y"}).Still(dir) {
		t.Error("who still waits is wrong")
	}
	if err := os.WriteFile(p.file(dir), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Waiting(dir, "ssh.x"); err == nil || !p.Still(dir) {
		t.Errorf("a note that cannot be read is taken for a confirmation: %v", err)
	}
	if err := errors.Join(p.Claim(dir), p.Wait(dir)); err != nil || !p.Still(dir) {
		t.Errorf("claimed, and not taken back: %v", err)
	}
	if err := errors.Join(p.Claim(dir), p.Done(dir)); err != nil || p.Still(dir) {
		t.Errorf("taken back: %v", err)
	}
	if err := p.Claim(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("claimed when it does not wait: %v", err)
	}
	if err := p.Arm(dir); err != nil {
		t.Fatal(err)
	}
	if err := p.Settle(dir); err != nil || p.Still(dir) {
		t.Error(err)
	}
}

func FuzzDropIn(f *testing.F) {
	f.Add(blockBegin+"# fix: a\nX y\n"+blockEnd+"Port 22\n", "a")
	f.Add(sshHeader+"# fix: a\nX y\n# fix: b\nZ w\n", "b")
	f.Fuzz(func(t *testing.T, text, id string) {
		if d, rest, err := cutBlock(text); err == nil && d.withBlock(rest) != text && len(d.lines) > 0 {
			t.Errorf("%q comes back as %q", text, d.withBlock(rest))
		}
		if d, err := parseDropIn(sshHeader, text, 2); err == nil && d.text() != text {
			t.Errorf("%q comes back as %q", text, d.text())
		}
		_ = Change{Path: id, Before: &State{Data: []byte(text)}, After: &State{Data: []byte(id)}}.Diff()
	})
}

// TestWhatSSHDSays shows that an error of sshd stops a fix, and that its missing directory, as before its first start, does not.
func TestWhatSSHDSays(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "sshd_config")
	for said, fine := range map[string]bool{config + ": line 1: Bad configuration option: X": false, "Missing privilege separation directory: /run/sshd": true} {
		if err := os.WriteFile(config, []byte("Port 22\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s := situation(debian("", map[string]string{config: "Port 22\n"}), nil)
		s.Config = config
		s.Run = func(context.Context, ...string) (string, error) { return said, errors.New("exit status 255") }
		p := plan(t, "ssh.max-auth-tries", s)
		p.after = nil // the machine of this test does not see the disk
		if err := Apply(t.Context(), s, p); (err == nil) != fine {
			t.Errorf("%s: %v", said, err)
		}
	}
}
