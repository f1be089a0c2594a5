package proof

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"keysweep/finding"
)

// provePGP reads the first packet of an armoured OpenPGP private key (RFC 9580): the algorithm, its age, and whether a passphrase
// protects it.
func provePGP(b block, p *Proof) {
	raw, sum := pgpBytes(b.lines)
	key, ok := readPGP(raw)
	if !ok {
		p.say(finding.FactDamage, "it cannot be read as what its first line says")
		return
	}
	if sum != nil {
		p.checksum(bytes.Equal(sum, crc24(raw)))
	}
	p.say(finding.FactKey, "OpenPGP "+key.algorithm+", made "+onDay(key.made))
	p.say(finding.FactPassphrase, map[bool]string{true: "protects it", false: "none"}[key.protected])
	if key.protected {
		p.milder(finding.Medium)
	}
	p.say(finding.FactFingerprint, key.fingerprint)
}

// pgpBytes decodes armour: base 64 and, often, a checksum on a line of its own that begins with "=".
func pgpBytes(lines []string) (raw, sum []byte) {
	var body strings.Builder
	for _, line := range lines {
		if text, ok := strings.CutPrefix(line, "="); ok && len(text) == 4 {
			sum, _ = base64.StdEncoding.DecodeString(text)
			continue
		}
		body.WriteString(line)
	}
	raw, _ = base64.RawStdEncoding.DecodeString(strings.TrimRight(body.String(), "=")) // as far as it goes
	return raw, sum
}

// crc24 is the checksum of armour (RFC 9580 section 6.1).
func crc24(data []byte) []byte {
	sum := uint32(0xB704CE)
	for _, b := range data {
		sum ^= uint32(b) << 16
		for range 8 {
			if sum <<= 1; sum&0x1000000 != 0 {
				sum ^= 0x1864CFB
			}
		}
	}
	return []byte{byte(sum >> 16), byte(sum >> 8), byte(sum)}
}

// pgpKey is what is told of a secret key packet.
type pgpKey struct {
	algorithm   string
	made        time.Time
	protected   bool
	fingerprint string
}

// readPGP reads a secret key packet of version 4 or 6 (RFC 9580 section 5.5).
func readPGP(raw []byte) (k pgpKey, ok bool) {
	body, ok := pgpPacket(raw)
	const head = 6 // version, time, algorithm
	if !ok || len(body) < head || body[0] != 4 && body[0] != 6 {
		return k, false
	}
	k.made = time.Unix(int64(binary.BigEndian.Uint32(body[1:])), 0)
	at, algorithm := head, body[5]
	if body[0] == 6 {
		at += 4 // how long the material is
	}
	if at > len(body) {
		return k, false
	}
	name, n, ok := pgpMaterial(algorithm, body[at:], body[0] == 6)
	if at += n; !ok || at >= len(body) {
		return k, false
	}
	k.algorithm, k.protected = name, body[at] != 0
	k.fingerprint = pgpFingerprint(body[:at])
	return k, true
}

// pgpFingerprint hashes the public part of a key packet's body (RFC 9580 section 5.5.4).
func pgpFingerprint(public []byte) string {
	if public[0] == 6 {
		sum := sha256.Sum256(append(binary.BigEndian.AppendUint32([]byte{0x9b}, uint32(len(public))), public...))
		return strings.ToUpper(hex.EncodeToString(sum[:]))
	}
	sum := sha1.Sum(append(binary.BigEndian.AppendUint16([]byte{0x99}, uint16(len(public))), public...))
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// pgpPacket returns the body of the first packet, if it is a secret key (RFC 9580 section 4.2). The body may be cut off.
func pgpPacket(raw []byte) (body []byte, ok bool) {
	const secretKey = 5
	if len(raw) < 4 || raw[0]&0x80 == 0 {
		return nil, false
	}
	tag, at, length := int(raw[0]&0x3f), 1, 0
	if raw[0]&0x40 == 0 { // the legacy format: the length's length is in the tag
		tag = int(raw[0] >> 2 & 0xf)
		size := 1 << (raw[0] & 3)
		if size > 4 || len(raw) < 1+size {
			return nil, false
		}
		for at = 1; at <= size; at++ {
			length = length<<8 | int(raw[at])
		}
	} else if length, at, ok = pgpLength(raw); !ok {
		return nil, false
	}
	return raw[at:min(len(raw), at+length)], tag == secretKey
}

// pgpLength reads a length of the newer format, and returns where the body starts.
func pgpLength(raw []byte) (length, at int, ok bool) {
	switch first := int(raw[1]); {
	case first < 192:
		return first, 2, true
	case first < 224:
		return (first-192)<<8 + int(raw[2]) + 192, 3, true
	case first == 255 && len(raw) >= 6:
		return int(binary.BigEndian.Uint32(raw[2:])), 6, true
	}
	return 0, 0, false
}

// pgpMaterial names an algorithm with its size, and says how many bytes its public numbers take (RFC 9580 section 5.5.5).
func pgpMaterial(algorithm byte, data []byte, six bool) (name string, n int, ok bool) {
	switch algorithm {
	case 1, 2, 3:
		bits, n, ok := pgpNumbers(data, 2)
		return fmt.Sprintf("RSA, %d bits", bits), n, ok
	case 16, 20:
		bits, n, ok := pgpNumbers(data, 3)
		return fmt.Sprintf("Elgamal, %d bits", bits), n, ok
	case 17:
		bits, n, ok := pgpNumbers(data, 4)
		return fmt.Sprintf("DSA, %d bits", bits), n, ok
	case 19, 22:
		name := map[byte]string{19: "ECDSA", 22: "EdDSA"}[algorithm]
		if len(data) == 0 || len(data) < 1+int(data[0]) {
			return "", 0, false
		}
		oid := 1 + int(data[0])
		_, n, ok := pgpNumbers(data[oid:], 1)
		return name, oid + n, ok
	case 27:
		return "Ed25519", 32, six || len(data) > 32
	case 28:
		return "Ed448", 57, six || len(data) > 57
	}
	return "", 0, false
}

// pgpNumbers passes over some multiprecision integers, and returns the size of the first in bits.
func pgpNumbers(data []byte, count int) (bits, n int, ok bool) {
	for i := range count {
		if len(data) < n+2 {
			return 0, 0, false
		}
		size := int(binary.BigEndian.Uint16(data[n:]))
		if i == 0 {
			bits = size
		}
		n += 2 + (size+7)/8
	}
	return bits, n, n <= len(data)
}
