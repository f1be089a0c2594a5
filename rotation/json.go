package rotation

// MarshalJSON writes the record with the fields that a newer version gave it.
func (r Record) MarshalJSON() ([]byte, error) {
	type plain Record
	return encodeKeeping(plain(r), r.more)
}

// UnmarshalJSON reads a record and remembers the fields that are not known here. Names of fields count to the letter.
func (r *Record) UnmarshalJSON(data []byte) error { return r.read(data) }

func (r *Record) read(data value) (err error) {
	if data.null() {
		return nil
	}
	r.more, err = decodeObject(data, r.field)
	return err
}

// MarshalJSON is Record's.
func (v Evidence) MarshalJSON() ([]byte, error) {
	type plain Evidence
	return encodeKeeping(plain(v), v.more)
}

// UnmarshalJSON is Record's.
func (v *Evidence) UnmarshalJSON(data []byte) error { return v.read(data) }

func (v *Evidence) read(data value) (err error) {
	if data.null() {
		return nil
	}
	v.more, err = decodeObject(data, v.field)
	return err
}

// MarshalJSON is Record's.
func (v Exception) MarshalJSON() ([]byte, error) {
	type plain Exception
	return encodeKeeping(plain(v), v.more)
}

// UnmarshalJSON is Record's.
func (v *Exception) UnmarshalJSON(data []byte) error { return v.read(data) }

func (v *Exception) read(data value) (err error) {
	if data.null() {
		return nil
	}
	v.more, err = decodeObject(data, v.field)
	return err
}

// MarshalJSON is Record's.
func (v Backup) MarshalJSON() ([]byte, error) {
	type plain Backup
	return encodeKeeping(plain(v), v.more)
}

// UnmarshalJSON is Record's.
func (v *Backup) UnmarshalJSON(data []byte) error { return v.read(data) }

func (v *Backup) read(data value) (err error) {
	if data.null() {
		return nil
	}
	v.more, err = decodeObject(data, v.field)
	return err
}

// MarshalJSON is Record's.
func (v Installation) MarshalJSON() ([]byte, error) {
	type plain Installation
	return encodeKeeping(plain(v), v.more)
}

// UnmarshalJSON is Record's.
func (v *Installation) UnmarshalJSON(data []byte) error { return v.read(data) }

func (v *Installation) read(data value) (err error) {
	if data.null() {
		return nil
	}
	v.more, err = decodeObject(data, v.field)
	return err
}

// MarshalJSON is Record's.
func (v Event) MarshalJSON() ([]byte, error) {
	type plain Event
	return encodeKeeping(plain(v), v.more)
}

// UnmarshalJSON is Record's.
func (v *Event) UnmarshalJSON(data []byte) error { return v.read(data) }

func (v *Event) read(data value) (err error) {
	if data.null() {
		return nil
	}
	v.more, err = decodeObject(data, v.field)
	return err
}

// MarshalJSON is Record's.
func (v Tombstone) MarshalJSON() ([]byte, error) {
	type plain Tombstone
	return encodeKeeping(plain(v), v.more)
}

// UnmarshalJSON is Record's.
func (v *Tombstone) UnmarshalJSON(data []byte) error { return v.read(data) }

func (v *Tombstone) read(data value) (err error) {
	if data.null() {
		return nil
	}
	v.more, err = decodeObject(data, v.field)
	return err
}

// MarshalJSON is Record's.
func (v State) MarshalJSON() ([]byte, error) {
	type plain State
	return encodeKeeping(plain(v), v.more)
}

// UnmarshalJSON is Record's.
func (v *State) UnmarshalJSON(data []byte) error { return v.read(data) }

func (v *State) read(data value) (err error) {
	if data.null() {
		return nil
	}
	v.more, err = decodeObject(data, v.field)
	return err
}
