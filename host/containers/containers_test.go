package containers_test

import (
	"strings"
	"testing"

	"keysweep/host"
	"keysweep/host/containers"
	"keysweep/host/hosttest"
)

func TestLook(t *testing.T) {
	a, b, c := strings.Repeat("a", 64), strings.Repeat("b", 64), strings.Repeat("c", 64)
	m := hosttest.New(map[string]string{
		"/proc/1/cgroup": "0::/init.scope\n", "/proc/self/cgroup": "x", "/proc/uptime": "1 1",
		"/proc/30/cgroup": "0::/system.slice/docker-" + a + ".scope\n", "/proc/30/status": "Name:\tnode\nUid:\t0\t0\t0\t0\nCapEff:\t00000000a80425fb\n",
		"/proc/31/cgroup": "0::/system.slice/docker-" + a + ".scope\n", "/proc/31/status": "Name:\tchild\nUid:\t5\t5\t5\t5\n",
		"/proc/40/cgroup": "12:cpu:/docker/" + b + "\n", "/proc/40/status": "Name:\tdb\nUid:\t999\t999\t999\t999\nCapEff:\t0000000000000000\n",
		"/proc/50/cgroup": "0::/machine.slice/libpod-" + c + ".scope\n", "/proc/50/status": "Name:\troot\nUid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n",
	})
	f := containers.Look(m)
	if f.Err != nil || len(f.Running) != 3 {
		t.Fatalf("it is %+v", f)
	}
	x, y, z := f.Running[0], f.Running[1], f.Running[2]
	if x.PID != 30 || x.UID != 0 || x.AllCaps || x.Command != "node" || x.Short() != "aaaaaaaaaaaa" || y.UID != 999 || !z.AllCaps || z.Engine != "libpod" {
		t.Errorf("they are %+v", f.Running)
	}
	for name, m := range map[string]*hosttest.Machine{
		"closed": hosttest.New(map[string]string{"/proc/": ""}).Deny("/proc"), "image": hosttest.New(nil).As(host.Image),
		"no status": hosttest.New(map[string]string{"/proc/30/cgroup": "0::/docker-" + a, "/proc/30/status": "Name: x\n"}),
		"denied":    hosttest.New(map[string]string{"/proc/30/cgroup": "x"}).Deny("/proc/30/cgroup"),
	} {
		if f := containers.Look(m); f.Err == nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
}
