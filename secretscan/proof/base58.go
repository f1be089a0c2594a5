package proof

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"math/big"
	"slices"
	"strings"

	"keysweep/finding"
)

// The alphabets of base 58: Bitcoin's, and Ripple's with the same letters in another order.
const (
	bitcoin58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	ripple58  = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
)

// base58Most is how long a text in base 58 may be: decoding takes quadratic time, and no key is longer than 112.
const base58Most = 128

// decode58 decodes base 58; a zero byte at the front is the alphabet's first letter.
func decode58(text, alphabet string) ([]byte, bool) {
	if text == "" || len(text) > base58Most {
		return nil, false
	}
	value, base := new(big.Int), big.NewInt(int64(len(alphabet)))
	for i := 0; i < len(text); i++ {
		digit := strings.IndexByte(alphabet, text[i])
		if digit < 0 {
			return nil, false
		}
		value.Mul(value, base).Add(value, big.NewInt(int64(digit)))
	}
	zeros := 0
	for zeros < len(text) && text[zeros] == alphabet[0] {
		zeros++
	}
	return append(make([]byte, zeros), value.Bytes()...), true
}

// check58 decodes base58check: the last four bytes are the start of the double SHA-256 of those before.
func check58(text, alphabet string) (payload []byte, fits bool) {
	raw, ok := decode58(text, alphabet)
	const sum = 4
	if !ok || len(raw) <= sum {
		return nil, false
	}
	payload = raw[:len(raw)-sum]
	once := sha256.Sum256(payload)
	twice := sha256.Sum256(once[:])
	return payload, bytes.Equal(twice[:sum], raw[len(raw)-sum:])
}

// wallet is a sort of private key in base58check.
type wallet struct {
	starts  string // the letters that it may start with; of extended keys the whole prefix
	lengths [2]int // of the text, least and most
	payload []int  // lengths of the payload, in bytes
	kind    string
	sealed  bool // a passphrase protects it
	letters string
}

// wallets are the sorts of keys that proveBase58 knows: the wallet import format of Bitcoin and those who took it over
// (https://en.bitcoin.it/wiki/Wallet_import_format; version 0x80 gives 5, K and L, test networks 9 and c, Litecoin 6 and T,
// Dogecoin 6 and Q, Dash 7 and X), BIP-38, and seeds of the XRP ledger (https://xrpl.org/docs/references/protocol/data-types/base58-encodings).
func wallets() []wallet {
	return []wallet{
		{"5KL9c6T7QX", [2]int{50, 53}, []int{33, 34}, "private key of a wallet (WIF)", false, bitcoin58},
		{"6", [2]int{58, 58}, []int{39}, "private key of a wallet (BIP-38)", true, bitcoin58},
		{"s", [2]int{29, 31}, []int{17, 19}, "seed of an XRP account", false, ripple58},
	}
}

// extendedKeys are the prefixes of extended private keys (BIP-32, SLIP-132), with the versions behind them.
func extendedKeys() map[string]uint32 {
	return map[string]uint32{
		"xprv": 0x0488ADE4, "yprv": 0x049D7878, "zprv": 0x04B2430C, "Yprv": 0x0295B005, "Zprv": 0x02AA7A99,
		"tprv": 0x04358394, "uprv": 0x044A4E28, "vprv": 0x045F18BC, "Uprv": 0x024285B5, "Vprv": 0x02575048,
	}
}

// proveBase58 knows private keys of wallets. Only what has the length and the first letter of one is judged by its checksum.
func proveBase58(s *Subject, p *Proof) bool {
	const extended, solana = 111, 64
	if version, ok := extendedKeys()[s.Text[:min(4, len(s.Text))]]; ok && len(s.Text) == extended {
		payload, fits := check58(s.Text, bitcoin58)
		p.checksum(fits && len(payload) == 78 && binary.BigEndian.Uint32(payload) == version)
		p.say(finding.FactKind, "extended private key of a wallet")
		return true
	}
	for _, w := range wallets() {
		if len(s.Text) < w.lengths[0] || len(s.Text) > w.lengths[1] || !strings.Contains(w.starts, s.Text[:1]) {
			continue
		}
		payload, fits := check58(s.Text, w.letters)
		if !fits || !slices.Contains(w.payload, len(payload)) {
			if slices.Contains(s.Rules, "wallet-import-format-key") {
				p.checksum(false)
			}
			return false
		}
		p.checksum(true)
		p.say(finding.FactKind, w.kind)
		if w.sealed {
			p.say(finding.FactPassphrase, "protects it")
			p.milder(finding.Medium)
		}
		return true
	}
	if raw, ok := decode58(s.Text, bitcoin58); ok && len(raw) == solana && isKeyPair(raw) {
		p.checksum(true)
		p.say(finding.FactKind, "key pair of a Solana account")
		return true
	}
	return false
}

// isKeyPair reports whether 64 bytes are an Ed25519 seed and the public key that belongs to it.
func isKeyPair(raw []byte) bool {
	const half = ed25519.SeedSize
	return bytes.Equal(ed25519.NewKeyFromSeed(raw[:half])[half:], raw[half:])
}
