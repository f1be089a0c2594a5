package labelled

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// sizeMost bounds what is read of a file once it is unpacked: a hundred times the largest there is.
const sizeMost = 1 << 30

// Read reads a file of labelled lines. Errors name the record, and never what it holds.
func Read(r io.Reader) ([]Row, error) {
	in := bufio.NewReader(r)
	if magic, _ := in.Peek(2); string(magic) == "\x1f\x8b" {
		zipped, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("read labelled lines: %w", err)
		}
		in = bufio.NewReader(zipped)
	}
	limited := &io.LimitedReader{R: in, N: sizeMost}
	records := csv.NewReader(limited)
	names, err := records.Read()
	if err != nil {
		return nil, fmt.Errorf("read labelled lines: heading: %w", withoutText(err))
	}
	columns, err := columnsOf(names)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for {
		record, err := records.Read()
		switch {
		case limited.N <= 0:
			return nil, fmt.Errorf("read labelled lines: more than %d MiB", sizeMost>>20)
		case errors.Is(err, io.EOF):
			return rows, nil
		case err != nil:
			return nil, fmt.Errorf("read labelled lines: record %d: %w", len(rows)+1, withoutText(err))
		}
		row, err := columns.row(record)
		if err != nil {
			return nil, fmt.Errorf("read labelled lines: record %d: %w", len(rows)+1, err)
		}
		row.Number = len(rows) + 1
		rows = append(rows, row)
	}
}

// withoutText keeps of an error of the CSV reader where and why, for what it is.
func withoutText(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return fmt.Errorf("line %d, column %d: %w", parse.Line, parse.Column, parse.Err)
	}
	return err
}

// columns says where in a record each column is.
type columns map[string]int

var needed = [...]string{"repo", "ext", "truth", "category", "value_start", "value_end", "line"}

func columnsOf(names []string) (columns, error) {
	c := columns{}
	for i, name := range names {
		c[strings.TrimPrefix(name, "\ufeff")] = i
	}
	for _, name := range needed {
		if _, ok := c[name]; !ok {
			return nil, fmt.Errorf("read labelled lines: there is no column %q", name)
		}
	}
	return c, nil
}

func (c columns) row(record []string) (Row, error) {
	get := func(name string) string { return record[c[name]] }
	r := Row{Repo: get("repo"), Ext: get("ext"), Category: get("category"), Line: get("line")}
	switch t := get("truth"); t {
	case "T", "F", "X":
		r.Truth = Truth(t[0])
	default:
		return r, errors.New("truth is none of T, F and X")
	}
	start, err := strconv.Atoi(get("value_start"))
	if err != nil {
		return r, errors.New("value_start is no number")
	}
	end, err := strconv.Atoi(get("value_end"))
	if err != nil {
		return r, errors.New("value_end is no number")
	}
	r.Start, r.End = 0, len(r.Line)
	if start >= 0 {
		r.Start = byteOffset(r.Line, start)
		if end > start {
			r.End = byteOffset(r.Line, end)
		}
	}
	return r, nil
}

// byteOffset turns an offset in characters into one in bytes; beyond the end it is the end.
func byteOffset(s string, n int) int {
	at := 0
	for ; n > 0 && at < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at
}
