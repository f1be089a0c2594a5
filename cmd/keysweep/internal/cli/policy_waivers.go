package cli

import (
	"path"
	"slices"
	"strings"

	"keysweep/policy"
	"keysweep/policy/audit"
	"keysweep/policy/practice"
)

// policyWaiver is a table [[waive]] or [[accept_unknown]].
type policyWaiver struct {
	ID      string `toml:"id"`
	Host    string `toml:"host"`
	Subject string `toml:"subject"`
	Path    string `toml:"path"`
	Until   any    `toml:"until"` // a date of TOML's own, or a text
	Reason  string `toml:"reason"`
}

// waiverReader reads what a file lives with.
type waiverReader struct {
	ids    []string // of the checks that it may speak of
	places policyPlaces
}

// read takes failed checks that are waived, and what is accepted as unknown.
func (r waiverReader) read(waived, unknown []policyWaiver) (list []audit.Waiver, err error) {
	for i := range waived {
		w, err := r.waiver("waive", i, &waived[i])
		if err != nil {
			return nil, err
		}
		list = append(list, w)
	}
	for i := range unknown {
		w, err := r.waiver("accept_unknown", i, &unknown[i])
		if err != nil {
			return nil, err
		}
		w.Unknown = true
		list = append(list, w)
	}
	return list, nil
}

// waiver takes one decision to live with a result, the nth table of a name. One without a reason, without an end or about everything is none.
func (r waiverReader) waiver(table string, nth int, w *policyWaiver) (audit.Waiver, error) {
	at := func(key string) string { return r.places.key(table, nth, key) + ": " + table + suffix(" ", w.ID) }
	out := audit.Waiver{Check: w.ID, Host: w.Host, Subject: w.Subject, Path: w.Path, Reason: w.Reason, Where: r.places.of(table, nth)}
	switch {
	case w.ID == "" && table == "waive":
		return out, usagef(`id = "ssh.root-login", or "ssh.*" for all that begin so`, "%s: id: it names no check", at(""))
	case w.ID == "" && w.Path == "":
		return out, usagef(`id = "firewall.default-deny", or path = "/srv/*"`, "%s: it names neither a check, id, nor a path", at(""))
	case strings.TrimSpace(w.Reason) == "":
		return out, usagef(`say why: reason = "..."`, "%s: reason: there is none", at("reason"))
	case w.Until == nil:
		return out, usagef("for example: until = 2026-12-31", "%s: until: it does not say until when", at("until"))
	}
	var err error
	if out.Until, err = lastDay(w.Until); err != nil {
		return out, usagef("for example: until = 2026-12-31", "%s: until: %w", at("until"), err)
	}
	for _, p := range [][2]string{{"id", w.ID}, {"host", w.Host}, {"subject", w.Subject}, {"path", w.Path}} {
		if _, err := path.Match(p[1], ""); err != nil {
			return out, usagef("a star stands for whatever there is", "%s: %s: %q is no pattern", at(p[0]), p[0], p[1])
		}
	}
	switch {
	case w.ID != "" && namesAll(&out, r.ids):
		return out, usagef(`name the check, or an area: "ssh.*"; all that is about a file: path = "/srv/*" of [[accept_unknown]]`,
			"%s: id: %q is every check, and no audit would find anything any more", at("id"), w.ID)
	case w.Path != "" && strings.Trim(w.Path, "*?/.") == "":
		return out, usagef(`for example: path = "/srv/backup/*"`, "%s: path: %q is every file", at("path"), w.Path)
	case w.ID != "" && !slices.ContainsFunc(r.ids, out.Names):
		return out, unknownCheck(at("id")+": id", w.ID, r.ids)
	}
	return out, nil
}

// namesAll reports whether a waiver is about every check that there is.
func namesAll(w *audit.Waiver, ids []string) bool {
	return len(ids) > 1 && !slices.ContainsFunc(ids, func(id string) bool { return !w.Names(id) })
}

// unknownCheck says that there is no such check, and what may be meant. What is judged in other ways has settings of its own.
func unknownCheck(where, id string, ids []string) error {
	p, isPractice := practice.Find(id)
	near := nearest(id, ids)
	switch {
	case slices.ContainsFunc(policy.KeyChecks(), func(c policy.Check) bool { return c.ID == id }):
		return usagef(`[[keys.exempt]] check = "`+id+`", key = "..." excuses a key`, "%s: %s is a check of keys", where, id)
	case slices.ContainsFunc(policy.CredentialChecks(), func(c policy.Check) bool { return c.ID == id }):
		return usagef(`[[rotation.exempt]] key = "..." excuses a credential of being due`, "%s: %s is a check of credentials", where, id)
	case isPractice && p.Every > 0:
		return usagef(`keysweep attest `+id+` --not-applicable, or [attest."`+id+`"] every = "365d"`, "%s: %s is no check: a person attests it", where, id)
	case near != "":
		return usagef("did you mean "+near+"?", "%s: there is no check %q", where, id)
	}
	return usagef("see: keysweep practices -v", "%s: there is no check %q", where, id)
}
