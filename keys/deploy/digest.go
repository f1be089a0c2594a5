package deploy

import (
	"crypto/sha256"
	"fmt"
)

// pattern is a pattern of a shell's case that fits a file's digest, whichever of the programs of the script makes it.
func pattern(data []byte) string {
	return fmt.Sprintf("sha256:%x|cksum:%d:%d", sha256.Sum256(data), cksum(data), len(data))
}

// cksum is the CRC of POSIX's cksum: polynomial 0x04C11DB7, most significant bit first, the length appended with its least
// significant byte first, the result inverted.
func cksum(data []byte) uint32 {
	var crc uint32
	add := func(b byte) {
		crc ^= uint32(b) << 24
		for range 8 {
			carry := crc >> 31
			crc <<= 1
			if carry == 1 {
				crc ^= 0x04C11DB7
			}
		}
	}
	for _, b := range data {
		add(b)
	}
	for n := len(data); n > 0; n >>= 8 {
		add(byte(n))
	}
	return ^crc
}
