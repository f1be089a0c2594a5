package odb

import "syscall"

// relax gives the pages of a mapped file back until they are needed again: they stay in the system's cache, but are no longer
// counted as this program's memory.
func (m *mapping) relax() {
	if m.unmap != nil {
		_ = syscall.Madvise(m.data, syscall.MADV_DONTNEED) // advice may be refused
	}
}
