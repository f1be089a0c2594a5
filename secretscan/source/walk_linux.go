package source

import "golang.org/x/sys/unix"

// deviceOf returns which device an open directory is on, and whether something other than files begins there: a file system
// that the kernel makes up, mounted below what is scanned. above is the device of the directory above, 0 if this is where
// the walk began: then it was asked for.
func deviceOf(dir openDir, above uint64) (dev uint64, kernel bool) {
	var st unix.Stat_t
	if err := unix.Fstat(dir.fd, &st); err != nil {
		return above, false
	}
	if above == 0 || above == st.Dev {
		return st.Dev, false
	}
	var sys unix.Statfs_t
	if err := unix.Fstatfs(dir.fd, &sys); err != nil {
		return st.Dev, false
	}
	return st.Dev, isKernelFS(uint32(sys.Type))
}

// isKernelFS knows the file systems without files by the numbers in linux/magic.h.
func isKernelFS(magic uint32) bool {
	switch magic {
	case unix.PROC_SUPER_MAGIC, unix.SYSFS_MAGIC, unix.DEBUGFS_MAGIC, unix.TRACEFS_MAGIC, unix.SECURITYFS_MAGIC,
		unix.CGROUP_SUPER_MAGIC, unix.CGROUP2_SUPER_MAGIC, unix.SELINUX_MAGIC, unix.BPF_FS_MAGIC, unix.PSTOREFS_MAGIC,
		unix.DEVPTS_SUPER_MAGIC, unix.BINFMTFS_MAGIC, unix.EFIVARFS_MAGIC:
		return true
	}
	return false
}
