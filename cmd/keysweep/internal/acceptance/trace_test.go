//go:build linux

package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"keysweep/internal/testneed"
)

// changes are the system calls by which a Go program changes the file system through a name.
var changes = map[uint64]string{
	unix.SYS_MKDIRAT: "mkdir", unix.SYS_LINKAT: "link", unix.SYS_SYMLINKAT: "symlink", unix.SYS_UNLINKAT: "unlink",
	unix.SYS_RENAMEAT: "rename", unix.SYS_RENAMEAT2: "rename", unix.SYS_FCHMODAT: "chmod", unix.SYS_FCHOWNAT: "chown", unix.SYS_UTIMENSAT: "utimes",
}

// changesOpen are those that change an open file.
var changesOpen = map[uint64]string{
	unix.SYS_WRITE: "write", unix.SYS_PWRITE64: "write", unix.SYS_FSYNC: "fsync", unix.SYS_FCHMOD: "fchmod",
	unix.SYS_FCHOWN: "fchown", unix.SYS_FTRUNCATE: "truncate",
}

// syscallInfo is struct ptrace_syscall_info, see ptrace(2).
type syscallInfo struct {
	op   uint8 // 1 before the call, 2 after it
	_    [3]byte
	arch uint32
	ip   uint64
	sp   uint64
	nr   uint64 // after the call: what it returned
	args [6]uint64
}

// tracer runs a process and stops it at every system call. Nothing of its memory is read, so that it works on a process that has
// switched off core dumps, too.
type tracer struct {
	cmd     *exec.Cmd
	killAt  int             // kill it before the change with this number, from 1; 0 is never
	seen    []string        // the changes so far
	writing map[uint64]bool // descriptors of files that were opened for writing
	opening map[int]bool    // threads that are opening one
	status  syscall.WaitStatus
}

// trace runs cmd, whose output must be a file or nil, and returns the changes that it made, and how it ended.
func trace(cmd *exec.Cmd, killAt int) (*tracer, error) {
	runtime.LockOSThread() // ptrace(2) is about threads on both sides
	defer runtime.UnlockOSThread()
	tr := &tracer{cmd: cmd, killAt: killAt, writing: map[uint64]bool{}, opening: map[int]bool{}}
	cmd.Env = append(cmd.Env, "GODEBUG=asyncpreemptoff=1") // its signals would only be more stops
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true, Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("ptrace: %w", err)
	}
	defer func() { _ = cmd.Process.Release() }()
	pid := cmd.Process.Pid
	if _, err := syscall.Wait4(pid, &tr.status, syscall.WALL, nil); err != nil {
		return nil, fmt.Errorf("ptrace: wait: %w", err)
	}
	const options = unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_EXITKILL
	if err := syscall.PtraceSetOptions(pid, options); err != nil {
		return nil, fmt.Errorf("ptrace: %w", err)
	}
	if err := syscall.PtraceSyscall(pid, 0); err != nil {
		return nil, fmt.Errorf("ptrace: %w", err)
	}
	return tr, tr.loop(pid)
}

// loop goes from stop to stop until the process ends.
func (tr *tracer) loop(pid int) error {
	for {
		tid, err := syscall.Wait4(-pid, &tr.status, syscall.WALL|syscall.WNOTHREAD, nil)
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return fmt.Errorf("ptrace: wait: %w", err)
		case tid == pid && !tr.status.Stopped():
			return nil
		case !tr.status.Stopped():
			continue
		}
		deliver := 0
		switch sig := tr.status.StopSignal(); {
		case sig == syscall.SIGTRAP|0x80:
			if err := tr.atCall(tid, pid); err != nil {
				return err
			}
		case sig == syscall.SIGTRAP, sig == syscall.SIGSTOP: // a new thread, or the event of making one
		default:
			deliver = int(sig)
		}
		if err := syscall.PtraceSyscall(tid, deliver); err != nil && err != syscall.ESRCH { // it is dead already
			return fmt.Errorf("ptrace: %w", err)
		}
	}
}

// atCall looks at a system call, and kills the process if its time has come: the call is then not made.
func (tr *tracer) atCall(tid, pid int) error {
	var info syscallInfo
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PTRACE, unix.PTRACE_GET_SYSCALL_INFO, uintptr(tid), unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0)
	if errno == syscall.ESRCH {
		return nil
	}
	if errno != 0 {
		return fmt.Errorf("ptrace: %w", errno)
	}
	if info.op == 2 {
		if tr.opening[tid] && int64(info.nr) >= 0 {
			tr.writing[info.nr] = true
		}
		delete(tr.opening, tid)
		return nil
	}
	if what := tr.change(tid, &info); what != "" {
		tr.seen = append(tr.seen, what)
		if len(tr.seen) == tr.killAt {
			return syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	return nil
}

// change names the change that a call is about to make, "" for none.
func (tr *tracer) change(tid int, info *syscallInfo) string {
	switch fd := info.args[0]; {
	case info.nr == unix.SYS_OPENAT && info.args[2]&(flagWrite|flagBoth) != 0:
		tr.opening[tid] = true
		if info.args[2]&unix.O_CREAT != 0 {
			return "create"
		}
	case info.nr == unix.SYS_CLOSE:
		delete(tr.writing, fd)
	case tr.writing[fd] && changesOpen[info.nr] != "":
		return changesOpen[info.nr]
	default:
		return changes[info.nr]
	}
	return ""
}

const (
	flagWrite = uint64(os.O_WRONLY)
	flagBoth  = uint64(os.O_RDWR)
)

// needTracing skips the test where ptrace is forbidden, as in some containers, unless real programs are required.
func needTracing(t *testing.T) {
	t.Helper()
	tr, err := trace(exec.Command("/bin/true"), 0)
	if err == nil && tr.status.Exited() && tr.status.ExitStatus() == 0 {
		return
	}
	testneed.Missing(t, "to trace processes, which cannot be done here: %v", err)
}
