//go:build linux

package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"keysweep/internal/testkeyring"
	"keysweep/rotation"
	"keysweep/rotation/filestore"
)

// BenchmarkRotation measures whole processes of the program with a ledger of ten thousand credentials in files, and one of three hundred
// in a keyring (scripts/bench-rotation.sh). What stands in a metric is the median of all runs, or the least: on a machine that others use,
// too, the least tells more of the program, and CPU time more than wall time. With -benchtime 10x there are ten runs of each.
func BenchmarkRotation(b *testing.B) {
	b.Run("start", benchStart)
	b.Run("files", benchFiles)
	b.Run("keyring", benchKeyring)
}

// bench is an account for measurements.
type bench struct {
	dir     string
	environ []string
}

func newBench(b *testing.B, more ...string) *bench {
	b.Helper()
	dir := b.TempDir()
	must(b, os.WriteFile(filepath.Join(dir, "pass"), []byte(ledgerPass+"\n"), 0o600))
	return &bench{dir, append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LC_ALL=C", "KEYSWEEP_LEDGER_PASSPHRASE_FILE=" + filepath.Join(dir, "pass")}, more...)}
}

func (h *bench) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = h.dir, h.environ
	return cmd
}

// spent is what one process took, its children that it waited for included.
type spent struct{ wall, cpu time.Duration }

