package unpack

import (
	"encoding/binary"
	"unicode/utf16"
)

// row reads the cell at an offset of a page.
func (r *sqliteRows) row(page []byte, at int, withID bool) ([]sqliteValue, error) {
	cell := page[at:]
	size, n := sqliteNumber(cell)
	cell = cell[n:]
	if withID {
		_, n = sqliteNumber(cell)
		cell = cell[n:]
	}
	payload, err := r.payload(cell, size, withID)
	if err != nil {
		return nil, err
	}
	return r.d.record(payload), nil
}

// payload puts a row together: its start is in the cell, the rest on pages that are linked to one another.
func (r *sqliteRows) payload(cell []byte, size int64, leaf bool) ([]byte, error) {
	u := int64(r.d.usable)
	most, least := (u-12)*64/255-23, (u-12)*32/255-23
	if leaf {
		most = u - 35
	}
	local := size
	if size > most {
		if local = least + (size-least)%(u-4); local > most {
			local = least
		}
	}
	if size < 0 || size > int64(r.d.pages)*r.d.page || local > int64(len(cell)) {
		return nil, damagedf("a row of the database makes no sense")
	}
	if local == size {
		return cell[:size], nil
	}
	data := append([]byte(nil), cell[:local]...)
	if int64(len(cell)) < local+4 {
		return nil, damagedf("a row of the database makes no sense")
	}
	next := binary.BigEndian.Uint32(cell[local:])
	room := make([]byte, r.d.usable)
	for int64(len(data)) < size {
		if next == 0 || next > r.d.pages {
			return nil, damagedf("a row of the database goes on nowhere")
		}
		if n, err := r.d.at.ReadAt(room, int64(next-1)*r.d.page); err != nil && n < len(room) {
			return nil, notEnd(err)
		}
		next = binary.BigEndian.Uint32(room)
		data = append(data, room[4:min(u, 4+size-int64(len(data)))]...)
	}
	return data, nil
}

// record splits a row into its values.
func (d *sqliteDB) record(data []byte) (row []sqliteValue) {
	length, n := sqliteNumber(data)
	if length < int64(n) || length > int64(len(data)) {
		return nil
	}
	types, body := data[n:length], data[length:]
	for len(types) > 0 {
		kind, n := sqliteNumber(types)
		if n == 0 {
			return row
		}
		types = types[n:]
		v, used := d.value(kind, body)
		row = append(row, v)
		body = body[min(used, len(body)):]
	}
	return row
}

// value reads a value of a kind, and tells how many bytes it takes.
func (d *sqliteDB) value(kind int64, body []byte) (sqliteValue, int) {
	switch {
	case kind >= 12:
		n := int(min((kind-12)/2, int64(len(body))))
		if kind%2 == 0 {
			return sqliteValue{text: string(body[:n]), kind: 'b'}, n
		}
		return sqliteValue{text: d.string(body[:n]), kind: 't'}, n
	case kind == 8, kind == 9:
		return sqliteValue{number: kind - 8, kind: 'i'}, 0
	case kind == 7:
		return sqliteValue{kind: 'n'}, 8
	case kind >= 1 && kind <= 6:
		n := [...]int{0, 1, 2, 3, 4, 6, 8}[kind]
		if n > len(body) {
			return sqliteValue{kind: 'n'}, n
		}
		number := int64(int8(body[0]))
		for _, b := range body[1:n] {
			number = number<<8 | int64(b)
		}
		return sqliteValue{number: number, kind: 'i'}, n
	}
	return sqliteValue{kind: 'n'}, 0
}

// string decodes text.
func (d *sqliteDB) string(b []byte) string {
	if d.encoding != 2 && d.encoding != 3 {
		return string(b)
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if d.encoding == 3 {
		order = binary.BigEndian
	}
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, order.Uint16(b))
	}
	return string(utf16.Decode(units))
}

// sqliteNumber reads a number of up to 9 bytes: 7 bits of each, the highest first, and all 8 of the ninth. Of nothing it takes nothing.
func sqliteNumber(b []byte) (n int64, used int) {
	for i := 0; i < len(b) && i < 9; i++ {
		if i == 8 {
			return n<<8 | int64(b[i]), 9
		}
		n = n<<7 | int64(b[i]&0x7f)
		if b[i] < 0x80 {
			return n, i + 1
		}
	}
	return n, len(b)
}
