package keys

import (
	"bytes"
	"strings"
)

// others names what a file holds beside its first private key, in order: "RSA PRIVATE KEY", "CERTIFICATE". The parameters that
// OpenSSL writes before a key are part of it. First lines alone are looked at: a block that is damaged is somebody's, too.
func others(data []byte) (found []string) {
	seen := false
	for line := range bytes.Lines(data) {
		label := blockLabel(line)
		switch {
		case label == "" || strings.HasSuffix(label, " PARAMETERS"):
		case !seen && IsPrivateLabel(label):
			seen = true
		default:
			found = append(found, label)
		}
	}
	return found
}

// ppkLabel stands for a file in PuTTY's format among what File.Others names.
const ppkLabel = "PuTTY PRIVATE KEY"

func blockLabel(line []byte) string {
	text := strings.TrimRight(string(line[:min(len(line), 100)]), " \t\r\n")
	if strings.HasPrefix(text, "PuTTY-User-Key-File-") {
		return ppkLabel
	}
	label, begins := strings.CutPrefix(text, "-----BEGIN ")
	label, ends := strings.CutSuffix(label, "-----")
	if !begins || !ends {
		return ""
	}
	return label
}

// IsPrivateLabel reports whether a name out of File.Others is that of a private key.
func IsPrivateLabel(label string) bool { return strings.HasSuffix(label, "PRIVATE KEY") }
