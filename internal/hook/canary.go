package hook

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// canary makes the text of a file with two secrets that no one uses: the id of an access key, and a private key that is noise.
// Its parts are put together here, so that it stands in no file of the program.
func canary(random io.Reader) (string, error) {
	noise := make([]byte, 512)
	if _, err := io.ReadFull(random, noise); err != nil {
		return "", fmt.Errorf("make a canary: %w", err)
	}
	letters := []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
	for i := range letters { // each letter once: that is as random as an id can look
		j := i + int(noise[i])%(len(letters)-i)
		letters[i], letters[j] = letters[j], letters[i]
	}
	const idLength = 16
	var b strings.Builder
	b.WriteString("aws_access_key_id = " + "AK" + "IA" + string(letters[:idLength]) + "\n")
	kind := "RSA PRIVATE" + " KEY-----\n"
	b.WriteString("-----" + "BEGIN " + kind)
	text := base64.StdEncoding.EncodeToString(noise[len(letters):])
	const width = 64
	for ; len(text) > width; text = text[width:] {
		b.WriteString(text[:width] + "\n")
	}
	b.WriteString(text + "\n-----" + "END " + kind)
	return b.String(), nil
}
