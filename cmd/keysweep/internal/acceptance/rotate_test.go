//go:build linux

package acceptance

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"keysweep/rotation"
)

// fleetSize is how many servers there are with KEYSWEEP_KILLS; by default there are half as many.
const fleetSize = 20

// TestRotateUnderFire rotates a key on real servers, while the client is killed at moments of chance, servers are killed and
// stay away for a while, disks are full, files cannot be written, and modes are such that sshd refuses all keys. All the time a
// watcher logs in to every server that is well with whatever keys there are: none may be without one. When all faults are lifted,
// the command that is run again ends it: the new key works everywhere, and no key that ever was works anywhere else.
func TestRotateUnderFire(t *testing.T) {
	t.Parallel()
	total, size := 3, fleetSize/2
	if n, err := strconv.Atoi(os.Getenv("KEYSWEEP_KILLS")); err == nil {
		total, size = n, fleetSize
	}
	f := newFleet(t, size)
	w := f.watch()
	length := 2 * f.deployed // there is two to three times as much to do
	ends := map[string]int{}
	for n := range total {
		f.trouble(n)
		args := f.args("--again")
		if rand.IntN(6) == 0 {
			args = f.args("--abort")
		}
		ends[f.under(args, length)]++
		w.check()
	}
	for _, s := range f.servers {
		s.heal(t)
	}
	f.end()
	w.stop()
	f.wantRotated(w.keys())
	t.Logf("%d runs on %d servers among faults (%s) ended so: %s; a rotation takes about %v; the watcher logged in %d times, %d times the server was not well, and it was never locked out; %d keys lived",
		total, len(f.servers), counts(f.harmed), counts(ends), length.Round(time.Millisecond), w.logins, w.excused, len(w.keys()))
	if w.logins < total*size/4 {
		t.Errorf("the watcher logged in %d times only", w.logins)
	}
}

// TestRotateKilled kills the command before changes that it makes to the file system, with two servers, and runs it again.
func TestRotateKilled(t *testing.T) {
	needTracing(t)
	t.Parallel()
	f := newFleet(t, 2)
	places := []string{f.dir}
	start := take(t, places...)
	authorized := []string{f.servers[0].authorized(t), f.servers[1].authorized(t)}
	whole := f.traced(0)
	if code := whole.status.ExitStatus(); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, f.said)
	}
	_, all := kills(t)
	moments := rand.Perm(len(whole.seen))
	if !all {
		moments = moments[:min(sample-1, len(moments))] // each takes two rotations
	}
	for _, n := range moments {
		start.put(t, places...)
		for i, s := range f.servers {
			must(t, os.WriteFile(s.Authorized, []byte(authorized[i]), 0o600))
		}
		f.traced(n + 1)
		keys := f.signers()
		for _, s := range f.servers {
			if !s.letsIn(t, keys) {
				t.Fatalf("killed before change %d (%s): nobody is let in at %s", n+1, whole.seen[n], s.Target())
			}
		}
		f.end()
		f.wantRotated(keys)
	}
	t.Logf("killed before %d of %d changes", len(moments), len(whole.seen))
}

// traced runs the command, and kills it before a change.
func (f *fleet) traced(killAt int) *tracer {
	f.t.Helper()
	cmd := f.command(cheap, f.args()...)
	said, err := os.Create(f.path("@/said"))
	must(f.t, err)
	cmd.Stdout, cmd.Stderr = said, said
	tr, err := trace(cmd, killAt)
	must(f.t, err)
	must(f.t, said.Close())
	f.said = f.read("@/said")
	return tr
}

// args are the arguments of the command. The keys have no passphrase: no login takes half a second.
func (f *fleet) args(more ...string) []string {
	return append([]string{"rotate", "shop", "-F", f.config, "--destroy", "--no-passphrase", "--reason", "a timer uses it", "--jobs", "10", "--timeout", "20s"}, more...)
}

// trouble gives servers faults, or takes them away: each of the faults in its turn, to several servers.
func (f *fleet) trouble(n int) {
	f.t.Helper()
	for i, s := range f.servers {
		s.heal(f.t)
		if rand.IntN(3) == 0 {
			s.harm(f.t, faults[(i+n)%len(faults)])
		}
	}
}

