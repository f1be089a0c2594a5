//go:build !linux

package odb

// relax does nothing: only on Linux the pages of a mapped file can be given back like this.
func (m *mapping) relax() {}
