package rules

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"

	"keysweep/secretscan"
)

// Hash names the content of a ruleset for reports: the first 16 hexadecimal digits of a SHA-256. Equal content has an equal
// hash on every machine; the file that the rules come from plays no part, the order of rules and lists does.
func Hash(set secretscan.Ruleset) string {
	h := &hasher{hash: sha256.New(), pending: make([]byte, 0, hasherPending)}
	h.texts("keysweep ruleset 1", set.Title)
	h.number(len(set.Rules))
	for _, r := range set.Rules {
		h.rule(r)
	}
	h.allowlists(set.Allowlists)
	h.hash.Write(h.pending)
	return hex.EncodeToString(h.hash.Sum(nil))[:16]
}

// hasher writes values so that different values never write the same bytes: lengths first. It collects them, since the many short
// ones would take longer one by one than all other preparations of a scan.
type hasher struct {
	hash    hash.Hash
	pending []byte
}

const hasherPending = 16 << 10

func (h *hasher) rule(r secretscan.Rule) {
	h.texts(r.ID, r.Description, r.Regex, string(r.Reader), r.Check, r.Path, r.Title, r.Why, r.Provider, r.RotateURL)
	h.number(r.SecretGroup)
	h.bits(math.Float64bits(r.Entropy))
	h.flag(r.SkipReport)
	h.flag(r.Judged)
	h.number(int(r.Severity))
	h.number(int(r.Confidence))
	h.list(r.Keywords)
	h.list(r.Tags)
	h.allowlists(r.Allowlists)
	h.number(len(r.Required))
	for _, q := range r.Required {
		h.texts(q.RuleID)
		h.distance(q.WithinLines)
		h.distance(q.WithinColumns)
	}
}

func (h *hasher) allowlists(lists []secretscan.Allowlist) {
	h.number(len(lists))
	for _, a := range lists {
		h.texts(a.Description)
		h.flag(a.And)
		h.number(int(a.Target))
		h.list(a.Commits)
		h.list(a.Paths)
		h.list(a.Regexes)
		h.list(a.StopWords)
	}
}

func (h *hasher) list(texts []string) {
	h.number(len(texts))
	h.texts(texts...)
}

func (h *hasher) texts(texts ...string) {
	for _, t := range texts {
		h.number(len(t))
		h.pending = append(h.pending, t...)
	}
}

func (h *hasher) distance(d *int) {
	h.flag(d != nil)
	if d != nil {
		h.number(*d)
	}
}

func (h *hasher) flag(b bool) {
	if b {
		h.number(1)
		return
	}
	h.number(0)
}

func (h *hasher) number(n int) { h.bits(uint64(n)) }

func (h *hasher) bits(n uint64) {
	if h.pending = binary.BigEndian.AppendUint64(h.pending, n); len(h.pending) > hasherPending/2 {
		h.hash.Write(h.pending)
		h.pending = h.pending[:0]
	}
}
