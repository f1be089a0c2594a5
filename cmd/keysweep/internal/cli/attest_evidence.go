package cli

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"keysweep/attest"
)

// evidence reads what is to show it: an address, a file, or else a text. What looks like the name of a file must be one: otherwise a typing error would
// be kept as a text that shows nothing. "text:" and "file:" in front say which it is.
func (a *attesting) evidence(store *attest.Store) (attest.Evidence, error) {
	text := strings.TrimSpace(a.opts.evidence)
	if text == "" {
		return attest.Evidence{}, nil
	}
	if plain, ok := strings.CutPrefix(text, "text:"); ok {
		if plain = strings.TrimSpace(plain); plain == "" {
			return attest.Evidence{}, usagef(`--evidence "text:..."`, "--evidence: there is no text")
		}
		return attest.Evidence{Kind: "text", Text: plain}, nil
	}
	name, mustBeFile := strings.CutPrefix(text, "file:")
	if mustBeFile {
		name = strings.TrimPrefix(name, "//")
	} else if strings.Contains(text, "://") && !strings.ContainsAny(text, " \t\n") {
		return attest.Evidence{Kind: "url", Text: text}, withoutLogin(text)
	}
	path := absolute(a.env, expandHome(a.env, name))
	info, err := os.Stat(path)
	switch {
	case err != nil && !mustBeFile && !a.likeFile(text):
		return attest.Evidence{Kind: "text", Text: text}, nil
	case err != nil:
		return attest.Evidence{}, usagef("check the name; if it is no file, say so: --evidence \"text:...\"", "--evidence: %s: %w", name, plainError(err))
	case !info.Mode().IsRegular():
		return attest.Evidence{}, usagef("name a file, or write a sentence", "--evidence: %s is no file", name)
	}
	sum, err := hashAbsolute(path)
	if err != nil {
		return attest.Evidence{}, usagef("name a file that you may read", "--evidence: %s: %w", name, err)
	}
	if rel, err := filepath.Rel(store.Dir, path); store == a.kept.inside && err == nil && filepath.IsLocal(rel) {
		path = filepath.ToSlash(rel)
	}
	return attest.Evidence{Kind: "file", Text: path, SHA256: sum}, nil
}

// likeFile reports whether a word can only be meant as the name of a file: it begins as paths do, ends as files do, or names a directory that is there.
func (a *attesting) likeFile(text string) bool {
	if strings.ContainsAny(text, " \t\n") {
		return false
	}
	for _, start := range []string{"/", "./", "../", "~/"} {
		if strings.HasPrefix(text, start) {
			return true
		}
	}
	if regexp.MustCompile(`[^.]\.[A-Za-z][A-Za-z0-9]{0,4}$`).MatchString(text) {
		return true
	}
	dir := filepath.Dir(text)
	info, err := os.Stat(absolute(a.env, dir))
	return dir != "." && err == nil && info.IsDir()
}

// withoutLogin refuses an address with a login in it: evidence is kept in the clear, and may be committed.
func withoutLogin(address string) error {
	_, rest, _ := strings.Cut(address, "://")
	authority := rest
	if i := strings.IndexAny(rest, "/?#\\"); i >= 0 {
		authority = rest[:i]
	}
	if strings.Contains(authority, "@") {
		return usagef("leave out what stands before the @", "--evidence: the address holds a login: nothing was written")
	}
	return nil
}

// noSecretIn refuses an attestation that holds a secret: it is kept in the clear, and may be committed.
func noSecretIn(ctx context.Context, r *attest.Record) error {
	for _, part := range [][2]string{{"evidence", r.Evidence.Text}, {"evidence", elsewhere(r.Evidence)}, {"scope", r.Scope}, {"name", r.By}} {
		if part[1] == "" {
			continue
		}
		found, err := scanText(ctx, part[0], []byte(part[1]+"\n"))
		if err != nil {
			return err
		}
		if len(found) > 0 {
			return usagef("say where it is kept instead", "attest %s: the %s holds what looks like a secret (%s): nothing was written", r.ID, part[0], found[0].Title)
		}
	}
	return nil
}

// elsewhere is an address that is evidence, as if it led to another host: a token for one of the hosts that documentation uses, example.com, is taken
// for an example.
func elsewhere(e attest.Evidence) string {
	u, err := url.Parse(e.Text)
	if e.Kind != "url" || err != nil {
		return ""
	}
	u.Host = "wiki.intern"
	return u.String()
}
