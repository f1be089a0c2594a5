package terminal

import "golang.org/x/sys/unix"

// The requests of ioctl_tty(2). Flush drops what was typed and not yet read.
const (
	getTermios      = unix.TCGETS
	setTermios      = unix.TCSETS
	setTermiosFlush = unix.TCSETSF
)
