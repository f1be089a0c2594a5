package cli

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"hash/crc32"
	"math/rand/v2"
	"strings"
)

// secretPrefix starts the names of the environment variables that hold fake secrets; see testdata/README.md.
const secretPrefix = "FAKE_"

// fakeSecrets makes values that look like secrets to every scanner and open nothing. They are put together when a test runs, so
// that no file of the repository holds one, and are the same in every run.
func fakeSecrets() map[string]string {
	dice := rand.New(rand.NewPCG(1, 2)) // the same fakes in every run
	return map[string]string{
		secretPrefix + "AWS":     "AK" + "IA" + randomText(dice, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
		secretPrefix + "GITHUB":  githubToken(dice),
		secretPrefix + "GITHUB2": githubToken(dice),
		secretPrefix + "GITHUB3": githubToken(dice),
		secretPrefix + "GENERIC": randomText(dice, alphanumeric, 40),
		secretPrefix + "PEM":     privateKey(dice),
	}
}

const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func randomText(dice *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[dice.IntN(len(alphabet))]
	}
	return string(b)
}

// githubToken has the check sum that GitHub's tokens end with: a CRC-32 in base 62, six digits
// (https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/).
func githubToken(dice *rand.Rand) string {
	body, sum := randomText(dice, alphanumeric, 30), ""
	for rest := crc32.ChecksumIEEE([]byte(body)); len(sum) < 6; rest /= 62 {
		sum = alphanumeric[rest%62:rest%62+1] + sum
	}
	return "gh" + "p_" + body + sum
}

func privateKey(dice *rand.Rand) string {
	key := ed25519.NewKeyFromSeed([]byte(randomText(dice, alphanumeric, ed25519.SeedSize)))
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err.Error() // the script that uses it fails
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// secretsIn returns what of the fake secrets in an environment must not be shown; of a private key, the line that matters.
func secretsIn(environ []string) map[string]string {
	found := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, secretPrefix) {
			continue
		}
		if lines := strings.Split(value, "\n"); len(lines) > 1 {
			value = lines[1]
		}
		found[name] = value
	}
	return found
}
