// Package narrow has allowlists for rules of gitleaks, for what they match by accident, and for those with readers. They are in force where keysweep's
// own rules are. It is a package of its own because the generator of tables needs them, too.
package narrow

import (
	"slices"

	"keysweep/secretscan"
)

// Rules gives the rules of an origin in a list, which is the caller's own, our allowlists for them.
func Rules(list []secretscan.Rule, origin string) {
	known := lists()
	for i := range list {
		r := &list[i]
		if a, ok := known[r.ID]; ok && r.Origin == origin {
			r.Allowlists = append(slices.Clip(r.Allowlists), a)
		}
	}
}

func lists() map[string]secretscan.Allowlist {
	return map[string]secretscan.Allowlist{
		"generic-api-key": {
			Description: "the signature of one request to Azure's storage, with the account's name before it, and what was packed by zlib or gzip",
			Regexes: []string{
				`(?i)SharedKey(?:Lite)?[ \t]+[a-z0-9]{3,24}:`,               // https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
				"[=:>,\x60'\"\\s](?:eJ[w-z]|eN[o-r]|H4sI)[A-Za-z0-9+/]{60}", // RFC 1950 section 2.2, RFC 1952 section 2.3.1
			},
			Target: secretscan.TargetMatch,
		},
		"square-access-token": {
			Description: "within base64, where EAAA is what zero bytes look like, and + and / end no word",
			Regexes:     []string{`[A-Za-z0-9+/]{16}[+/]EAAA`},
			Target:      secretscan.TargetLine,
		},
	}
}

// Reader returns our allowlists for the rule with a reader.
func Reader(r secretscan.Reader) []secretscan.Allowlist {
	if r == secretscan.ReadPassword || r == secretscan.ReadURL {
		return []secretscan.Allowlist{ofJobs()}
	}
	return nil
}

// ofJobs allows the passwords that everybody takes for a database which a CI job starts for itself: it is gone with the job, and nobody else
// can reach it. Any other password there may be one of something that stays.
func ofJobs() secretscan.Allowlist {
	return secretscan.Allowlist{
		Description: "a well-known password in the definition of a CI job, for a service that it starts for itself",
		And:         true,
		Paths: []string{`(?i)(?:^|/)(?:\.(?:github|gitea|forgejo)/workflows/[^/]+|\.gitlab-ci|\.circleci/config|\.travis|\.drone|\.woodpecker|\.?appveyor|\.cirrus|\.semaphore/[^/]+` +
			`|azure-pipelines|bitbucket-pipelines|buildkite/pipeline)\.ya?ml$`},
		Regexes: []string{`(?i)^(?:my-?)?(?:postgres(?:ql)?|pg|mysql|mariadb|mssql|mongo(?:db)?|redis|rabbitmq|guest|root|admin|user|ci|test(?:ing|er)?|pass(?:word|wd)?|pwd|secret|example)[-_]?` +
			`(?:pass(?:word|wd)?|pwd|secret|user|db)?!?(?:1|12|123)?$`},
	}
}
