package keys

import (
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/internal/testneed"
)

func pemText(kind string, der []byte, headers ...string) []byte {
	block := &pem.Block{Type: kind, Bytes: der}
	if len(headers) > 0 {
		block.Headers = map[string]string{}
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		block.Headers[name] = value
	}
	return pem.EncodeToMemory(block)
}

func der(t testing.TB, value any) []byte {
	t.Helper()
	b, err := asn1.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// openssl runs openssl and returns the file that it wrote.
func openssl(t testing.TB, args ...string) []byte {
	t.Helper()
	program := testneed.Program(t, "openssl")
	file := filepath.Join(t.TempDir(), "out")
	if out, err := exec.Command(program, append(args, "-out", file)...).CombinedOutput(); err != nil {
		t.Fatalf("openssl %q: %v\n%s", args, err, out)
	}
	return readFile(t, file)
}

// wantHint wants an error that says what to do next.
func wantHint(t *testing.T, err error, text string) {
	t.Helper()
	var hint interface{ Hint() string }
	if !errors.As(err, &hint) || !strings.Contains(err.Error()+hint.Hint(), text) {
		t.Errorf("error %v: want one with a hint, and %q in it", err, text)
	}
}

func TestBadPEM(t *testing.T) {
	one := big.NewInt(1)
	for name, data := range map[string][]byte{
		"empty":             pemText("RSA PRIVATE KEY", nil),
		"not DER":           pemText("RSA PRIVATE KEY", []byte("hello")),
		"no start value":    pemText("RSA PRIVATE KEY", []byte("x"), "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC"),
		"no DEK-Info":       pemText("RSA PRIVATE KEY", []byte("x"), "Proc-Type: 4,ENCRYPTED"),
		"short start value": pemText("RSA PRIVATE KEY", []byte("x"), "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,0102"),
		"start value text":  pemText("RSA PRIVATE KEY", []byte("x"), "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,zz"),
		"numbers zero":      pemText("RSA PRIVATE KEY", der(t, rsaPrivateKey{0, new(big.Int), one, one, one, one, one, one, one})),
		"negative number":   pemText("DSA PRIVATE KEY", der(t, dsaPrivateKey{0, big.NewInt(-7), one, one, one, one})),
		"huge number":       pemText("DSA PRIVATE KEY", der(t, dsaPrivateKey{0, new(big.Int).Lsh(one, 1<<20), one, one, one, one})),
		"EC without a curve": pemText("EC PRIVATE KEY", der(t, struct {
			V int
			K []byte
		}{1, []byte{1}})),
		"length beyond end": pemText("EC PRIVATE KEY", []byte{0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 1}),
	} {
		if f, err := Parse(data); err == nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestPEMThatIsCutOffIsNoWrongPassphrase(t *testing.T) {
	f, err := Parse(pemText("RSA PRIVATE KEY", make([]byte, 17), "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,"+strings.Repeat("00", 16)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Open([]byte("x")); err == nil || errors.Is(err, ErrPassphrase) {
		t.Errorf("error %v: want one that says it is cut off", err)
	}
}

func TestHalvesThatDoNotBelongTogether(t *testing.T) {
	n := func(i int64) *big.Int { return big.NewInt(i) }
	for name, data := range map[string][]byte{
		// 61*53 = 3233, and 17*413 = 1 modulo 60 and 52
		"RSA modulus":  pemText("RSA PRIVATE KEY", der(t, rsaPrivateKey{0, n(3235), n(17), n(413), n(61), n(53), n(1), n(1), n(1)})),
		"RSA exponent": pemText("RSA PRIVATE KEY", der(t, rsaPrivateKey{0, n(3233), n(17), n(415), n(61), n(53), n(1), n(1), n(1)})),
		"DSA":          pemText("DSA PRIVATE KEY", der(t, dsaPrivateKey{0, n(23), n(11), n(4), n(5), n(3)})), // 4^3 = 18
	} {
		f, err := Parse(data)
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := f.Open(nil); !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: %v, want %v", name, err, ErrMismatch)
		}
	}
	good := pemText("DSA PRIVATE KEY", der(t, dsaPrivateKey{0, n(23), n(11), n(4), n(18), n(3)}))
	f, err := Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Open(nil); err != nil {
		t.Errorf("halves that do belong together: %v", err)
	}
}

func TestPEMBesideOtherText(t *testing.T) {
	both := openssl(t, "ecparam", "-name", "prime256v1", "-genkey") // with a block EC PARAMETERS before the key
	f, err := Parse(append([]byte("a comment\r\n"), []byte(strings.ReplaceAll(string(both), "\n", "\r\n"))...))
	if err != nil || f.Format != FormatPEM || f.Public == nil || f.Public.Bits != 256 {
		t.Errorf("%+v %v", f, err)
	}
}

func TestKeysThatSSHDoesNotHave(t *testing.T) {
	for name, args := range map[string][]string{
		"secp256k1":  {"ecparam", "-name", "secp256k1", "-genkey", "-noout"},
		"described":  {"ecparam", "-name", "prime256v1", "-genkey", "-noout", "-param_enc", "explicit"},
		"X25519":     {"genpkey", "-algorithm", "X25519"},
		"Ed448":      {"genpkey", "-algorithm", "ED448"},
		"RSA-PSS":    {"genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:1024"},
		"two primes": {"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-pkeyopt", "rsa_keygen_primes:3"},
		"prime192v1": {"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime192v1"},
		"secp224r1":  {"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp224r1"},
	} {
		f, err := Parse(openssl(t, args...))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if f.Public != nil || !strings.Contains(f.Type, name) {
			t.Errorf("%s: %+v", name, f)
		}
		_, err = f.Open(nil)
		wantHint(t, err, name)
	}
}

func TestCompressedPoint(t *testing.T) {
	for _, form := range []string{"compressed", "hybrid"} {
		f, err := Parse(openssl(t, "ecparam", "-name", "secp384r1", "-genkey", "-noout", "-conv_form", form))
		if err != nil {
			t.Fatal(err)
		}
		if private, err := f.Open(nil); err != nil {
			t.Errorf("%s: %v %v", form, private, err)
		}
	}
}

// A point that the private number does not lead to is told, with and without PKCS#8 around it.
func TestPointOfAnotherKey(t *testing.T) {
	one, two := openssl(t, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"), openssl(t, "genpkey", "-algorithm", "EC",
		"-pkeyopt", "ec_paramgen_curve:P-256")
	a, _ := pem.Decode(one)
	b, _ := pem.Decode(two)
	copy(a.Bytes[len(a.Bytes)-64:], b.Bytes[len(b.Bytes)-64:])
	f, err := Parse(pem.EncodeToMemory(a))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Open(nil); !errors.Is(err, ErrMismatch) {
		t.Errorf("%v, want %v", err, ErrMismatch)
	}
}

func FuzzParsePEM(f *testing.F) {
	n := big.NewInt
	f.Add("RSA PRIVATE KEY", "", der(f, rsaPrivateKey{0, n(3233), n(17), n(413), n(61), n(53), n(1), n(1), n(1)}), []byte("p"))
	f.Add("DSA PRIVATE KEY", "", der(f, dsaPrivateKey{0, n(23), n(11), n(4), n(18), n(3)}), []byte("p"))
	f.Add("EC PRIVATE KEY", "", openssl(f, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-outform", "DER"), []byte("p"))
	f.Add("RSA PRIVATE KEY", "AES-128-CBC,00112233445566778899aabbccddeeff", make([]byte, 32), []byte("p"))
	f.Add("EC PRIVATE KEY", "DES-EDE3-CBC,0011223344556677", make([]byte, 32), []byte("p"))
	f.Fuzz(func(t *testing.T, kind, dek string, data, passphrase []byte) {
		block := &pem.Block{Type: kind, Bytes: data}
		if dek != "" {
			block.Headers = map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": dek}
		}
		file, err := Parse(pem.EncodeToMemory(block))
		if err == nil {
			openFuzzed(t, file, passphrase)
		}
	})
}

// openFuzzed opens a file if that is cheap. What opens must be the key that was seen before.
func openFuzzed(t *testing.T, file *File, passphrase []byte) {
	if file.KDF.Rounds > 100 || file.KDF.MemoryKiB > 1024 || file.KDF.Parallelism > 4 || file.KDF.Name == "bcrypt" && file.KDF.Rounds > 1 {
		return
	}
	private, err := file.Open(passphrase)
	if err != nil {
		return
	}
	public, err := private.Public()
	if err != nil {
		t.Fatal(err)
	}
	if file.Public != nil && !public.Equal(*file.Public) {
		t.Errorf("seen %v, opened %v", file.Public, public)
	}
	private.Clear()
}
