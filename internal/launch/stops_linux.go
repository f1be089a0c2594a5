package launch

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// The values of si_code for SIGCHLD, of <bits/siginfo-consts.h>; package unix has no names for them.
const cldStopped = 5

// settle is what a continued program gets to be seen as such. Both processes are sent SIGCONT at once by a shell; this one may
// be the first to run.
const settle = 20 * time.Millisecond

// followStops returns when the program has ended, without taking note of it (waitid(2), WNOWAIT). Each time that the program is
// stopped, so is this process: a shell that waits for it would otherwise wait for ever.
func followStops(pid int) {
	for {
		var info unix.Siginfo
		err := wait(pid, &info, unix.WEXITED|unix.WSTOPPED|unix.WNOWAIT)
		if err != nil || info.Code != cldStopped {
			return
		}
		time.Sleep(settle)
		info = unix.Siginfo{}
		if wait(pid, &info, unix.WSTOPPED|unix.WNOHANG) == nil && info.Code == cldStopped { // still
			_ = unix.Kill(unix.Getpid(), unix.SIGSTOP)
		}
	}
}

func wait(pid int, info *unix.Siginfo, options int) error {
	for {
		if err := unix.Waitid(unix.P_PID, pid, info, options, nil); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