// under runs a command, kills it at a moment of chance, and meanwhile kills a server. It says how the command ended.
func (f *fleet) under(args []string, length time.Duration) string {
	f.t.Helper()
	cmd := f.command(cheap, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	said, err := os.Create(f.path("@/said"))
	must(f.t, err)
	cmd.Stdout, cmd.Stderr = said, said
	must(f.t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	death := time.After(time.Duration(rand.Int64N(int64(length))))
	stab := time.After(time.Duration(rand.Int64N(int64(length))))
	for {
		select {
		case <-stab:
			f.servers[rand.IntN(len(f.servers))].harm(f.t, "killed")
		case <-death:
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
		case err := <-ended:
			must(f.t, said.Close())
			f.said = f.read("@/said")
			if code := exitOf(f.t, err); code >= 0 {
				if code == exitUsage {
					f.noPromotion()
				}
				return fmt.Sprintf("with exit code %d", code)
			}
			return "killed"
		}
	}
}

// noPromotion wants the usage error to be the one of aborting too late.
func (f *fleet) noPromotion() {
	f.t.Helper()
	if !strings.Contains(f.said, "the new key has taken the old one's place already") {
		f.t.Errorf("exit code 2:\n%s", f.said)
	}
}

// end runs the command until it is over, when all is well: it takes one run, or two if a promotion was waited for.
func (f *fleet) end() {
	f.t.Helper()
	for range 2 {
		cmd := f.command(cheap, f.args()...)
		out, err := cmd.CombinedOutput()
		f.said = string(out)
		if exitOf(f.t, err) == exitOK {
			return
		}
	}
	f.t.Fatalf("it does not end:\n%s", f.said)
}

// wantRotated wants the state after rotations: files, servers, ledger. keys are all that ever were.
func (f *fleet) wantRotated(keys map[string]signer) {
	f.t.Helper()
	current := f.publicOf(f.read("~/.ssh/id_shop"))
	entries, err := os.ReadDir(f.path("~/.ssh"))
	must(f.t, err)
	if len(entries) != 2 || !strings.Contains(f.read("~/.ssh/id_shop.pub"), "ssh-ed25519 ") {
		f.t.Errorf("left in ~/.ssh: %v", entries)
	}
	if left, _ := filepath.Glob(f.path("~/.local/state/keysweep/journal/*.json")); len(left) > 0 {
		f.t.Errorf("journals: %v", left)
	}
	for _, left := range f.private() {
		if strings.Contains(left, "/.ssh/") || strings.Contains(left, "/journal/") { // what other parts leave is theirs to test
			f.t.Errorf("a temporary file is left: %s", left)
		}
	}
	pub := f.read("~/.ssh/id_shop.pub")
	for _, s := range f.servers {
		if got, want := s.authorized(f.t), s.file(pub); got != want {
			f.t.Errorf("%s:\n%s\nwant\n%s", s.Target(), got, want)
		}
		for fingerprint, key := range keys {
			if in := s.letsIn(f.t, map[string]signer{fingerprint: key}); in != (fingerprint == current) {
				f.t.Errorf("%s: the key %s is let in: %v; the new one is %s", s.Target(), fingerprint, in, current)
			}
		}
	}
	f.wantLedger(current, keys)
}

func (f *fleet) wantLedger(current string, keys map[string]signer) {
	f.t.Helper()
	b := f.ledger()
	for _, r := range b.records {
		active := len(r.ActiveInstallations(time.Now()))
		switch {
		case r.Fingerprint == current:
			if r.Status != rotation.Active || r.Name != "shop" || r.Path != f.path("~/.ssh/id_shop") || active != len(f.servers) {
				f.t.Errorf("the ledger says of the new key: %+v", r)
			}
		case r.Status != rotation.Retired || active != 0 || !b.buried[r.Fingerprint]:
			f.t.Errorf("the ledger says of an old key, which is buried: %v: %+v", b.buried[r.Fingerprint], r)
		}
	}
	for fingerprint := range keys {
		if b.find(f.t, fingerprint) == nil {
			f.t.Logf("the ledger never heard of %s, which was thrown away before a host had it", fingerprint)
		}
	}
}

// descendants returns the processes below one.
func descendants(pid int) (below []int) {
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", pid))
	if err != nil {
		return nil
	}
	for field := range strings.FieldsSeq(string(children)) {
		if child, err := strconv.Atoi(field); err == nil {
			below = append(append(below, child), descendants(child)...)
		}
	}
	return below
}
