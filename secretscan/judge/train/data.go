package main

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"
)

// row is one labelled line.
type row struct {
	repo, ext, truth, category, line string
	from, to                         int // of the value, in bytes; -1: the whole line
}

// identifiers are categories of values that are no secrets by themselves; rows that have no other are left out.
var identifiers = map[string]bool{
	"UUID": true, "Nonce": true, "Salt": true, "AWS S3 Bucket": true, "Firebase Domain": true, "Tencent WeChat API App ID": true, "Other": true,
	"IPv4": true, "IPv6": true, "Twilio Credentials ID": true,
}

func (r *row) core() bool {
	for c := range strings.SplitSeq(r.category, ":") {
		if !identifiers[c] {
			return true
		}
	}
	return false
}

// readRows reads a file of labelled lines: CSV, with or without gzip.
func readRows(path string) ([]row, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var in io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
	}
	records, err := csv.NewReader(in).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	column := map[string]int{}
	for i, name := range records[0] {
		column[name] = i
	}
	var rows []row
	for _, rec := range records[1:] {
		get := func(name string) string { return rec[column[name]] }
		r := row{repo: get("repo"), ext: get("ext"), truth: get("truth"), category: get("category"), line: get("line")}
		from, _ := strconv.Atoi(get("value_start"))
		to, _ := strconv.Atoi(get("value_end"))
		r.from, r.to = byteOffset(r.line, from), byteOffset(r.line, to)
		if r.to < r.from {
			r.to = len(r.line)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// byteOffset turns an offset in characters into one in bytes.
func byteOffset(s string, n int) int {
	if n < 0 {
		return -1
	}
	at := 0
	for ; n > 0 && at < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at
}

// hits reports whether a range overlaps the row's value by at least half of the shorter of the two.
func (r *row) hits(from, to int) bool {
	a, b := r.from, r.to
	if a < 0 {
		a, b = 0, len(r.line)
	}
	overlap := min(to, b) - max(from, a)
	return overlap > 0 && 2*overlap >= min(to-from, b-a)
}
