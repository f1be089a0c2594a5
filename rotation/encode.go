package rotation

import (
	"encoding/json"
	"fmt"
)

// unknown holds the fields of a JSON object that this version does not know, as an object; "" if there are none. They go where
// the rest of the object goes, also when an element of a list moves.
type unknown string

// encodeKeeping writes a struct as an object, and behind its fields those that decodeObject had found unknown.
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

// readRecord reads a record out of its item, and its continuations with get.
func readRecord(get func(string) ([]byte, error), item string, data []byte) (Record, error) {
	r, more, err := decodeRecord(item, data)
	if err == nil && more != nil {
		err = r.gather(get, *more)
	}
	return r, err
}

// decodeRecord reads what a record's own item holds, and where the rest is; nil: there is no more.
func decodeRecord(item string, data []byte) (r Record, more *spill, err error) {
	r.more, err = decodeObject(data, func(key string, v value) (bool, error) {
		if key != "more" {
			return r.field(key, v)
		}
		more = &spill{}
		return true, json.Unmarshal(v, more)
	})
	if err != nil {
		var newer struct {
			Schema int `json:"schema"`
		}
		if json.Unmarshal(data, &newer) == nil && newer.Schema > SchemaVersion {
			return Record{}, nil, &NewerError{Item: item, Schema: newer.Schema}
		}
		return Record{}, nil, fmt.Errorf("read ledger: item %s is no record: %w", item, err)
	}
	if item != r.item() {
		return Record{}, nil, fmt.Errorf("read ledger: item %s holds the record %q: %w", item, r.ID, ErrTampered)
	}
	return r, more, nil
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
