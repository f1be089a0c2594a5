// Package readers has the rules that find what surroundings call a credential. It is a package of its own because the generator of tables needs
// them, too.
package readers

import (
	"keysweep/finding"
	"keysweep/secretscan"
	"keysweep/secretscan/rules/internal/narrow"
)

// Rules returns the rules that find what surroundings call a credential. The list is the caller's.
func Rules() []secretscan.Rule {
	return []secretscan.Rule{
		{
			ID: "generic-password", Reader: secretscan.ReadPassword, Severity: finding.High,
			Title: "Password", Description: "A value that its key calls a password.",
			Why:        "Opens whatever account, database or machine it was set for; people use the same one elsewhere, too.",
			Allowlists: narrow.Reader(secretscan.ReadPassword),
		},
		{
			ID: "generic-secret", Reader: secretscan.ReadToken, Severity: finding.High,
			Title: "Secret, key or token of unknown kind", Description: "A value that its key calls a secret, a token or a key.",
			Why: "Whatever it opens is open to everyone who can read this.",
		},
		{
			ID: "url-credentials", Reader: secretscan.ReadURL, Severity: finding.High,
			Title: "Password in a URL", Description: "The password between user and host of a URL.",
			Why:        "Logs in to the host that stands right behind it, and URLs end up in logs and process lists.",
			Allowlists: narrow.Reader(secretscan.ReadURL),
		},
		{
			ID: "authorization-header", Reader: secretscan.ReadHeader, Severity: finding.High,
			Title: "Credential in an authorization header", Description: "What follows Bearer, Basic or another scheme in an HTTP header.",
			Why: "Makes the same requests as its owner until it is revoked or expires.",
		},
	}
}
