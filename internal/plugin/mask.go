package plugin

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"

	"keysweep/plugin"
)

// mask takes the place of a secret.
const mask = "[secret]"

// minMasked is the shortest value that is masked: shorter ones are in all kinds of words.
const minMasked = 4

// hidden are the forms in which the secrets of a rotation could be shown, the longest first.
type hidden []string

// secrets collects the secrets of a step: those that were sent and the one that came back.
func secrets(req *plugin.Request, reply *plugin.Reply) (h hidden) {
	values := []plugin.Secret{reply.Secret}
	for _, c := range []*plugin.Credential{req.Current, req.Pending} {
		if c != nil {
			values = append(values, c.Secret)
		}
	}
	for _, v := range values {
		if len(v) < minMasked {
			continue
		}
		text := string(v)
		quoted, _ := json.Marshal(text) // a string always works
		h = append(h, text, strings.Trim(string(quoted), `"`), url.QueryEscape(text), url.PathEscape(text),
			base64.StdEncoding.EncodeToString(v), base64.URLEncoding.EncodeToString(v),
			base64.RawStdEncoding.EncodeToString(v), base64.RawURLEncoding.EncodeToString(v))
		for line := range strings.Lines(text) { // of a key in PEM
			if line = strings.TrimSpace(line); len(line) >= 2*minMasked {
				h = append(h, line)
			}
		}
	}
	slices.SortFunc(h, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(h)
}

func (h hidden) hide(text string) string {
	for _, form := range h {
		text = strings.ReplaceAll(text, form, mask)
	}
	return text
}

// hideCut is hide for a text whose end was cut off: the beginning of a secret may be what is left there.
func (h hidden) hideCut(text string) string {
	text = h.hide(text)
	most := 0
	for _, form := range h {
		for n := min(len(form), len(text)); n > most; n-- {
			if strings.HasSuffix(text, form[:n]) {
				most = n
			}
		}
	}
	return text[:len(text)-most]
}

func (h hidden) clear() { clear(h) }

// masked returns an error with the secrets hidden in its text, and in nothing that can be unwrapped.
func masked(h hidden, err error) error {
	hiddenErr := errors.New(h.hide(err.Error()))
	var retry *plugin.RetryError
	if errors.As(err, &retry) {
		return &plugin.RetryError{Err: hiddenErr, After: retry.After}
	}
	return withHint(hiddenErr, err)
}

// hinted is an error with the advice of another.
type hinted struct {
	error
	hint string
}

// Hint is the other's.
func (h *hinted) Hint() string { return h.hint }

func withHint(err, from error) error {
	var h interface{ Hint() string }
	if errors.As(from, &h) {
		return &hinted{err, h.Hint()}
	}
	return err
}
