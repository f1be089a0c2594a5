package rotation

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// unknown holds the fields of a JSON object that this version does not know, as an object; "" if there are none. They go where
// the rest of the object goes, also when an element of a list moves.
type unknown string

// decodeKeeping reads an object into known, a pointer to a struct, and returns the fields that have no place in it.
func decodeKeeping(data []byte, known any) (unknown, error) {
	if err := json.Unmarshal(data, known); err != nil {
		return "", err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return "", err
	}
	fields := reflect.TypeOf(known).Elem()
	for i := range fields.NumField() {
		name, _, _ := strings.Cut(fields.Field(i).Tag.Get("json"), ",")
		for key := range all {
			if name != "" && strings.EqualFold(key, name) { // as encoding/json compares them
				delete(all, key)
			}
		}
	}
	if len(all) == 0 {
		return "", nil
	}
	rest, err := json.Marshal(all)
	return unknown(rest), err
}

// encodeKeeping is the way back.
func encodeKeeping(known any, more unknown) ([]byte, error) {
	data, err := json.Marshal(known)
	if err != nil || more == "" {
		return data, err
	}
	if string(data) == "{}" {
		return []byte(more), nil
	}
	return append(append(data[:len(data)-1], ','), more[1:]...), nil
}

// decodeRecord reads a record as a store holds it.
func decodeRecord(item string, data []byte) (Record, error) {
	var r Record
	if err := json.Unmarshal(data, &r); err != nil {
		var newer struct {
			Schema int `json:"schema"`
		}
		if json.Unmarshal(data, &newer) == nil && newer.Schema > SchemaVersion {
			return Record{}, &NewerError{Item: item, Schema: newer.Schema}
		}
		return Record{}, fmt.Errorf("read ledger: item %s is no record: %w", item, err)
	}
	if item != r.item() {
		return Record{}, fmt.Errorf("read ledger: item %s holds the record %q: %w", item, r.ID, ErrTampered)
	}
	return r, nil
}

// readRecord reads a record out of its item.
func readRecord(_ func(string) ([]byte, error), item string, data []byte) (Record, error) {
	return decodeRecord(item, data)
}

// NewerError says that a record was written by a newer version in a form that this one cannot read. Records of a newer schema
// that only have more fields are read, and the fields kept.
type NewerError struct {
	Item   string
	Schema int
}

// Error names the item and its schema.
func (e *NewerError) Error() string {
	return fmt.Sprintf("read ledger: item %s has schema %d; this version knows up to %d", e.Item, e.Schema, SchemaVersion)
}

// Hint says what to do.
func (e *NewerError) Hint() string {
	return "use the newest keysweep on every machine that has this ledger"
}

// MarshalJSON writes the record with the fields that a newer version gave it.
func (r Record) MarshalJSON() ([]byte, error) {
	type plain Record
	return encodeKeeping(plain(r), r.more)
}

// UnmarshalJSON reads a record and remembers the fields that are not known here.
func (r *Record) UnmarshalJSON(data []byte) (err error) {
	type plain Record
	r.more, err = decodeKeeping(data, (*plain)(r))
	return err
}

// MarshalJSON is Record's.
func (v Evidence) MarshalJSON() ([]byte, error) {
	type plain Evidence
	return encodeKeeping(plain(v), v.more)
}

// UnmarshalJSON is Record's.
func (v *Evidence) UnmarshalJSON(data []byte) (err error) {
	type plain Evidence
	v.more, err = decodeKeeping(data, (*plain)(v))
	return err
}

// MarshalJSON is Record's.
func (v Exception) MarshalJSON() ([]byte, error) {
	type plain Exception
	return encodeKeeping(plain(v), v.more)
}

// UnmarshalJSON is Record's.
func (v *Exception) UnmarshalJSON(data []byte) (err error) {
	type plain Exception
	v.more, err = decodeKeeping(data, (*plain)(v))
	return err
}

// MarshalJSON is Record's.
func (v Backup) MarshalJSON() ([]byte, error) {
	type plain Backup
	return encodeKeeping(plain(v), v.more)
}

// UnmarshalJSON is Record's.
func (v *Backup) UnmarshalJSON(data []byte) (err error) {
	type plain Backup
	v.more, err = decodeKeeping(data, (*plain)(v))
	return err
}

// MarshalJSON is Record's.
func (v Installation) MarshalJSON() ([]byte, error) {
	type plain Installation
	return encodeKeeping(plain(v), v.more)
}

// UnmarshalJSON is Record's.
func (v *Installation) UnmarshalJSON(data []byte) (err error) {
	type plain Installation
	v.more, err = decodeKeeping(data, (*plain)(v))
	return err
}

// MarshalJSON is Record's.
func (v Event) MarshalJSON() ([]byte, error) {
	type plain Event
	return encodeKeeping(plain(v), v.more)
}

// UnmarshalJSON is Record's.
func (v *Event) UnmarshalJSON(data []byte) (err error) {
	type plain Event
	v.more, err = decodeKeeping(data, (*plain)(v))
	return err
}

// DecodeRecords reads records that were written as JSON, each one a whole.
func DecodeRecords(lines [][]byte) ([]Record, error) {
	records := make([]Record, len(lines))
	for i, line := range lines {
		if err := records[i].UnmarshalJSON(line); err != nil {
			return nil, fmt.Errorf("record %d: %w", i+1, err)
		}
	}
	return records, nil
}

// RecordID returns the ID out of a record as JSON; "" if it has none.
func RecordID(line []byte) string {
	var r struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(line, &r)
	return r.ID
}
