package bundle

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode"

	"keysweep/host"
)

// causes are the words of a manifest for why something is not known.
func causes() map[string]error {
	return map[string]error{
		"missing": fs.ErrNotExist, "permission": fs.ErrPermission, "withheld": ErrWithheld, "not collected": host.ErrNotCollected,
		"too large": host.ErrTooLarge, "too many": host.ErrTooMany, "irregular": host.ErrIrregular, "links": host.ErrLinks, "not run": host.ErrNotRun,
	}
}

// cause keeps of an error what can be saved: one of the causes, or a text without a path.
func cause(err error) error {
	if err == nil {
		return nil
	}
	for _, known := range causes() {
		if err == known {
			return known
		}
	}
	for _, word := range []string{"withheld", "missing", "permission", "too large", "too many", "irregular", "links", "not run", "not collected"} {
		if known := causes()[word]; errors.Is(err, known) {
			return known
		}
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("%w: %s", host.ErrNotCollected, Printable(err.Error(), 200))
}

// word is what a manifest says for a cause; "" for none.
func word(err error) string {
	if err == nil {
		return ""
	}
	for w, known := range causes() {
		if err == known {
			return w
		}
	}
	return strings.TrimPrefix(err.Error(), host.ErrNotCollected.Error()+": ")
}

// caused is what a manifest's word stands for.
func caused(w string) error {
	if w == "" {
		return nil
	}
	if known := causes()[w]; known != nil {
		return known
	}
	return fmt.Errorf("%w: %s", host.ErrNotCollected, Printable(w, 200))
}

// Printable returns the beginning of a text in which what could harm a terminal, or mislead its reader, is replaced: control characters,
// marks that turn the direction of text, and bytes that are not UTF-8.
func Printable(text string, most int) string {
	clean := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if runes := []rune(clean); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return clean
}
