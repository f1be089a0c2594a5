package scantest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	weak "math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"keysweep/keys/words"
)

// maker makes credentials of all kinds, the same ones for the same seed but for private keys.
type maker struct {
	t   testing.TB
	rnd *weak.Rand
}

const (
	lowerCase = "abcdefghijklmnopqrstuvwxyz"
	upperCase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits    = "0123456789"
	bitcoin58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
)

func (m *maker) bytes(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(m.rnd.IntN(256))
	}
	return out
}

func (m *maker) of(alphabet string, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(alphabet[m.rnd.IntN(len(alphabet))])
	}
	return b.String()
}

// password has letters of both cases, digits and a sign that no format needs to escape.
func (m *maker) password() string {
	return m.of(upperCase, 2) + m.of(lowerCase, 4) + m.of(digits, 2) + m.of("_-.", 1) + m.of(upperCase+lowerCase+digits, 4)
}

// chosen is what people choose.
func (m *maker) chosen() string {
	first := []string{"summer", "dragon", "monkey", "welcome", "letme" + "in", "qwer" + "ty"}
	return first[m.rnd.IntN(len(first))] + m.of(digits, 3)
}

func (m *maker) base58(payload []byte) string {
	once := sha256.Sum256(payload)
	twice := sha256.Sum256(once[:])
	n, base, digit := new(big.Int).SetBytes(append(payload, twice[:4]...)), big.NewInt(58), new(big.Int)
	var out string
	for n.Sign() > 0 {
		n.DivMod(n, base, digit)
		out = string(bitcoin58[digit.Int64()]) + out
	}
	return out
}

// phrase is a recovery phrase (BIP-39) of n words with its checksum.
func (m *maker) phrase(n int) string {
	entropy := m.bytes(n * 4 / 3)
	sum := sha256.Sum256(entropy)
	bits := new(big.Int).SetBytes(entropy)
	bits.Lsh(bits, uint(n/3)).Or(bits, big.NewInt(int64(sum[0]>>(8-n/3))))
	list, mask := make([]string, n), big.NewInt(2047)
	for i := n - 1; i >= 0; i-- {
		list[i] = words.Word(int(new(big.Int).And(bits, mask).Int64()))
		bits.Rsh(bits, 11)
	}
	return strings.Join(list, " ")
}

// nkey is the seed of a NATS user: two bytes for the kinds, 32 of seed, CRC-16 (XMODEM), in base32.
func (m *maker) nkey() string {
	raw := append([]byte{18<<3 | 20<<3>>5, 20 << 3 & 31 << 3}, m.bytes(32)...)
	var crc uint16
	for _, b := range raw {
		crc ^= uint16(b) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(append(raw, byte(crc), byte(crc>>8)))
}

// card is a number of the range 4 with Luhn's digit.
func (m *maker) card() string {
	number := "4" + m.of(digits, 14)
	sum := 0
	for i, c := range number {
		d := int(c - '0')
		if i%2 == 0 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return number + strconv.Itoa((10-sum%10)%10)
}

func (m *maker) pkcs8(key any, err error) []byte {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		m.t.Fatal(err)
	}
	return der
}

// listed is a key as a list of numbers, as Solana's tools keep it.
func listed(bytes []byte) string {
	var list []string
	for _, b := range bytes {
		list = append(list, strconv.Itoa(int(b)))
	}
	return strings.Join(list, ",")
}

// make returns a credential of a kind: a name, or a name and a length.
func (m *maker) make(kind string) string {
	name := strings.TrimRight(kind, digits)
	n, _ := strconv.Atoi(kind[len(name):])
	std, url := base64.StdEncoding, base64.RawURLEncoding
	switch name {
	case "pw":
		return m.password()
	case "weak":
		return m.chosen()
	case "tok":
		return m.of(lowerCase+upperCase+digits, max(n, 32))
	case "hex":
		return hex.EncodeToString(m.bytes(n / 2))
	case "HEX":
		return strings.ToUpper(hex.EncodeToString(m.bytes(n / 2)))
	case "key": // n bytes in base64
		return std.EncodeToString(m.bytes(n))
	case "url":
		return url.EncodeToString(m.bytes(n))
	case "uuid":
		h := hex.EncodeToString(m.bytes(16))
		return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
	case "salt":
		return m.of(lowerCase+upperCase+digits+"!#%&()*+,-./:;<>?@[]^_{|}~", n)
	case "seed":
		return m.of(upperCase+"234567", n)
	case "akia":
		return "AKIA" + m.of(upperCase+"234567", 16)
	case "crypt":
		return fmt.Sprintf("$%d$%s$%s", n, m.of(lowerCase+digits, 8), m.of(lowerCase+upperCase+digits, map[int]int{1: 22, 6: 86}[n]))
	case "apr":
		return "$apr1$" + m.of(lowerCase+digits, 8) + "$" + m.of(lowerCase+upperCase+digits, 22)
	case "sha":
		return "{SHA}" + std.EncodeToString(m.bytes(20))
	case "phrase":
		return m.phrase(n)
	case "wif":
		return m.base58(append(append([]byte{0x80}, m.bytes(32)...), 1))
	case "wifold":
		return m.base58(append([]byte{0x80}, m.bytes(32)...))
	case "xprv":
		return m.base58(append([]byte{0x04, 0x88, 0xad, 0xe4}, m.bytes(74)...))
	case "nkey":
		return m.nkey()
	case "card":
		return m.card()
	case "keypair": // of Ed25519: the seed and, behind it, the public half that belongs to it
		return listed(ed25519.NewKeyFromSeed(m.bytes(ed25519.SeedSize)))
	case "der":
		return std.EncodeToString(m.pkcs8(rsa.GenerateKey(rand.Reader, 1024)))
	case "derhex":
		return hex.EncodeToString(m.pkcs8(ecdsa.GenerateKey(elliptic.P224(), rand.Reader)))
	case "pem":
		block := &pem.Block{Type: "PRIVATE " + "KEY", Bytes: m.pkcs8(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))}
		return std.EncodeToString(pem.EncodeToMemory(block))
	}
	m.t.Fatalf("what is %q?", kind)
	return ""
}
