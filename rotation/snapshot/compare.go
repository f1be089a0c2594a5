package snapshot

import (
	"bytes"
	"fmt"

	"keysweep/rotation"
)

// compare looks for records that were changed in the ledger without keysweep: each change of a record counts up its Seq.
func (k Keeper) compare(last, now *raw) error {
	lines := map[string][]byte{}
	for _, line := range now.lines {
		lines[rotation.RecordID(line)] = line
	}
	for _, before := range last.lines {
		line := lines[rotation.RecordID(before)]
		if bytes.Equal(line, before) {
			continue
		}
		if what, err := contradiction(before, line); err != nil || what != "" {
			return k.edited(last, what, err)
		}
	}
	return nil
}

func (k Keeper) edited(last *raw, what string, err error) error {
	if err != nil {
		return err
	}
	return &TrustError{Path: k.Path, Machine: last.header.Machine, Why: Edited, Detail: what,
		Do: "put back the newest backup of the ledger; if the ledger is right, delete " + k.Path}
}

// contradiction says how a record cannot have become what it is; "" if it can.
func contradiction(before, now []byte) (string, error) {
	var old, r rotation.Record
	if err := old.UnmarshalJSON(before); err != nil {
		return "", err
	}
	if now == nil {
		return fmt.Sprintf("%s is gone", old.Ref()), nil
	}
	if err := r.UnmarshalJSON(now); err != nil {
		return "", err
	}
	switch {
	case r.Seq < old.Seq:
		return fmt.Sprintf("%s is at change %d, and was at %d", old.Ref(), r.Seq, old.Seq), nil
	case r.Seq == old.Seq:
		again, err := old.MarshalJSON() // an older version may have had the fields in another order
		if err != nil || bytes.Equal(again, now) {
			return "", err
		}
		return fmt.Sprintf("%s differs at change %d", old.Ref(), r.Seq), nil
	case !r.FirstSeen.Equal(old.FirstSeen):
		return fmt.Sprintf("%s was first seen on %s, not on %s", old.Ref(), old.FirstSeen.Format("2006-01-02"), r.FirstSeen.Format("2006-01-02")), nil
	}
	return "", nil
}
