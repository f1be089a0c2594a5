package catalog

import (
	"embed"
	"strings"

	"keysweep/finding"
)

// Files are the files of the catalog.
//
//go:embed *.toml
var Files embed.FS

// Kind is one kind of credential. Either Token is set, or Names and Value are.
type Kind struct {
	ID       string // the rule's: kebab-case, the provider first
	Title    string // what it is, in a few words without a period
	Provider string
	Severity finding.Severity
	Why      string // one sentence: what someone who has it can do
	Rotate   string // https page of the provider where it is replaced, or that says how
	Source   string // https page that documents or shows the format

	Token string // RE2: a credential that is recognised by itself

	Names   []string // in lower case; one of them must stand in the key's name or shortly before it
	Keys    []string // RE2, any case: one of them must be in the key's name too; never empty if Names is not
	Value   string   // RE2: the credential
	Entropy float64  // least bits per character; 0: no condition

	Examples []string // templates: of the token, or of assignments with a value
	Near     []string // templates that must not match

	File string // and the line that the kind starts in
	Line int
}

// defaultKeys returns the words for credentials in keys, for kinds that name none.
func defaultKeys() []string {
	return []string{"key", "token", "secret", "auth", "pass", "pwd", "credential"}
}

// Sector returns the name of the kind's file without its ending.
func (k *Kind) Sector() string { return strings.TrimSuffix(k.File, ".toml") }
