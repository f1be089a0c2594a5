package suppress

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"keysweep/finding"
)

// FileName is the baseline's name at the root of a repository.
const FileName = ".keysweep-baseline"

// MaxSize is the largest file, in bytes, that this package reads.
const MaxSize = 64 << 20

// maxItems is how many paths of a baseline, or entries of another file, are read. MaxSize alone would let a hostile file of
// the shortest items take gigabytes of memory; an honest one of that many is about as large as MaxSize.
const maxItems = 1 << 19

const (
	schema     = "keysweep-baseline v1 salt="
	saltSize   = 16
	fields     = 6
	none       = "-"
	everywhere = "*"
	header     = "# fingerprint\trule\tpaths\treason\twho\tuntil\n"
)

// Baseline is the list of known secrets of a repository. It is not safe for concurrent change; Apply and the other methods
// that only read may be called concurrently.
type Baseline struct {
	name    string // of the file, for notices
	salt    []byte
	entries map[finding.Fingerprint]*Entry
}

// Entry is one known secret: where it may stand, and who decided so.
type Entry struct {
	Fingerprint finding.Fingerprint
	Rule        string   // the rule that found it first; only for people
	Paths       []string // sorted, each once; "" stands for places without a path
	Everywhere  bool     // it is known at every place
	Reason      string
	Who         string
	Until       string // last day on which the entry counts, YYYY-MM-DD in UTC; "" for no end

	line int // in the file; 0 for an entry that is new
}

// New makes an empty baseline with a salt out of random, which is crypto/rand.Reader in earnest.
func New(random io.Reader) (*Baseline, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(random, salt); err != nil {
		return nil, fmt.Errorf("make the baseline's salt: %w", err)
	}
	return &Baseline{name: FileName, salt: salt, entries: map[finding.Fingerprint]*Entry{}}, nil
}

// Salt returns the key of the fingerprints: 16 bytes.
func (b *Baseline) Salt() []byte { return bytes.Clone(b.salt) }

// Len returns the number of entries.
func (b *Baseline) Len() int { return len(b.entries) }

// Entries returns a copy of the entries, ordered by fingerprint.
func (b *Baseline) Entries() []Entry {
	sorted := b.sorted()
	list := make([]Entry, len(sorted))
	for i, e := range sorted {
		list[i] = *e
		list[i].Paths = slices.Clone(e.Paths)
	}
	return list
}

// Encode returns the file in its one canonical form: equal baselines give equal bytes.
func (b *Baseline) Encode() []byte {
	var out bytes.Buffer
	out.WriteString(schema + hex.EncodeToString(b.salt) + "\n" + header)
	for _, e := range b.sorted() {
		line := []string{
			e.Fingerprint.String(), encodeText(e.Rule), encodePaths(e), encodeText(e.Reason), encodeText(e.Who), orNone(e.Until),
		}
		out.WriteString(strings.Join(line, "\t") + "\n")
	}
	return out.Bytes()
}

func (b *Baseline) sorted() []*Entry {
	list := make([]*Entry, 0, len(b.entries))
	for _, e := range b.entries {
		list = append(list, e)
	}
	slices.SortFunc(list, func(x, y *Entry) int { return bytes.Compare(x.Fingerprint[:], y.Fingerprint[:]) })
	return list
}

// combine makes one entry of all lines of a fingerprint: see "The baseline file" for why the earliest end wins.
func combine(lines []*Entry) *Entry {
	merged := *slices.MinFunc(lines, compareDecisions)
	merged.Paths = nil
	for _, e := range lines {
		merged.Paths = append(merged.Paths, e.Paths...)
		merged.Everywhere = merged.Everywhere || e.Everywhere
		if merged.Rule == "" || e.Rule != "" && e.Rule < merged.Rule {
			merged.Rule = e.Rule
		}
		merged.line = min(merged.line, e.line)
	}
	slices.Sort(merged.Paths)
	merged.Paths = slices.Compact(merged.Paths)
	return &merged
}

// compareDecisions orders the decisions behind two lines: the one to keep first. Of the same end, one with a reason is kept;
// the rest only makes the order total.
func compareDecisions(x, y *Entry) int {
	const never = "9999-99-99"
	endX, endY := x.Until, y.Until
	if endX == "" {
		endX = never
	}
	if endY == "" {
		endY = never
	}
	if c := strings.Compare(endX, endY); c != 0 {
		return c
	}
	if (x.Reason == "") != (y.Reason == "") {
		return strings.Compare(y.Reason, x.Reason)
	}
	if c := strings.Compare(x.Reason, y.Reason); c != 0 {
		return c
	}
	return strings.Compare(x.Who, y.Who)
}

func orNone(s string) string {
	if s == "" {
		return none
	}
	return s
}
