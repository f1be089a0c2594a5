//go:build linux

package acceptance

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// commands is how many commands are killed: those of killCases, deploy and revoke.
const commands = 18

// kills is how many kills at moments of chance each command gets: its share of 20, or of KEYSWEEP_KILLS. all says that it is also
// killed before every single change; otherwise a few are drawn.
func kills(t *testing.T) (chance int, all bool) {
	total, err := strconv.Atoi(os.Getenv("KEYSWEEP_KILLS"))
	if all = err == nil; !all {
		total = 20
	}
	return (total + commands - 1) / commands, all
}

// sample is how many changes a command is killed before by default.
const sample = 3

// killCase is a command that changes files, and what may be seen after it was killed.
type killCase struct {
	name  string
	cheap bool // run the stand-in, whose scrypt takes no time
	args  []string
	setUp func(h *home)
	// check fails the test if the files are in a state that must not be, and names the state otherwise.
	check func(h *home) (state string)
	// heal does what a user would do next, and fails the test if that does not lead to what the command was for.
	heal func(h *home, state string)
	done string // the state after the whole command
}

func TestKilled(t *testing.T) {
	needTracing(t)
	if len(killCases())+2 != commands {
		t.Errorf("there are %d commands", len(killCases())+2)
	}
	for _, c := range killCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.try(t)
		})
	}
}

// try lets the command run, and then kills it again and again, always from the same start.
func (c *killCase) try(t *testing.T) {
	h := newHome(t)
	c.setUp(h)
	places := []string{h.dir, h.path("@/stick")}
	start := take(t, places...)

	whole := c.traced(h, 0)
	if code := whole.status.ExitStatus(); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, h.said)
	}
	if state := c.check(h); state != c.done {
		t.Fatalf("state %q, want %q\n%s", state, c.done, h.said)
	}
	states := map[string]int{}
	litter := 0
	after := func(moment string) {
		h.t.Helper()
		defer func() {
			if t.Failed() {
				t.Logf("killed %s; it said:\n%s", moment, h.said)
			}
		}()
		state := c.check(h)
		litter += len(h.private())
		c.heal(h, state)
		states[state]++
		start.put(t, places...)
	}
	start.put(t, places...)
	chance, all := kills(t)
	moments := rand.Perm(len(whole.seen))
	if !all {
		moments = moments[:min(sample, len(moments))]
	}
	missed := 0
	for _, n := range moments {
		if tr := c.traced(h, n+1); !tr.status.Signaled() {
			missed++ // it had fewer changes to make this time
		}
		after(fmt.Sprintf("before change %d (%s)", n+1, strings.Join(whole.seen, " ")))
	}
	length := c.duration(h)
	start.put(t, places...)
	for range chance {
		at := time.Duration(rand.Int64N(int64(length)))
		c.killedAfter(h, at)
		after(fmt.Sprintf("after %v of %v", at, length))
	}
	t.Logf("killed before %d of %d changes (%d times it ended first), and %d times by chance within %v; found after it: %s; temporary files left: %d",
		len(moments), len(whole.seen), missed, chance, length.Round(time.Millisecond), counts(states), litter)
}

func counts(states map[string]int) string {
	var parts []string
	for _, state := range slices.Sorted(maps.Keys(states)) {
		parts = append(parts, fmt.Sprintf("%d %s", states[state], state))
	}
	return strings.Join(parts, ", ")
}

func (c *killCase) command(h *home) (*exec.Cmd, *os.File) {
	program := real
	if c.cheap {
		program = cheap
	}
	cmd := h.command(program, c.args...)
	said, err := os.Create(h.path("@/said"))
	must(h.t, err)
	cmd.Stdout, cmd.Stderr = said, said
	return cmd, said
}

func (c *killCase) traced(h *home, killAt int) *tracer {
	h.t.Helper()
	cmd, said := c.command(h)
	tr, err := trace(cmd, killAt)
	must(h.t, err)
	must(h.t, said.Close())
	h.said = h.read("@/said")
	return tr
}

// duration measures a whole run.
func (c *killCase) duration(h *home) time.Duration {
	h.t.Helper()
	cmd, said := c.command(h)
	began := time.Now()
	err := cmd.Run()
	length := time.Since(began)
	must(h.t, said.Close())
	if err != nil {
		h.t.Fatalf("%v\n%s", err, h.read("@/said"))
	}
	return length
}

func (c *killCase) killedAfter(h *home, at time.Duration) {
	h.t.Helper()
	cmd, said := c.command(h)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	must(h.t, cmd.Start())
	time.Sleep(at)
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
	_ = cmd.Wait()
	must(h.t, said.Close())
	h.said = h.read("@/said")
}
