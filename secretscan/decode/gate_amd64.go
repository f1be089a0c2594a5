package decode

import "golang.org/x/sys/cpu"

// gateWide fills masks for blocks times 64 bytes of data, which has one byte more. It returns false if the processor cannot.
func gateWide(masks *gateMasks, data []byte, blocks int) bool {
	if !cpu.X86.HasAVX2 {
		return false
	}
	_, _ = masks[blocks-1], data[blocks*gateBytes]
	gate(&masks[0], &data[0], blocks, &gateOf)
	return true
}

// gate is gateWide on memory that is there.
//
//go:noescape
func gate(masks *gateMask, data *byte, blocks int, tables *gateTables)
