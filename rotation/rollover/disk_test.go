package rollover_test

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"keysweep/keys"
	"keysweep/rotation/rollover"
)

// onDisk is a world whose files are real.
type onDisk struct {
	rollover.Disk
	dir string
}

// at brings the world's names to the directory.
func (d onDisk) at(file string) string { return filepath.Join(d.dir, filepath.Base(file)) }

func (d onDisk) pair(t *testing.T) (private []byte, public keys.Public) {
	t.Helper()
	key, err := keys.Generate(t.Context(), keys.KindEd25519, "")
	must(t, err)
	public, err = key.Public()
	must(t, err)
	private, err = key.MarshalOpenSSH(nil, keys.MinRounds)
	must(t, err)
	return private, public
}

// TestDisk holds the real files to what the world's files promise.
func TestDisk(t *testing.T) {
	d := onDisk{rollover.Disk{Overwrite: os.Remove}, t.TempDir()}
	private, public := d.pair(t)
	a, b, c := d.at("a"), d.at("b"), d.at("c")
	must(t, os.WriteFile(filepath.Join(d.dir, ".a.123.tmp"), private, 0o600)) // a killed process left it
	must(t, d.Create(a, private))
	if left, _ := filepath.Glob(filepath.Join(d.dir, ".*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if err := d.Create(a, private); !errors.Is(err, fs.ErrExist) {
		t.Errorf("created twice: %v", err)
	}
	if got, err := d.Fingerprint(a); err != nil || got != public.SHA256() {
		t.Errorf("fingerprint %s, %v", got, err)
	}
	if _, err := d.Fingerprint(b); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("fingerprint of nothing: %v", err)
	}
	must(t, d.Link(a, b))
	if err := d.Link(a, b); !errors.Is(err, fs.ErrExist) {
		t.Errorf("linked twice: %v", err)
	}
	d.want(t, a, b, true)
	d.want(t, a, c, false)
	must(t, d.WritePublic(b+".pub", rollover.KeyOf(public, "ann").Line))
	d.want(t, a, b+".pub", false)
	must(t, d.Rename(b, c))
	must(t, d.Remove(b))
	must(t, d.Destroy(b))
	must(t, d.Destroy(c))
	if exists, err := d.Exists(c); exists || err != nil {
		t.Errorf("destroyed, and there: %v", err)
	}
}

func (d onDisk) want(t *testing.T, a, b string, want bool) {
	t.Helper()
	if same, err := d.Same(a, b); err != nil || same != want {
		t.Errorf("%s and %s: same %v, %v", a, b, same, err)
	}
}

// real makes the world's keys real ones.
type real struct {
	*world
	d onDisk
}

func (k real) Make(context.Context) (rollover.Pair, error) {
	private, public := k.d.pair(k.t)
	return rollover.Pair{Private: private, Public: public}, nil
}

func (k real) End(context.Context) error { return k.d.Destroy(k.d.at(former)) }

// TestSwapOnDisk promotes real files: the certificate goes with the old key, and an interrupted swap is finished.
func TestSwapOnDisk(t *testing.T) {
	d := onDisk{rollover.Disk{Overwrite: os.Remove}, t.TempDir()}
	w := newWorld(t, rand.New(rand.NewPCG(1, 2)), 0)
	private, public := d.pair(t)
	must(t, d.Create(d.at(stable), private))
	must(t, os.WriteFile(d.at(stable)+"-cert.pub", []byte("certificate\n"), 0o644))
	w.old = rollover.KeyOf(public, "ann")
	r := w.rotation()
	r.Journal.File, r.Files, r.Keys = d.at(stable), d, real{w, d}
	r.Journal.Hosts = []rollover.Host{{Target: "ann@web1", Step: rollover.Waiting}, {Target: "ann@web2", Step: rollover.Verified}}
	r.Left = is("ann@web1")
	r.Hosts = willing{}
	_, err := r.Run(t.Context())
	must(t, err)
	for file, want := range map[string]bool{stable: true, stable + ".pub": true, former: true, former + ".pub": true, former + "-cert.pub": true,
		stable + "-cert.pub": false, beside: false, beside + ".pub": false} {
		if exists, err := d.Exists(d.at(file)); err != nil || exists != want {
			t.Errorf("%s: there %v, %v", file, exists, err)
		}
	}
	if got, err := d.Fingerprint(d.at(former)); err != nil || got != w.old.Fingerprint {
		t.Errorf("%s, %v", got, err)
	}
}

// willing are hosts on which all goes well.
type willing struct{}

func (willing) Install(context.Context, string, bool) (rollover.Installed, error) {
	return rollover.Installed{}, nil
}

func (willing) Remove(context.Context, string) (rollover.Removal, error) {
	return rollover.Removal{Removed: true, Refused: true}, nil
}

func (willing) TakeBack(context.Context, string) error { return nil }
