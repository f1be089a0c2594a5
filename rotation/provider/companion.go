package provider

import (
	"strings"

	"keysweep/rotation"
)

// Companion returns the second variable that programs read besides the one with the secret, if the credential is of two parts:
// AWS_ACCESS_KEY_ID, with the record's Account, besides AWS_SECRET_ACCESS_KEY
// (https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html). What stands before and after that in the name
// stays: BACKUP_AWS_SECRET_ACCESS_KEY has BACKUP_AWS_ACCESS_KEY_ID beside it.
func Companion(r *rotation.Record) (name, value string, ok bool) {
	const secret, id = "SECRET_ACCESS_KEY", "ACCESS_KEY_ID"
	if r.Kind != rotation.KindAPI || r.Account == "" || !strings.Contains(r.Name, secret) {
		return "", "", false
	}
	return strings.Replace(r.Name, secret, id, 1), r.Account, true
}
