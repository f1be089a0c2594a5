package proof

import (
	"encoding/base32"
	"encoding/binary"

	"keysweep/finding"
)

// crc16 is CRC-16/XMODEM, which NATS and Stellar share.
func crc16(data []byte) uint16 {
	var sum uint16
	for _, b := range data {
		sum ^= uint16(b) << 8
		for range 8 {
			top := sum & 0x8000
			if sum <<= 1; top != 0 {
				sum ^= 0x1021
			}
		}
	}
	return sum
}

const (
	nkeyLength    = 58 // of a NATS seed, two bytes of prefix, 32 of seed, two of checksum
	stellarLength = 56 // of a Stellar seed, one byte of version, 32 of seed, two of checksum
)

// nkeyKinds says whose seed a NATS key is by its second letter (github.com/nats-io/nkeys).
func nkeyKinds() map[byte]string {
	return map[byte]string{
		'A': "account", 'U': "user", 'O': "operator", 'N': "server", 'C': "cluster", 'X': "curve",
	}
}

// proveBase32 knows seeds of NATS and of Stellar accounts (SEP-23), whose last two bytes are a checksum.
func proveBase32(s *Subject, p *Proof) bool {
	if len(s.Text) != nkeyLength && len(s.Text) != stellarLength || s.Text[0] != 'S' {
		return false
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(s.Text)
	if err != nil {
		return false
	}
	kind, stellarVersion := "", byte(18<<3)
	switch whose, known := nkeyKinds()[s.Text[1]]; {
	case len(s.Text) == nkeyLength && known:
		kind = "NATS " + whose + " seed"
	case len(s.Text) == stellarLength && raw[0] == stellarVersion:
		kind = "Stellar seed"
	default:
		return false
	}
	body := raw[:len(raw)-2]
	p.checksum(binary.LittleEndian.Uint16(raw[len(body):]) == crc16(body))
	p.say(finding.FactKind, kind)
	return true
}
