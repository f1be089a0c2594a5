package cli

import (
	"strconv"
	"strings"
	"time"

	"keysweep/finding"
	"keysweep/keys"
	"keysweep/report"
)

// table is the report for programs.
func (in *inspection) table() *report.Table {
	t := &report.Table{
		Schema: "keysweep.key-inspect/v1", GeneratedAt: in.env.Now().UTC(),
		Tool:     finding.Tool{Name: "keysweep", Version: in.env.Version, Commit: in.env.Commit},
		Coverage: finding.Coverage{Source: "keys", Root: strings.Join(in.sources, ", "), Files: in.files},
		Problems: in.problems, Notices: in.notices,
	}
	if in.others > 0 {
		t.Coverage.Skipped = []finding.Skip{{Reason: "no key in it", Count: in.others}}
	}
	for i, s := range in.sights {
		row := s.row(in.env)
		t.Rows = append(t.Rows, row.Row)
		if i == 0 {
			t.Columns = row.columns
		}
	}
	if t.Columns == nil {
		t.Columns = (&sight{}).row(in.env).columns
	}
	return t
}

// inspectRow is a row that knows its columns: every row has the same.
type inspectRow struct {
	report.Row
	columns []report.Column
}

// add adds a cell. text is for CSV, value for JSON.
func (r *inspectRow) add(name, text string, value any) {
	r.columns = append(r.columns, report.Column{Name: name, Title: name})
	r.Cells = append(r.Cells, report.Cell{Text: text, Value: value})
}

// word adds a text that is null in JSON where it is empty.
func (r *inspectRow) word(name, text string) {
	if text == "" {
		r.add(name, "", null{})
		return
	}
	r.add(name, text, text)
}

// null is JSON's null: a cell's nil stands for its text.
type null struct{}

// MarshalJSON writes null.
func (null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

func (s *sight) row(env *Env) *inspectRow {
	r := &inspectRow{}
	r.word("where", s.where)
	r.word("what", s.what)
	r.word("format", s.format)
	sha256, md5, kind := "", "", s.key.Type
	if s.public != nil {
		sha256, md5, kind = s.public.SHA256(), s.public.MD5(), s.public.Type
	}
	r.word("type", kind)
	r.add("bits", strconv.Itoa(s.key.Bits), s.key.Bits)
	r.word("fingerprint", sha256)
	r.word("md5", md5)
	r.word("comment", s.comment)
	s.addFile(r)
	r.word("options", s.options.String())
	r.word("refused", s.refused)
	r.add("hosts", strings.Join(s.hosts, " "), append([]string{}, s.hosts...))
	r.add("authority", strconv.FormatBool(s.authority), s.authority)
	r.add("revoked", strconv.FormatBool(s.revoked), s.revoked)
	s.addCertificate(r, env.Now())
	s.addAge(r)
	s.addVerdicts(r)
	return r
}

// addFile adds what only private key files have.
func (s *sight) addFile(r *inspectRow) {
	if len(s.key.Files) == 0 {
		for _, name := range []string{"protected", "cipher", "kdf", "kdf_rounds", "kdf_memory_kib", "mode", "owner", "pub", "place"} {
			r.word(name, "")
		}
		return
	}
	f := s.key.Files[0]
	r.add("protected", strconv.FormatBool(f.Protected), f.Protected)
	r.word("cipher", f.Cipher)
	r.word("kdf", f.KDF.Name)
	r.add("kdf_rounds", strconv.Itoa(f.KDF.Rounds), f.KDF.Rounds)
	r.add("kdf_memory_kib", strconv.Itoa(f.KDF.MemoryKiB), f.KDF.MemoryKiB)
	mode, _, _ := strings.Cut(accessText(f.Access), ",")
	r.word("mode", mode)
	r.word("owner", string(f.Access.Owner))
	r.word("pub", string(f.Pub))
	r.word("place", placeText(f.Place))
}

// jsonCertificate is a certificate in the report.
type jsonCertificate struct {
	Type            string       `json:"type"`
	KeyID           string       `json:"key_id"`
	Serial          uint64       `json:"serial"`
	Principals      []string     `json:"principals"`
	ValidAfter      *time.Time   `json:"valid_after"`
	ValidBefore     *time.Time   `json:"valid_before"`
	Valid           bool         `json:"valid_now"`
	SignedBy        string       `json:"signed_by"`
	SignatureType   string       `json:"signature_type"`
	SignatureGood   bool         `json:"signature_good"`
	CriticalOptions []jsonOption `json:"critical_options"`
	Extensions      []jsonOption `json:"extensions"`
}

type jsonOption struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (s *sight) addCertificate(r *inspectRow, now time.Time) {
	c := s.certificate
	if c == nil {
		r.word("certificate", "")
		return
	}
	moment := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	options := func(from []keys.CertificateOption) []jsonOption {
		list := []jsonOption{}
		for _, o := range from {
			list = append(list, jsonOption(o))
		}
		return list
	}
	r.add("certificate", c.KeyID+": "+validText(c, now), jsonCertificate{
		Type: c.Type.String(), KeyID: c.KeyID, Serial: c.Serial, Principals: append([]string{}, c.Principals...),
		ValidAfter: moment(c.After()), ValidBefore: moment(c.Before()), Valid: c.ValidAt(now),
		SignedBy: c.Authority.SHA256(), SignatureType: c.SignatureType, SignatureGood: c.Verify() == nil,
		CriticalOptions: options(c.CriticalOptions), Extensions: options(c.Extensions),
	})
}

// addAge adds the oldest evidence of the key's age.
func (s *sight) addAge(r *inspectRow) {
	at, source := "", ""
	if e, ok := s.key.Oldest(); ok {
		at, source = e.At.UTC().Format(time.RFC3339), e.Source
	}
	r.word("older_than", at)
	r.word("age_source", source)
}

// jsonVerdict is a verdict in the report.
type jsonVerdict struct {
	Check    string           `json:"check"`
	Severity finding.Severity `json:"severity"`
	Title    string           `json:"title"`
	Evidence string           `json:"evidence"`
	Why      string           `json:"why"`
	Fix      string           `json:"fix"`
	Excused  string           `json:"excused"`
}

func (s *sight) addVerdicts(r *inspectRow) {
	list, ids := []jsonVerdict{}, []string{}
	for _, v := range s.verdicts {
		j := jsonVerdict{Check: v.Check, Severity: v.Severity, Title: v.Title, Evidence: v.Evidence, Why: v.Why, Fix: v.Fix}
		if v.Excused != nil {
			j.Excused = v.Excused.Reason
		}
		list, ids = append(list, j), append(ids, v.Check)
	}
	r.add("verdicts", strings.Join(ids, " "), list)
}
