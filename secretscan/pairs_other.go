//go:build !amd64

package secretscan

// wideBytes is how many bytes would be looked at at once.
const wideBytes = 32

// widePairs is for processors that can look at many bytes at once.
type widePairs struct{}

func newWidePairs(*pairSet) *widePairs { return nil }

func (w *widePairs) find(*[chunk / wideBytes]uint32, []byte, int, byte) {}