func (h *bench) spend(b *testing.B, program string, args ...string) spent {
	b.Helper()
	cmd := h.command(program, args...)
	var said strings.Builder
	cmd.Stderr = &said
	began := time.Now()
	err := cmd.Run()
	took := time.Since(began)
	if code := exitOf(b, err); code > exitFindings {
		b.Fatalf("%s %q: %v\n%s", program, args, err, said.String())
	}
	return spent{took, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
}

// measure runs the program as often as the benchmark says, in turn with /bin/true, which tells how fast the machine is at the time.
func (h *bench) measure(b *testing.B, name string, args ...string) {
	b.Run(name, func(b *testing.B) {
		h.spend(b, real, args...) // what is read is in the system's cache
		var ours, nothing []spent
		for b.Loop() {
			ours = append(ours, h.spend(b, real, args...))
			nothing = append(nothing, h.spend(b, "/bin/true"))
		}
		b.ReportMetric(0, "ns/op")
		tell(b, ours, "")
		tell(b, nothing, "-true")
	})
}

func tell(b *testing.B, all []spent, of string) {
	var walls, cpus []time.Duration
	for _, s := range all {
		walls, cpus = append(walls, s.wall), append(cpus, s.cpu)
	}
	for _, m := range []struct {
		name string
		list []time.Duration
	}{{"ms-wall", walls}, {"ms-cpu", cpus}} {
		slices.Sort(m.list)
		b.ReportMetric(float64(m.list[0].Microseconds())/1000, "min-"+m.name+of)
		b.ReportMetric(float64(m.list[len(m.list)/2].Microseconds())/1000, "mid-"+m.name+of)
	}
}

// benchStart measures what needs no ledger.
func benchStart(b *testing.B) {
	h := newBench(b)
	for _, args := range [][]string{{"init", "-q"}, {"config", "user.name", "x"}} {
		if out, err := h.command("git", args...).CombinedOutput(); err != nil {
			b.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	h.measure(b, "version", "version")
	h.measure(b, "help", "--help")
	h.measure(b, "prompt-without-a-ledger", "prompt")
	h.measure(b, "scan-staged-of-nothing", "scan", "--staged", "-q")
	must(b, os.WriteFile(filepath.Join(h.dir, ".env"), []byte("A=1\n"), 0o600))
	h.measure(b, "run-true-without-a-ledger", "run", "--env-file", ".env", "--", "/bin/true")
}

// benchFiles measures ten thousand credentials in encrypted files, with scrypt as everybody has it.
func benchFiles(b *testing.B) {
	h := newBench(b)
	h.fill(b, 10_000)
	h.measure(b, "rotate-due-snapshot", "rotate-due", "--snapshot")
	h.measure(b, "rotate-due-snapshot-all", "rotate-due", "--snapshot", "--all")
	h.measure(b, "rotate-due-snapshot-prometheus", "rotate-due", "--snapshot", "--format", "prometheus")
	h.measure(b, "rotate-due-snapshot-json", "rotate-due", "--snapshot", "--format", "json")
	h.measure(b, "prompt", "prompt")
	h.measure(b, "rotate-due-files", "rotate-due")
}

// fill makes a ledger of n credentials, a tenth of which is due, and its snapshot.
func (h *bench) fill(b *testing.B, n int) {
	b.Helper()
	state := filepath.Join(h.dir, ".local/state/keysweep")
	must(b, os.MkdirAll(state, 0o700))
	where := filestore.Options{Dir: filepath.Join(h.dir, ".local/share/keysweep/ledger"), Anchor: filepath.Join(state, "ledger-anchor.json")}
	store, err := filestore.Create(b.Context(), where, []byte(ledgerPass))
	must(b, err)
	host, err := os.Hostname()
	must(b, err)
	ledger, now := rotation.Open(store, host, time.Now), time.Now()
	must(b, ledger.Do(b.Context(), func(tx *rotation.Tx) error {
		for i := range n {
			age := 10 * 24 * time.Hour
			if i%10 == 0 {
				age *= 20
			}
			r, err := tx.Add(rotation.Record{
				Kind: rotation.KindAPI, Name: fmt.Sprintf("SERVICE_%d_TOKEN", i), Env: "prod", Service: "billing", Owner: "payments team", Provider: "gitlab",
				Purpose: "reads the list of invoices for the monthly report", Evidence: []rotation.Evidence{{Source: rotation.FromProvider, At: now.Add(-age)}},
			})
			if err == nil {
				err = tx.SetSecret(r.ID, fmt.Appendf(nil, "value %d", i))
			}
			if err != nil {
				return err
			}
		}
		return nil
	}))
	h.spend(b, real, "rotate-due")
}

// besides measures the program less the time that the keyring's own calls take, from each question on the bus to its answer, and less
// /bin/true: what is left is the start and the end of both our processes, what they say to each other, and what they compute. The calls
// are those of a second run, by way of a tap, which would cost time of its own. Least and median are those of the three figures.
func (h *bench) besides(b *testing.B, tap *tap, tapped []string, name string, args ...string) {
	b.Run(name, func(b *testing.B) {
		slow := &bench{h.dir, tapped}
		slow.spend(b, real, args...)
		tap.waited()
		var ours, calls, trues []time.Duration
		for b.Loop() {
			ours = append(ours, h.spend(b, real, args...).wall)
			slow.spend(b, real, args...)
			calls = append(calls, tap.waited())
			trues = append(trues, h.spend(b, "/bin/true").wall)
		}
		b.ReportMetric(0, "ns/op")
		for _, list := range [][]time.Duration{ours, calls, trues} {
			slices.Sort(list)
		}
		for name, i := range map[string]int{"min-ms-wall": 0, "mid-ms-wall": len(ours) / 2} {
			b.ReportMetric(float64((ours[i]-calls[i]-trues[i]).Microseconds())/1000, name)
			b.ReportMetric(float64(trues[i].Microseconds())/1000, name+"-true")
		}
	})
}

// benchKeyring measures three hundred credentials in gnome-keyring, and programs that are run with one and with five of them.
func benchKeyring(b *testing.B) {
	ring := testkeyring.Start(b)
	h := newBench(b)
	h.environ = ring.Environ(slices.DeleteFunc(h.environ, func(line string) bool { return strings.HasPrefix(line, "KEYSWEEP_") }))
	var lines strings.Builder
	for i := range 300 {
		fmt.Fprintf(&lines, "SERVICE_%d_TOKEN=value-of-%d\n", i, i)
	}
	must(b, os.WriteFile(filepath.Join(h.dir, "many"), []byte(lines.String()), 0o600))
	h.spend(b, real, "cred", "import", "many", "--env", "prod", "--purpose", "bench", "--all", "--yes")
	h.measure(b, "rotate-due-of-300", "rotate-due")
	h.measure(b, "rotate-due-snapshot-of-300", "rotate-due", "--snapshot")
	h.measure(b, "run-1", "run", "--env", "prod", "--only", "SERVICE_1_TOKEN", "-q", "--", "/bin/true")
	h.measure(b, "run-5", "run", "--env", "prod", "--only", "SERVICE_1_TOKEN,SERVICE_2_TOKEN,SERVICE_3_TOKEN,SERVICE_4_TOKEN,SERVICE_5_TOKEN", "-q", "--", "/bin/true")
	h.measure(b, "prompt", "prompt")
	tap, environ := tapped(b, ring, h.environ)
	h.besides(b, tap, environ, "run-1-besides-the-keyring", "run", "--env", "prod", "--only", "SERVICE_1_TOKEN", "-q", "--", "/bin/true")
}
