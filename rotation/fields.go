package rotation

import (
	"encoding/json"
)

// field reads one field of a record. False: it is not known here.
func (r *Record) field(key string, v value) (bool, error) {
	switch key {
	case "schema":
		return true, v.number(&r.Schema)
	case "bits":
		return true, v.number(&r.Bits)
	case "seq":
		return true, v.number(&r.Seq)
	case "hosts":
		return true, list(v, &r.Hosts, func(s *string, v value) error { return v.text(s) })
	case "unprotected":
		return true, r.exception(v)
	case "first_seen":
		return true, v.time(&r.FirstSeen)
	case "rotated_at":
		return true, v.time(&r.RotatedAt)
	case "expires":
		return true, v.time(&r.Expires)
	case "evidence":
		return true, list(v, &r.Evidence, (*Evidence).read)
	case "backups":
		return true, list(v, &r.Backups, (*Backup).read)
	case "installed":
		return true, list(v, &r.Installed, (*Installation).read)
	case "history":
		return true, list(v, &r.History, (*Event).read)
	}
	if to := r.text(key); to != nil {
		return true, v.text(to)
	}
	return false, nil
}

// text returns where a field of text is kept; nil if there is none of that name.
func (r *Record) text(key string) *string {
	switch key {
	case "id":
		return &r.ID
	case "kind":
		return (*string)(&r.Kind)
	case "name":
		return &r.Name
	case "service":
		return &r.Service
	case "env":
		return &r.Env
	case "owner":
		return &r.Owner
	case "provider":
		return &r.Provider
	case "purpose":
		return &r.Purpose
	case "account":
		return &r.Account
	case "url":
		return &r.URL
	case "fingerprint":
		return &r.Fingerprint
	case "mark":
		return &r.Mark
	case "type":
		return &r.Type
	case "path":
		return &r.Path
	case "machine":
		return &r.Machine
	case "status":
		return (*string)(&r.Status)
	case "successor":
		return &r.Successor
	case "predecessor":
		return &r.Predecessor
	case "prev":
		return &r.Prev
	}
	return nil
}

func (r *Record) exception(v value) error {
	if v.null() {
		r.Unprotected = nil
		return nil
	}
	r.Unprotected = &Exception{}
	return r.Unprotected.read(v)
}

func (v *Evidence) field(key string, x value) (bool, error) {
	switch key {
	case "source":
		return true, x.text(&v.Source)
	case "at":
		return true, x.time(&v.At)
	case "detail":
		return true, x.text(&v.Detail)
	}
	return false, nil
}

func (v *Exception) field(key string, x value) (bool, error) {
	switch key {
	case "reason":
		return true, x.text(&v.Reason)
	case "at":
		return true, x.time(&v.At)
	}
	return false, nil
}

func (v *Backup) field(key string, x value) (bool, error) {
	switch key {
	case "id":
		return true, x.text(&v.ID)
	case "form":
		return true, x.text(&v.Form)
	case "place":
		return true, x.text(&v.Place)
	case "at":
		return true, x.time(&v.At)
	case "verified":
		return true, x.time(&v.Verified)
	}
	return false, nil
}

func (v *Installation) field(key string, x value) (bool, error) {
	switch key {
	case "target":
		return true, x.text(&v.Target)
	case "at":
		return true, x.time(&v.At)
	case "expires":
		return true, x.time(&v.Expires)
	case "removed":
		return true, x.time(&v.Removed)
	}
	return false, nil
}

func (v *Event) field(key string, x value) (bool, error) {
	switch key {
	case "at":
		return true, x.time(&v.At)
	case "what":
		return true, x.text(&v.What)
	}
	return false, nil
}

func (v *Tombstone) field(key string, x value) (bool, error) {
	switch key {
	case "schema":
		return true, x.number(&v.Schema)
	case "fingerprint":
		return true, x.text(&v.Fingerprint)
	case "reason":
		return true, x.text(&v.Reason)
	case "at":
		return true, x.time(&v.At)
	}
	return false, nil
}

func (v *State) field(key string, x value) (bool, error) {
	switch key {
	case "schema":
		return true, x.number(&v.Schema)
	case "id":
		return true, x.text(&v.ID)
	case "seq":
		return true, json.Unmarshal(x, &v.Seq)
	case "latest":
		return true, x.time(&v.Latest)
	}
	return false, nil
}
