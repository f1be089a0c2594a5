package cli

import (
	"bytes"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"keysweep/finding"
	"keysweep/rotation"
	"keysweep/rotation/dotenv"
	"keysweep/secretscan/rules"
)

// judge finds out which variables look secret, and which cannot be moved.
func (e *envFile) judge(ctx context.Context) error {
	found, err := scanText(ctx, ".env", bytes.Clone(e.data))
	if err != nil {
		return err
	}
	for i := range e.vars {
		v := &e.vars[i]
		v.stays = e.whyStays(v)
		v.secret = secretWords(v.name, v.value)
	}
	titles := map[string]string{}
	for _, r := range rules.Default().Rules {
		titles[r.ID] = r.Title
	}
	for i := range found {
		e.claim(&found[i], titles)
	}
	return nil
}

// claim gives a finding to the variables in whose lines it is, each with the title of the rule that found it there, and remembers
// where else it is.
func (e *envFile) claim(f *finding.Finding, titles map[string]string) {
	for _, p := range f.Places {
		i := slices.IndexFunc(e.vars, func(v envVar) bool {
			return slices.ContainsFunc(v.at, func(at int) bool {
				a := &e.file.Assignments[at]
				return a.Line <= p.Span.Start.Line && p.Span.Start.Line <= a.LastLine
			})
		})
		if i < 0 {
			e.left = append(e.left, outside{p.Span.Start.Line, f.Title})
			continue
		}
		e.vars[i].secret = titles[p.Rule]
		if f.Provider != "" {
			e.vars[i].known = issuer{providerName(f.Provider), f.Title, f.RotateURL}
		}
	}
}

// whyStays says why a variable cannot be moved.
func (e *envFile) whyStays(v *envVar) string {
	last := &e.file.Assignments[v.at[len(v.at)-1]]
	_, reference, _ := dotenv.ParseReference(string(v.value))
	for _, i := range v.at {
		if a := &e.file.Assignments[i]; !bytes.Equal(a.Value, v.value) || a.Given != last.Given {
			return "it is there " + counted(len(v.at), "time", "times") + ", with different values"
		}
	}
	switch err := wrongValue(v.value, last.Quote != 0); {
	case !last.Given:
		return "it has no value"
	case len(v.value) == 0:
		return "its value is empty"
	case reference:
		return "it is a reference already"
	case last.Expands:
		return "it holds $NAME or $(command), which would not be replaced any more"
	case rotation.CheckVariable(v.name) != nil:
		return "its name is none for an environment variable"
	case reserved(v.name):
		return "its name has a meaning for shells, interpreters or keysweep itself"
	case err != nil:
		return err.Error()
	case mistaken(v.name, v.value) != "":
		return "it looks like " + mistaken(v.name, v.value)
	}
	return ""
}

// secretWords says why a variable looks secret by its name, or by a password in an address; "" if it does not.
func secretWords(name string, value []byte) string {
	text := string(value)
	if _, err := strconv.ParseBool(text); err == nil {
		return ""
	}
	if u, err := url.Parse(text); err == nil && u.Host != "" {
		if _, password := u.User.Password(); password {
			return "an address with a password"
		}
		return ""
	}
	words := strings.Split(strings.ToUpper(name), "_")
	about := []string{"ID", "URL", "URI", "HOST", "PORT", "USER", "USERNAME", "NAME", "PATH", "FILE", "DIR", "LENGTH", "SIZE", "TTL", "EXPIRY", "EXPIRES", "EXPIRATION",
		"TIMEOUT", "ENABLED", "TYPE", "ALGORITHM", "ALG", "REGION", "PREFIX", "HEADER", "COUNT", "LIMIT", "VERSION", "DAYS", "HOURS", "MINUTES", "SECONDS", "DOMAIN", "ISSUER", "ENDPOINT", "PROVIDER"}
	secret := []string{"KEY", "SECRETS", "PASS", "PWD", "CREDENTIAL", "CREDENTIALS", "SECRETKEY", "ACCESSKEY",
		"AUTH", "PAT", "DSN", "SALT", "PEPPER", "PRIVATE"}
	if slices.Contains(about, words[len(words)-1]) || slices.Contains(words, "PUBLIC") || slices.Contains(words, "PUBLISHABLE") {
		return ""
	}
	ends := []string{"PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY"} // as in PGPASSWORD
	for _, w := range words {
		if slices.Contains(secret, w) || slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(w, end) }) {
			return "by its name"
		}
	}
	return ""
}

// choose marks what is to be moved, by the flags.
func (e *envFile) choose(o *credImportOptions) error {
	var names []string
	for i := range e.vars {
		names = append(names, e.vars[i].name)
	}
	for _, wanted := range slices.Concat(o.only, o.except) {
		if !slices.Contains(names, wanted) {
			hint := "see what there is: --dry-run"
			if near := nearest(wanted, names); near != "" {
				hint = "did you mean " + near + "?"
			}
			return usagef(hint, "%s has no variable %s", e.name, wanted)
		}
	}
	for i := range e.vars {
		v := &e.vars[i]
		named := slices.Contains(o.only, v.name)
		v.move = named || len(o.only) == 0 && (o.all || v.secret != "") && !slices.Contains(o.except, v.name)
		reference := v.stays == "it is a reference already"
		if named && v.stays != "" && !reference {
			return usagef("leave it out of --only, or change the file", "%s:%d: %s cannot be moved: %s", e.name, v.line, v.name, v.stays)
		}
		v.move = v.move && v.stays == ""
	}
	return nil
}
