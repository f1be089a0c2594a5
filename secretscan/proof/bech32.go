package proof

import (
	"strings"

	"keysweep/finding"
)

// bech32Letters is the alphabet of Bech32 (BIP-173).
const bech32Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// bech32Kinds are private keys in Bech32 by their human-readable part, in lower case.
func bech32Kinds() map[string]string {
	return map[string]string{
		"age-secret-key-":    "age identity", // https://age-encryption.org/v1
		"age-secret-key-pq-": "age identity, post-quantum",
		"nsec":               "Nostr private key", // https://github.com/nostr-protocol/nips, NIP-19
		"suiprivkey":         "Sui private key",   // Sui improvement proposal 15
		// Cardano, CIP-5
		"addr_sk": "Cardano signing key", "addr_xsk": "Cardano signing key", "stake_sk": "Cardano stake key",
		"stake_xsk": "Cardano stake key", "acct_sk": "Cardano account key", "acct_xsk": "Cardano account key",
		"root_sk": "Cardano root key", "root_xsk": "Cardano root key", "ed25519_sk": "Ed25519 signing key",
		"ed25519e_sk": "Ed25519 signing key", "pool_sk": "Cardano pool key", "kes_sk": "Cardano KES key", "vrf_sk": "Cardano VRF key",
	}
}

// proveBech32 knows private keys in Bech32 by the part before the last "1".
func proveBech32(s *Subject, p *Proof) bool {
	at := strings.LastIndexByte(s.Text, '1')
	const sum, longest = 6, 8 << 10
	if at < 1 || len(s.Text)-at-1 < sum || len(s.Text) > longest {
		return false
	}
	kind, known := bech32Kinds()[strings.ToLower(s.Text[:at])]
	if !known {
		return false
	}
	p.checksum(bech32Fits(s.Text, at))
	p.say(finding.FactKind, kind)
	return true
}

// bech32Fits checks the checksum of Bech32, or of Bech32m (BIP-350). A text in both cases is wrong.
func bech32Fits(text string, at int) bool {
	lower := strings.ToLower(text)
	if lower != text && strings.ToUpper(text) != text {
		return false
	}
	sum := uint32(1)
	for i := range at {
		sum = bech32Step(sum, lower[i]>>5)
	}
	sum = bech32Step(sum, 0)
	for i := range at {
		sum = bech32Step(sum, lower[i]&31)
	}
	for i := at + 1; i < len(lower); i++ {
		value := strings.IndexByte(bech32Letters, lower[i])
		if value < 0 {
			return false
		}
		sum = bech32Step(sum, byte(value))
	}
	const bech32, bech32m = 1, 0x2bc830a3
	return sum == bech32 || sum == bech32m
}

// bech32Step takes five bits more into the checksum: the polynomial of BIP-173.
func bech32Step(sum uint32, value byte) uint32 {
	top := sum >> 25
	sum = sum&0x1ffffff<<5 ^ uint32(value)
	for i, term := range [...]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
		if top>>i&1 != 0 {
			sum ^= term
		}
	}
	return sum
}
