package attest

import "keysweep/internal/chain"

// Log is what a file of attestations holds.
type Log = chain.Log[Record]

// ChainError says that a file of attestations is not as it was written: a line was changed, put in or taken out, or is damaged.
type ChainError = chain.Error

// kind says what the lines of the file are.
func kind() chain.Kind[Record] {
	return chain.Kind[Record]{
		One: "attestation", Many: "attestations", Prev: func(r *Record) *string { return &r.Prev }, Valid: (*Record).valid,
		Hint: "put the file back as it was, from git or a backup; after a merge keep one side's lines, and attest the other's again",
	}
}

// Parse reads a file of attestations. path is what errors call it. The records before a line that is wrong come with the *ChainError.
func Parse(path string, data []byte) (*Log, error) { return chain.Parse(kind(), path, data) }
