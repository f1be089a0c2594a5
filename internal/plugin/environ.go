package plugin

import (
	"slices"
	"strings"
)

// passed are the variables of the caller that a plugin sees: where programs and certificates are, and the way to the network.
var passed = []string{
	"PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "TZ",
	"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy",
	"SSL_CERT_FILE", "SSL_CERT_DIR",
}

// environ returns the environment of a plugin.
func environ(of []string) []string {
	settled := []string{"LC_ALL=C"}
	for _, entry := range of {
		if name, _, ok := strings.Cut(entry, "="); ok && slices.Contains(passed, name) {
			settled = append(settled, entry)
		}
	}
	return settled
}
