package testneed

import (
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// Modes makes the modes of files count for root, too, until the test ends, in the goroutine that calls it and in the programs
// that it starts: root may do what they forbid by two capabilities (capabilities(7)), which are given up. For others it does nothing.
func Modes(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	runtime.LockOSThread() // capabilities are a thread's
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var had [2]unix.CapUserData
	if err := unix.Capget(&header, &had[0]); err != nil {
		t.Fatalf("read capabilities: %v", err)
	}
	less := had
	less[0].Effective &^= 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH
	if err := unix.Capset(&header, &less[0]); err != nil {
		t.Fatalf("give up capabilities: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Capset(&header, &had[0]); err != nil {
			t.Errorf("take capabilities back: %v", err)
			return // the thread stays locked, and ends with the goroutine
		}
		runtime.UnlockOSThread()
	})
}
