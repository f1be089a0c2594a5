package rotation

import "slices"

// SharedSecret is one secret, or one SSH key, that serves for several things.
type SharedSecret struct {
	Mark        string // of the secret; "" if it is an SSH key
	Fingerprint string // of the SSH key; "" if it is another secret
	Records     []Record
}

// Shared returns the secrets that several live records hold: the same value under two names or in two environments, and the
// same SSH key for two services. Within one ledger no two records have the same fingerprint; in the ledgers of two machines,
// read together, they can. Groups and the records in them are in the order of records.
func Shared(records []Record) (groups []SharedSecret) {
	holders := map[string]int{}
	for i := range records {
		holders[records[i].secret()]++
	}
	at := map[string]int{}
	for _, r := range records {
		print := r.secret()
		if print == "" || holders[print] == 1 {
			continue
		}
		i, known := at[print]
		if !known {
			i = len(groups)
			at[print] = i
			groups = append(groups, SharedSecret{Mark: r.Mark})
			if r.Mark == "" {
				groups[i].Fingerprint = r.Fingerprint
			}
		}
		groups[i].Records = append(groups[i].Records, r)
	}
	return slices.DeleteFunc(groups, func(g SharedSecret) bool { return !g.differ() })
}

// secret tells the secret of a live record from others; "" if there is none to tell.
func (r *Record) secret() string {
	switch {
	case !r.Status.Live():
		return ""
	case r.Mark != "":
		return MarkPrint(r.Mark)
	}
	return r.Fingerprint
}

// differ reports whether the records are about different things: those of one key on two machines need not be.
func (g *SharedSecret) differ() bool {
	first := g.Records[0]
	return slices.ContainsFunc(g.Records[1:], func(r Record) bool {
		return r.Service != first.Service || r.Env != first.Env || g.Mark != "" && r.Name != first.Name
	})
}
