package cli

import (
	"fmt"
	"strings"

	"keysweep/keys/inventory"
	"keysweep/policy"
	"keysweep/report"
)

// The types below are the fields of key list's JSON: docs/schema/keysweep.key-list.v1.schema.json describes them.

type jsonKeyFile struct {
	Path       string          `json:"path"`
	Target     string          `json:"target"`
	Format     string          `json:"format"`
	Protected  bool            `json:"protected"`
	Cipher     string          `json:"cipher"`
	KDF        string          `json:"kdf"`
	Rounds     int             `json:"kdf_rounds"`
	MemoryKiB  int             `json:"kdf_memory_kib"`
	Pub        string          `json:"pub"`
	Mode       string          `json:"mode"`
	Owner      string          `json:"owner"`
	DirMode    string          `json:"directory_mode"`
	Repository *jsonRepository `json:"repository"`
	Spots      []jsonSpot      `json:"spots"`
	Born       string          `json:"born_at"`
	Changed    string          `json:"changed_at"`
}

type jsonRepository struct {
	Root      string `json:"root"`
	State     string `json:"state"`
	InHistory string `json:"in_history"`
	Commit    string `json:"commit"`
}

type jsonSpot struct {
	Kind      string `json:"kind"`
	Directory string `json:"directory"`
	Name      string `json:"name"`
	Why       string `json:"why"`
}

type jsonKeyCertificate struct {
	Path       string   `json:"path"`
	ID         string   `json:"id"`
	Serial     uint64   `json:"serial"`
	Host       bool     `json:"host"`
	Principals []string `json:"principals"`
	From       string   `json:"valid_from"`
	Until      string   `json:"valid_until"`
}

type jsonKeyLine struct {
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Comment string `json:"comment"`
	Options string `json:"options"`
	CA      bool   `json:"ca"`
}

type jsonKeyUse struct {
	Path     string   `json:"path"`
	Line     int      `json:"line"`
	Patterns []string `json:"patterns"`
	Match    bool     `json:"match"`
	HostName string   `json:"host_name"`
}

type jsonKeyVerdict struct {
	Check    string       `json:"check"`
	Severity string       `json:"severity"`
	Title    string       `json:"title"`
	Why      string       `json:"why"`
	Evidence string       `json:"evidence"`
	Fix      string       `json:"fix"`
	Path     string       `json:"path"`
	Excused  *jsonExcused `json:"excused"`
}

type jsonExcused struct {
	Reason string `json:"reason"`
	Until  string `json:"until"`
	By     string `json:"by"`
}

// dataCells are the cells that only JSON and CSV have, from files on.
func (l *keyList) dataCells(k *listedKey) []report.Cell {
	return []report.Cell{
		listCell(k.Files, jsonFileOf, func(f inventory.File) string { return f.Path }),
		listCell(k.PublicFiles, func(f inventory.PublicFile) string { return f.Path }, func(f inventory.PublicFile) string { return f.Path }),
		listCell(k.Certificates, func(c inventory.Certificate) jsonKeyCertificate {
			return jsonKeyCertificate{c.Path, c.KeyID, c.Serial, c.Host, append([]string{}, c.Principals...), instant(c.From), instant(c.Until)}
		}, func(c inventory.Certificate) string { return c.Path }),
		listCell(k.Authorized, func(a inventory.Line) jsonKeyLine {
			return jsonKeyLine{a.Path, a.Number, a.Comment, a.Options, a.CA}
		}, func(a inventory.Line) string { return fmt.Sprintf("%s:%d", a.Path, a.Number) }),
		listCell(k.Hosts, func(u inventory.Use) jsonKeyUse {
			return jsonKeyUse{u.Path, u.Line, append([]string{}, u.Patterns...), u.Match, u.HostName}
		}, func(u inventory.Use) string { return fmt.Sprintf("%s:%d", u.Path, u.Line) }),
		yesCell(k.HostKey),
		listCell(k.verdicts, jsonVerdictOf, func(v policy.Verdict) string { return v.Check + " (" + v.Severity.String() + ")" }),
	}
}

// listCell is a cell of several things: objects in JSON, words with semicolons in CSV.
func listCell[A, B any](list []A, object func(A) B, word func(A) string) report.Cell {
	objects, words := []B{}, []string{}
	for _, a := range list {
		objects, words = append(objects, object(a)), append(words, word(a))
	}
	return report.Cell{Text: strings.Join(words, "; "), Value: objects}
}

func jsonFileOf(f inventory.File) jsonKeyFile {
	out := jsonKeyFile{
		Path: f.Path, Target: f.Target, Format: string(f.Format), Protected: f.Protected, Cipher: f.Cipher, KDF: f.KDF.Name,
		Rounds: f.KDF.Rounds, MemoryKiB: f.KDF.MemoryKiB, Pub: string(f.Pub), Owner: string(f.Access.Owner),
		Spots: []jsonSpot{}, Born: instant(f.Born), Changed: instant(f.Changed),
	}
	if f.Access.Known {
		out.Mode, out.DirMode = fmt.Sprintf("%04o", f.Access.Mode), fmt.Sprintf("%04o", f.Access.DirMode)
	}
	if r := f.Place.Repository; r != nil {
		out.Repository = &jsonRepository{r.Root, string(r.State), r.InHistory.String(), r.Commit}
	}
	for _, s := range f.Place.Spots {
		out.Spots = append(out.Spots, jsonSpot{string(s.Kind), s.Dir, s.Name, s.Why})
	}
	return out
}

func jsonVerdictOf(v policy.Verdict) jsonKeyVerdict {
	out := jsonKeyVerdict{v.Check, v.Severity.String(), v.Title, v.Why, v.Evidence, v.Fix, v.Path, nil}
	if x := v.Excused; x != nil {
		out.Excused = &jsonExcused{x.Reason, x.Until, x.By}
	}
	return out
}
