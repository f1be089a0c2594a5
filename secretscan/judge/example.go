package judge

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
)

// derived are parts of the names of secrets that two sides of a connection derive and forget with it: those of TLS (RFC 8446, 7.1), of IKE and of
// HPKE (RFC 9180, 5.1). They open nothing but a connection that is over, and stand in the test vectors of protocols.
var derived = []string{"trafficsecret", "exportersecret", "exportermastersecret", "resumptionsecret", "resumptionmastersecret", "premastersecret", "handshakesecret"}

// harmless reports whether the value of something that is generated is one that opens nothing, whatever its key says: a secret of a
// connection, a UUID made of a time, the token of a badge, the scope of a signature, bytes that count; the numbers of what a text was split
// into, which are called tokens.
func (c *Claim) harmless() bool {
	if strings.Contains(c.Value, ",") && namingOf(c.Key, nil).what == keyToken && bytesOf(c.Value) != nil {
		return true
	}
	return containsAny(squeeze(c.Key), derived) || isTimeUUID(c.Value) || isScope(c.Value) || strings.HasSuffix(c.Before, ".svg?") || c.counts()
}

// The years, in seconds since 1970, of which UUIDs are: those in which programs made them. In random digits one of a hundred has such a time.
const (
	uuidFrom = 631_152_000   // 1990
	uuidTo   = 2_208_988_800 // 2040
)

// isTimeUUID reports whether a text is a UUID of version 1, which is made of the time and of the machine's address, and no secret (RFC 9562, 5.1
// and 8).
func isTimeUUID(s string) bool {
	if len(s) != 36 || strings.Count(s, "-") != 4 || s[14] != '1' || !contains("89abAB", s[19]) || s[8] != '-' || s[13] != '-' || s[18] != '-' {
		return false
	}
	ticks, err := strconv.ParseUint(s[15:18]+s[9:13]+s[:8], 16, 64) // of 100 ns since 1582
	if err != nil {
		return false
	}
	const untilEpoch = 12_219_292_800 // seconds from 1582-10-15 to 1970
	seconds := int64(ticks/10_000_000) - untilEpoch
	return seconds >= uuidFrom && seconds < uuidTo
}

// isScope reports whether a text is the id of a key with the scope of a signature made with it: AKIA.../20150830/us-east-1/iam/aws4_request.
func isScope(s string) bool {
	id, scope, ok := strings.Cut(s, "/")
	return ok && !strings.Contains(id, "=") && strings.Contains(scope, "/aws4_request")
}

// countsLeast is how many bytes in a row that follow each other are a pattern, and no key.
const countsLeast = 8

// counts reports whether a value is a pattern of bytes, 00010203..., 1, 1, 1, ..., and not random: in hexadecimal digits or as a list of numbers.
func (c *Claim) counts() bool {
	plain := bytesOf(c.Value)
	if len(plain) < countsLeast {
		return false
	}
	var seen [256]bool
	different, run := 0, 1
	for i, b := range plain {
		if !seen[b] {
			seen[b] = true
			different++
		}
		if i > 0 && run < countsLeast {
			if run++; b != plain[i-1]+1 {
				run = 1
			}
		}
	}
	return different <= 2 || run >= countsLeast
}

// bytesOf returns the bytes that a value stands for in hexadecimal digits or as a list of numbers; nil: it is neither.
func bytesOf(v string) []byte {
	if plain, err := hex.DecodeString(v); err == nil {
		return plain
	}
	var out []byte
	for part := range strings.SplitSeq(v, ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(part), 0, 16)
		if err != nil {
			return nil
		}
		out = append(out, byte(n))
	}
	return out
}

// decoded returns the ASCII text that a value is the base64 of; "" if it is of none.
func decoded(v string) string {
	trimmed := strings.TrimRight(v, "=")
	if len(trimmed) < 6 || len(trimmed)%4 == 1 {
		return ""
	}
	text, err := base64.RawStdEncoding.DecodeString(trimmed)
	if err != nil {
		if text, err = base64.RawURLEncoding.DecodeString(trimmed); err != nil {
			return ""
		}
	}
	for _, b := range text {
		if b < ' ' || b > '~' {
			return ""
		}
	}
	return string(text)
}
