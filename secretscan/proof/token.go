package proof

import (
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"slices"
	"strings"
)

// summed is a kind of token that ends with a checksum.
type summed struct {
	prefix string
	length int // of the whole token, in bytes; 0: it varies
	fits   func(token, prefix string) bool
}

// summedTokens are the kinds with a public checksum, and where it is described.
func summedTokens() []summed {
	return []summed{
		// https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
		{"ghp_", 40, crcOfBody}, {"gho_", 40, crcOfBody}, {"ghu_", 40, crcOfBody}, {"ghs_", 40, crcOfBody}, {"ghr_", 40, crcOfBody},
		// https://github.blog/security/announcing-npms-new-access-token-format/
		{"npm_", 40, crcOfBody},
		// management/server/types/personal_access_token.go and proxy_access_token.go of netbirdio/netbird
		{"nbp_", 40, crcOfBody}, {"nbx_", 40, crcOfBody},
		// server/polar/kit/crypto.py of polarsource/polar
		{"polar_cst_", 53, crcOfBody}, {"polar_oat_", 53, crcOfBody}, {"polar_pat_", 53, crcOfBody}, {"polar_us_", 52, crcOfBody},
		// api/src/token.rs of jsr-io/jsr
		{"jsrp_", 40, crcOfAll}, {"jsrd_", 40, crcOfAll}, {"jsrw_", 40, crcOfAll},
		// synapse/handlers/auth.py of element-hq/synapse
		{"syt_", 0, crcBehindScore}, {"syr_", 0, crcBehindScore},
		// crates/data-model/src/tokens.rs of element-hq/matrix-authentication-service
		{"mat_", 41, crcBackwards}, {"mar_", 41, crcBackwards}, {"mct_", 41, crcBackwards}, {"mcr_", 41, crcBackwards},
		// crates/crates_io_trustpub/src/access_token.rs of rust-lang/crates.io
		{"cio_tp_", 39, xorOfBody},
		// pkg/components/satokengen/tokengen.go of grafana/grafana
		{"glsa_", 46, crcInHex},
	}
}

// crcDigits is how many digits of base 62 a CRC-32 takes.
const crcDigits = 6

// crcOfBody: the last six characters are the CRC-32 of what stands between the prefix and them.
func crcOfBody(token, prefix string) bool {
	body, sum := token[len(prefix):len(token)-crcDigits], token[len(token)-crcDigits:]
	return number(crc32.ChecksumIEEE([]byte(body)), base62, crcDigits) == sum
}

// crcOfAll: as crcOfBody, but the prefix counts.
func crcOfAll(token, _ string) bool { return crcOfBody(token, "") }

// crcBehindScore: the checksum stands behind the last underscore, over all before that.
func crcBehindScore(token, _ string) bool {
	at := len(token) - crcDigits - 1
	return at > 0 && token[at] == '_' && number(crc32.ChecksumIEEE([]byte(token[:at])), base62, crcDigits) == token[at+1:]
}

// crcBackwards: as crcBehindScore, but the digits stand last to first, and the zeros that fill them up before them.
func crcBackwards(token, _ string) bool {
	at := len(token) - crcDigits - 1
	if token[at] != '_' {
		return false
	}
	digits := []byte(number(crc32.ChecksumIEEE([]byte(token[:at])), base62, 0))
	slices.Reverse(digits)
	return strings.Repeat("0", crcDigits-len(digits))+string(digits) == token[at+1:]
}

// xorOfBody: the last character stands for all bytes between the prefix and it, one xor the other, modulo 62.
func xorOfBody(token, prefix string) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	var sum byte
	last := len(token) - 1
	for i := len(prefix); i < last; i++ {
		sum ^= token[i]
	}
	return alphabet[int(sum)%len(alphabet)] == token[last]
}

// crcInHex: eight hexadecimal digits behind the last underscore are the CRC-32 of all before that, lowest byte first.
func crcInHex(token, _ string) bool {
	at := len(token) - 2*crc32.Size - 1
	sum := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(token[:at])))
	return token[at] == '_' && hex.EncodeToString(sum) == token[at+1:]
}

// proveToken knows tokens by their prefix and length.
func proveToken(s *Subject, p *Proof) bool {
	for _, kind := range summedTokens() {
		if !strings.HasPrefix(s.Text, kind.prefix) || kind.length != 0 && len(s.Text) != kind.length {
			continue
		}
		if len(s.Text) <= len(kind.prefix)+crcDigits || !isOf(s.Text, isTokenByte) {
			return false
		}
		p.checksum(kind.fits(s.Text, kind.prefix))
		return true
	}
	return false
}

func isTokenByte(c byte) bool { return isAlnum(c) || c == '_' || c == '-' || c == '=' }

const (
	routableLength = 2 // digits for the length of the payload
	routableSum    = 7 // digits of base 36 that a CRC-32 takes
)

// proveRoutable knows GitLab's routable tokens, whatever their prefix, "glpat-" or "glrt-t1_" and others: behind the last full stop
// stand the length of the payload and the CRC-32 of everything before it, in base 36 (GitLab's design document "Routable Tokens").
func proveRoutable(s *Subject, p *Proof) bool {
	if !strings.HasPrefix(s.Text, "gl") {
		return false
	}
	dash, dot := strings.IndexByte(s.Text, '-'), strings.LastIndexByte(s.Text, '.')
	const longestPrefix, shortestPayload = 10, 20
	if dash < 0 || dash > longestPrefix || dot < dash+shortestPayload || len(s.Text)-dot-1 != routableLength+routableSum {
		return false
	}
	if !isOf(s.Text[dot+1:], func(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'z' }) {
		return false
	}
	at := len(s.Text) - routableSum
	p.checksum(number(crc32.ChecksumIEEE([]byte(s.Text[:at])), base36, routableSum) == s.Text[at:])
	return true
}
