package judge

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
)

// publishedSums are of the credentials of the examples in standards and in providers' documentation, which are copied into programs, comments and
// tests: of each the first eight bytes of its SHA-256, so that no scanner takes this file for a leak.
var publishedSums = [...]uint64{
	// RFC 6749 (OAuth 2.0), sections 2.3.1, 4.1.2 and 4.1.4
	0x6c96130f130ab0d6, 0x00cf4c781dc37003, 0xca7459e2b26776de, 0xe9974c507d2a8021, 0xa35b81a7d7927b70,
	// RFC 6750 (bearer tokens), section 2.1
	0xb8e148545b13c78b,
	// OpenID Connect Core 1.0, section 3.1.3.3
	0xad71fb4165536675, 0x9e309cccd311ea64,
	// RFC 5849 (OAuth 1.0), sections 1.2 and 3.1
	0xcb87c87e4a138d9a, 0x649e1f5c769e718b, 0x4c20e6f5cc11b937, 0x6aa14267d94944e6, 0xbb9b1163338b2a51,
	0x293257ab6495ebb1, 0xc20fbc2b96183894, 0xb87dad10a32a2d81, 0x2ff8b0fb93aca981,
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
	0x78314b11be2e5815, 0xe8a0614b6747a06f,
	// what MD5, SHA-1 and SHA-256 make of nothing
	0xf215faf9d88b7f0a, 0x07e23ede2756aa3f, 0xcd372fb85148700f,
}

// The lengths of the published examples, in bytes.
const (
	publishedLeast = 10
	publishedMost  = 64
)

// pairs are of a name and a password that only show where these stand.
var pairs = set(`user:pass user:passwd user:password username:pass username:passwd username:password login:password`)

// published reports whether the value is an example that everybody knows, or belongs to the user of that of RFC 7617, 2.
func (c *Claim) published() bool {
	if strings.EqualFold(c.User, "aladdin") || pairs(decoded(c.Value)) {
		return true
	}
	if len(c.Value) < publishedLeast || len(c.Value) > publishedMost {
		return false
	}
	sum := sha256.Sum256([]byte(c.Value))
	return slices.Contains(publishedSums[:], binary.BigEndian.Uint64(sum[:]))
}
