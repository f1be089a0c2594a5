package proof_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"filippo.io/age"

	"keysweep/finding"
	"keysweep/keys/words"
	"keysweep/secretscan/proof"
)

const (
	bitcoin = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	ripple  = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
)

func encode58(raw []byte, alphabet string) string {
	var out string
	for n, base, digit := new(big.Int).SetBytes(raw), big.NewInt(58), new(big.Int); n.Sign() > 0; {
		n.DivMod(n, base, digit)
		out = string(alphabet[digit.Int64()]) + out
	}
	for i := 0; i < len(raw) && raw[i] == 0; i++ {
		out = alphabet[:1] + out
	}
	return out
}

func check58(payload []byte, alphabet string) string {
	once := sha256.Sum256(payload)
	twice := sha256.Sum256(once[:])
	return encode58(append(append([]byte(nil), payload...), twice[:4]...), alphabet)
}

// bytesOf returns n bytes that are different for every seed.
func bytesOf(n int, seed string) []byte {
	var out []byte
	for sum := sha256.Sum256([]byte(seed)); len(out) < n; sum = sha256.Sum256(sum[:]) {
		out = append(out, sum[:]...)
	}
	return out[:n]
}

func TestWalletKeys(t *testing.T) {
	for i := range 20 {
		seed := bytesOf(78, fmt.Sprint(i))
		for name, payload := range map[string][]byte{
			"mainnet": append([]byte{0x80}, seed[:32]...), "compressed": append(append([]byte{0x80}, seed[:32]...), 1),
			"testnet": append([]byte{0xef}, seed[:32]...), "testnet compressed": append(append([]byte{0xef}, seed[:32]...), 1),
			"litecoin": append([]byte{0xb0}, seed[:32]...), "dogecoin": append(append([]byte{0x9e}, seed[:32]...), 1),
		} {
			key := check58(payload, bitcoin)
			if p := proof.Of(proof.Subject{Text: key}); !p.Proven || !strings.Contains(factOf(p, finding.FactKind), "WIF") {
				t.Errorf("%s: %.3s... of %d letters: %+v", name, key, len(key), p)
			}
			if p := proof.Of(proof.Subject{Text: changed(key)}); p.Proven || p.Refuted || len(p.Facts) > 0 {
				t.Errorf("%s: changed: %+v: it may be anything", name, p)
			}
			if p := proof.Of(proof.Subject{Text: changed(key), Rules: []string{"wallet-import-format-key"}}); !p.Altered {
				t.Errorf("%s: changed, claimed by the rule: %+v", name, p)
			}
		}
		for prefix, version := range map[string]uint32{"xprv": 0x0488ADE4, "yprv": 0x049D7878, "zprv": 0x04B2430C, "tprv": 0x04358394, "vprv": 0x045F18BC} {
			binary.BigEndian.PutUint32(seed, version)
			key := check58(seed, bitcoin)
			if !strings.HasPrefix(key, prefix) {
				t.Fatalf("%s is %.4s", prefix, key)
			}
			wantChecksum(t, prefix, key)
		}
		if p := proof.Of(proof.Subject{Text: check58(append([]byte{0x01, 0x42, 0xc0}, seed[4:40]...), bitcoin)}); !p.Proven || p.Most != finding.Medium {
			t.Errorf("BIP-38: %+v", p)
		}
		for name, payload := range map[string][]byte{"secp256k1": append([]byte{0x21}, seed[4:20]...), "Ed25519": append([]byte{0x01, 0xe1, 0x4b}, seed[4:20]...)} {
			if p := proof.Of(proof.Subject{Text: check58(payload, ripple)}); !p.Proven || !strings.Contains(factOf(p, finding.FactKind), "XRP") {
				t.Errorf("XRP, %s: %+v", name, p)
			}
		}
		pair := ed25519.NewKeyFromSeed(seed[4:36])
		if p := proof.Of(proof.Subject{Text: encode58(pair, bitcoin)}); !p.Proven || !strings.Contains(factOf(p, finding.FactKind), "Solana") {
			t.Errorf("Solana: %+v", p)
		}
		pair[0] ^= 1
		if p := proof.Of(proof.Subject{Text: encode58(pair, bitcoin)}); p.Proven || len(p.Facts) > 0 {
			t.Errorf("no key pair: %+v", p)
		}
	}
}

// TestPublishedWalletKey is the example of the description of the format, put together from parts.
func TestPublishedWalletKey(t *testing.T) {
	if p := proof.Of(proof.Subject{Text: "5HueCGU8rMjxEXxiPuD5" + "BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"}); !p.Proven {
		t.Errorf("%+v", p)
	}
}

func TestBech32Keys(t *testing.T) {
	for range 20 {
		identity, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		wantChecksum(t, "age", identity.String())
		if p := proof.Of(proof.Subject{Text: strings.ToLower(identity.String()[:20]) + identity.String()[20:]}); !p.Altered {
			t.Errorf("in both cases: %+v", p)
		}
		hybrid, err := age.GenerateHybridIdentity()
		if err != nil {
			t.Fatal(err)
		}
		wantChecksum(t, "age, post-quantum", hybrid.String())
	}
	// The example of NIP-19, put together from parts.
	wantChecksum(t, "Nostr", "nsec1vl029mgpspedva04g90vltkh6fvh"+"240zqtv9k0t9af8935ke9laqsnlfe5")
	if p := proof.Of(proof.Subject{Text: identityOf(t)}); p.Proven || len(p.Facts) > 0 {
		t.Errorf("a recipient is public: %+v", p)
	}
}

