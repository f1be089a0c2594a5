package sshconfig

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// check refuses what cannot be written into a configuration, or would mean something else there.
func (h Host) check() error {
	for _, field := range []struct{ name, value string }{{"alias", h.Alias}, {"host name", h.HostName}, {"user", h.User}} {
		if !utf8.ValidString(field.value) || strings.ContainsFunc(field.value, unfit) || strings.HasPrefix(field.value, "-") {
			return fmt.Errorf("the %s %q holds a character that it must not", field.name, field.value)
		}
	}
	switch file := h.IdentityFile; {
	case h.Alias == "":
		return errors.New("the alias is empty")
	case strings.ContainsAny(h.Alias, "*?!,="):
		return fmt.Errorf("the alias %q is a pattern", h.Alias)
	case h.Port < 0 || h.Port > 65535:
		return fmt.Errorf("there is no port %d", h.Port)
	case !filepath.IsAbs(file) && !strings.HasPrefix(file, "~/"):
		return fmt.Errorf("the path of the key, %q, must be absolute or begin with ~/", file)
	case strings.ContainsFunc(file, unicode.IsControl) || strings.Contains(file, "${"):
		return fmt.Errorf("the path of the key, %q, cannot be written into a configuration", file)
	}
	return nil
}

// unfit reports whether a character ends a word in a configuration, or means something there.
func unfit(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`"'\#$%`, r)
}

// text writes the block. Percent signs in the path are doubled: ssh would take them for tokens.
func (h Host) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Host %s\n", h.Alias)
	if h.HostName != "" {
		fmt.Fprintf(&b, "    HostName %s\n", h.HostName)
	}
	if h.User != "" {
		fmt.Fprintf(&b, "    User %s\n", h.User)
	}
	if h.Port != 0 {
		fmt.Fprintf(&b, "    Port %d\n", h.Port)
	}
	fmt.Fprintf(&b, "    IdentityFile %s\n    IdentitiesOnly yes\n", quoteArg(escapeTokens(h.IdentityFile)))
	return b.String()
}

// same reports whether the value of an IdentityFile is the host's key file.
func (h Host) same(value string) bool {
	if value == escapeTokens(h.IdentityFile) {
		return true
	}
	theirs, ok := Expand(value, h.Home, nil)
	ours, ok2 := Expand(escapeTokens(h.IdentityFile), h.Home, nil)
	return ok && ok2 && theirs == ours
}
