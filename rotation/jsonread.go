package rotation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

// Records are read by hand, in one pass that also finds the fields that are not known. encoding/json needs two for that, and reflection: ten
// thousand records of 900 bytes then take some 400 ms of one processor instead of 70 (BenchmarkDecode; the snapshot is to be read
// within 150 ms).

var errJSON = errors.New("it is no JSON of the right form")

// value is one JSON value, with no space around it. It is not checked further until it is read.
type value []byte

// cutValue splits one value off the front of data.
func cutValue(data []byte) (v value, rest []byte, err error) {
	data = skipSpace(data)
	if len(data) == 0 {
		return nil, nil, errJSON
	}
	end := 0
	switch data[0] {
	case '"':
		end = stringEnd(data)
	case '{', '[':
		end = nestEnd(data)
	default:
		for end < len(data) && data[end] != ',' && data[end] != '}' && data[end] != ']' && !isSpace(data[end]) {
			end++
		}
	}
	if end <= 0 {
		return nil, nil, errJSON
	}
	return value(data[:end]), skipSpace(data[end:]), nil
}

// stringEnd returns where the string at the front of data ends; -1 if it does not.
func stringEnd(data []byte) int {
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return -1
}

// nestEnd returns where the object or array at the front of data ends; -1 if it does not. Which bracket closes which is not looked at:
// reading what is inside finds that.
func nestEnd(data []byte) int {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			end := stringEnd(data[i:])
			if end < 0 {
				return -1
			}
			i += end - 1
		}
	}
	return -1
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func skipSpace(data []byte) []byte {
	for len(data) > 0 && isSpace(data[0]) {
		data = data[1:]
	}
	return data
}

// elements calls each with the elements between two brackets, which may be pairs: each returns what it has left.
func elements(v value, open, shut byte, each func([]byte) ([]byte, error)) error {
	if len(v) < 2 || v[0] != open || v[len(v)-1] != shut {
		return errJSON
	}
	rest := skipSpace(v[1 : len(v)-1])
	for len(rest) > 0 {
		var err error
		if rest, err = each(rest); err != nil {
			return err
		}
		if len(rest) == 0 {
			return nil
		}
		if rest[0] != ',' {
			return errJSON
		}
		if rest = skipSpace(rest[1:]); len(rest) == 0 {
			return errJSON
		}
	}
	return nil
}

// decodeObject calls field for each field of an object, and returns those that it does not know.
func decodeObject(data []byte, field func(key string, v value) (known bool, err error)) (more unknown, err error) {
	var rest bytes.Buffer
	err = elements(value(bytes.TrimRight(skipSpace(data), " \n\t\r")), '{', '}', func(data []byte) ([]byte, error) {
		name, data, err := cutValue(data)
		if err != nil || len(data) == 0 || data[0] != ':' {
			return nil, errJSON
		}
		v, data, err := cutValue(data[1:])
		if err != nil {
			return nil, err
		}
		var key string
		if err := name.text(&key); err != nil || name[0] != '"' {
			return nil, errJSON
		}
		known, err := field(key, v)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", key, err)
		}
		if !known {
			err = keep(&rest, name, v)
		}
		return data, err
	})
	if err != nil || rest.Len() == 0 {
		return "", err
	}
	return unknown("{" + rest.String() + "}"), nil
}

// keep appends a field that is not known.
func keep(to *bytes.Buffer, name, v value) error {
	if to.Len() > 0 {
		to.WriteByte(',')
	}
	if err := json.Compact(to, name); err != nil {
		return errJSON
	}
	to.WriteByte(':')
	if err := json.Compact(to, v); err != nil {
		return errJSON
	}
	return nil
}

func (v value) null() bool { return string(v) == "null" }

// text reads a string. null leaves what is there, here and below, as encoding/json has it.
func (v value) text(to *string) error {
	if len(v) >= 2 && v[0] == '"' && plain(v[1:len(v)-1]) {
		*to = string(v[1 : len(v)-1])
		return nil
	}
	if json.Unmarshal(v, to) != nil {
		return errJSON
	}
	return nil
}

// plain reports whether what is between quotes stands for itself.
func plain(s []byte) bool {
	for _, c := range s {
		if c < ' ' || c == '\\' || c == '"' {
			return false
		}
	}
	return utf8.Valid(s)
}

func (v value) time(to *time.Time) error {
	if v.null() {
		return nil
	}
	return to.UnmarshalJSON(v)
}

func (v value) number(to *int) error {
	if n, err := strconv.Atoi(string(v)); err == nil && (v[0] == '-' || v[0] >= '1' || len(v) == 1 && v[0] == '0') {
		*to = n
		return nil
	}
	if json.Unmarshal(v, to) != nil {
		return errJSON
	}
	return nil
}

// list reads an array.
func list[T any](v value, to *[]T, one func(*T, value) error) error {
	if v.null() {
		*to = nil
		return nil
	}
	var all []T
	err := elements(v, '[', ']', func(data []byte) ([]byte, error) {
		v, rest, err := cutValue(data)
		if err != nil {
			return nil, err
		}
		var t T
		err = one(&t, v)
		all = append(all, t)
		return rest, err
	})
	if all == nil {
		all = []T{}
	}
	*to = all
	return err
}