func identityOf(t *testing.T) string {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return identity.Recipient().String()
}

// xmodem is CRC-16/XMODEM bit by bit, another way than the package does.
func xmodem(data []byte) (sum uint16) {
	for i := range 8 * (len(data) + 2) {
		bit := byte(0)
		if i/8 < len(data) {
			bit = data[i/8] >> (7 - i%8) & 1
		}
		top := sum >> 15
		if sum = sum<<1 | uint16(bit); top != 0 {
			sum ^= 0x1021
		}
	}
	return sum
}

func TestBase32Seeds(t *testing.T) {
	if xmodem([]byte("123456789")) != 0x31c3 { // the check value of the catalogue of CRC algorithms
		t.Fatal("the oracle is wrong")
	}
	seed := func(raw []byte) string {
		raw = binary.LittleEndian.AppendUint16(raw, xmodem(raw))
		return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	}
	for i := range 20 {
		raw := bytesOf(32, fmt.Sprint(i))
		for letter, kind := range map[byte]string{0: "account", 20: "user", 14: "operator", 13: "server", 2: "cluster", 23: "curve"} {
			const mark = 18 << 3 // a seed; the kind stands in the five bits behind that
			text := seed(append([]byte{mark | letter>>2, letter << 6}, raw...))
			if p := proof.Of(proof.Subject{Text: text}); factOf(p, finding.FactKind) != "NATS "+kind+" seed" {
				t.Errorf("%s: %.3s %+v", kind, text, p)
			}
			wantChecksum(t, "NATS "+kind, text)
		}
		wantChecksum(t, "Stellar", seed(append([]byte{18 << 3}, raw...)))
	}
}

func TestPhrases(t *testing.T) {
	separators := []string{" ", ", ", "\n", `", "`, "  "}
	for i := range 60 {
		secret := bytesOf(16+i%5*4, fmt.Sprint(i))
		phrase, err := words.Encode(secret)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(phrase), " ", separators[i%len(separators)])
		if p := proof.Of(proof.Subject{Text: text}); !p.Proven || factOf(p, finding.FactStrength) != fmt.Sprintf("%d words", 12+i%5*3) {
			t.Errorf("%d: %+v", i, p)
		}
		check := proof.CheckNamed("phrase")
		for _, around := range []string{"%s", "seed: %s.", "wallet seed %s", "%s keep safe", `{"mnemonic": "%s"}`} {
			found := fmt.Sprintf(around, text)
			if start, end, ok := check(found); !ok || len(found[start:end]) < len(text)-8 {
				t.Errorf("%q: %v %q", around, ok, found[start:end])
			}
		}
	}
}

func TestNoPhrases(t *testing.T) {
	list := make([]string, 0, words.Count)
	for i := range words.Count {
		list = append(list, words.Word(i))
	}
	check := proof.CheckNamed("phrase")
	for at := 0; at+24 <= len(list); at += 7 { // the list itself, in which one run in 16 has a checksum that fits
		for count := 12; count <= 24; count += 3 {
			if _, _, ok := check(strings.Join(list[at:at+count], " ")); ok {
				t.Fatalf("%d words from %d on are a phrase", count, at)
			}
		}
	}
	for name, text := range map[string]string{
		"one word":  strings.Repeat("abandon ", 11) + "about", // the standard's own example
		"few words": strings.Repeat("zoo wrong ", 6),
		"prose":     "This is a sentence of more than twelve words which says nothing that anybody would write down and hide",
		"eleven":    strings.Join(list[100:111], " "), "long": strings.Repeat("zebra ", 1000), "none": "",
	} {
		if _, _, ok := check(text); ok {
			t.Errorf("%s is a phrase", name)
		}
	}
	wrong := 0
	for i := range 200 {
		phrase, err := words.Encode(bytesOf(32, fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		typed := strings.Fields(string(phrase))
		typed[3], typed[9] = typed[9], typed[3]
		if _, _, ok := check(strings.Join(typed, " ")); !ok {
			wrong++
		}
	}
	if wrong < 150 {
		t.Errorf("of 200 phrases with two words swapped %d are refused", wrong)
	}
}

// TestElectrumSeeds: Electrum has a checksum of its own, over the phrase.
func TestElectrumSeeds(t *testing.T) {
	found := 0
	for i := range 3000 {
		phrase, err := words.Encode(bytesOf(16, fmt.Sprint("electrum", i)))
		if err != nil {
			t.Fatal(err)
		}
		typed := strings.Fields(string(phrase))
		typed[0], typed[1] = typed[1], typed[0]
		text := strings.Join(typed, " ")
		mac := hmac.New(sha512.New, []byte("Seed version"))
		mac.Write([]byte(text))
		sum := hex.EncodeToString(mac.Sum(nil))
		if strings.HasPrefix(sum, "01") || strings.HasPrefix(sum, "100") {
			found++
			if p := proof.Of(proof.Subject{Text: text}); !p.Proven {
				t.Errorf("%d: %+v", i, p)
			}
		}
	}
	if found == 0 {
		t.Error("none was made")
	}
}
