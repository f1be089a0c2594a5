package backup

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// A part is what one QR code holds, five fields with a space between them, in the alphabet that QR codes store best:
//
//	KS1 2/3 6FZLQ4TA 7Q2M MFTWKLLF...
//	    |   |        |    payload
//	    |   |        checksum over "KS1 2/3 6FZLQ4TA MFTWKLLF..."
//	    |   ID of the whole
//	    which of how many
const partMark = "KS1"

const (
	// partChars is the most payload in a part. With the other fields it fits into version 18 with error correction M, whose 89
	// modules are 0.9 mm wide when two codes stand side by side on A4: every phone reads that.
	partChars = 780
	maxParts  = 99
	// maxCode is the most that all parts hold, in letters.
	maxCode = partChars * maxParts
)

// ErrTooLong says that something does not fit on a sheet.
var ErrTooLong = errors.New("too long for a sheet: it would take more than 99 QR codes")

// splitParts cuts content into parts of about the same length.
func splitParts(content []byte) ([]string, error) {
	text := code.EncodeToString(content)
	if len(text) > maxCode {
		return nil, ErrTooLong
	}
	id := ID(content)
	count := max(1, (len(text)+partChars-1)/partChars)
	size := (len(text) + count - 1) / count
	parts := make([]string, count)
	for i := range parts {
		n := min(size, len(text))
		parts[i] = part{i + 1, count, id, text[:n]}.String()
		text = text[n:]
	}
	return parts, nil
}

type part struct {
	number, count int
	id, payload   string
}

func (p part) place() string { return fmt.Sprintf("%d/%d", p.number, p.count) }

func (p part) sum() string { return checksum(partMark, p.place(), p.id, p.payload) }

// String returns what is put into the QR code.
func (p part) String() string {
	return strings.Join([]string{partMark, p.place(), p.id, p.sum(), p.payload}, " ")
}

// where names the part in messages.
func (p part) where() string { return fmt.Sprintf("part %d of %d", p.number, p.count) }

// hasParts reports whether a text holds parts: the mark, and what looks like a place behind it.
func hasParts(text []byte) bool {
	fields := strings.Fields(string(text))
	for i := range fields {
		if strings.EqualFold(fields[i], partMark) && i+1 < len(fields) && strings.Contains(fields[i+1], "/") {
			return true
		}
	}
	return false
}

// readParts finds the parts in a text, wherever lines were broken. What is wrong with one is said in problems; the others are
// good.
func readParts(text []byte) (parts []part, problems []error) {
	fields := strings.Fields(string(text))
	for i := 0; i < len(fields); i++ {
		if !strings.EqualFold(fields[i], partMark) {
			continue
		}
		end := i + 1
		for end < len(fields) && !strings.EqualFold(fields[end], partMark) {
			end++
		}
		p, err := readPart(fields[i+1 : end])
		if err != nil {
			problems = append(problems, err)
		} else {
			parts = append(parts, p)
		}
		i = end - 1
	}
	return parts, problems
}

func readPart(fields []string) (p part, err error) {
	if len(fields) < 4 {
		return p, damaged("a part that starts with KS1", "it is cut off")
	}
	number, count, _ := strings.Cut(fields[0], "/")
	p.number, _ = strconv.Atoi(number)
	p.count, _ = strconv.Atoi(count)
	if p.number < 1 || p.count < p.number || p.count > maxParts {
		return p, damaged("a part that starts with KS1", "the number behind KS1 is damaged")
	}
	p.id, p.payload = tidy(fields[1]), tidy(strings.Join(fields[3:], ""))
	if p.sum() != tidy(fields[2]) || !isCode(p.payload) {
		return p, damaged(p.where(), "it is damaged: its checksum is wrong")
	}
	return p, nil
}

// joinParts puts parts together, whatever their order, and checks the whole. problems are what readParts found wrong.
func joinParts(parts []part, problems []error) (content []byte, id string, err error) {
	if len(parts) == 0 {
		return nil, "", errors.Join(problems...)
	}
	sort.SliceStable(parts, func(i, j int) bool { return parts[i].number < parts[j].number })
	first := parts[0]
	have := make([]string, first.count+1)
	for _, p := range parts {
		if p.id != first.id || p.count != first.count {
			return nil, "", foreign(parts)
		}
		have[p.number] = p.payload
	}
	if err := missing(have[1:], first.id, problems); err != nil {
		return nil, "", err
	}
	text := strings.Join(have[1:], "")
	content, err = code.DecodeString(text)
	if err != nil || ID(content) != first.id {
		clear(content)
		return nil, "", damaged("", "the parts are whole, but what they make is not backup %s", first.id)
	}
	return content, first.id, nil
}

// foreign says which parts are of which backup.
func foreign(parts []part) error {
	var ids []string
	by := map[string][]string{}
	for _, p := range parts {
		if by[p.id] == nil {
			ids = append(ids, p.id)
		}
		by[p.id] = append(by[p.id], p.place())
	}
	if len(ids) == 1 {
		return damaged("", "the parts of backup %s do not agree on how many there are", ids[0])
	}
	var groups []string
	for _, id := range ids {
		groups = append(groups, strings.Join(by[id], ", ")+" of backup "+id)
	}
	return damaged("", "these are parts of different backups: %s", strings.Join(groups, "; "))
}

// missing says which parts there are none of, and what was wrong with others.
func missing(have []string, id string, problems []error) error {
	told := map[string]bool{}
	for _, p := range problems {
		var d *DamagedError
		if errors.As(p, &d) {
			told[d.Where] = true
		}
	}
	absent := false
	var errs []error
	for i, payload := range have {
		p := part{number: i + 1, count: len(have)}
		if payload != "" {
			continue
		}
		absent = true
		if !told[p.where()] {
			errs = append(errs, damaged(p.where(), "it is missing (of backup %s)", id))
		}
	}
	if !absent {
		return nil // a second, good copy of the damaged part is enough
	}
	return errors.Join(append(problems, errs...)...)
}
