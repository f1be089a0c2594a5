package ringstore

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// head says what there is, in a form whose size does not grow with the number of items. Seq grows by one whenever it is written.
type head struct {
	Schema  int     `json:"schema"`
	Store   string  `json:"store"`
	Seq     uint64  `json:"seq"`
	Classes []class `json:"classes,omitempty"`
	Intent  []step  `json:"intent,omitempty"` // what is being done to the items, in order; Classes is as before
}

// class is what is known of the items of one class.
type class struct {
	Name  string `json:"name"`
	Items int    `json:"items"`
	Names digest `json:"names"` // sum of their nameElements
	All   digest `json:"all"`   // sum of their elements
}

// step is one change: of an item from what it was to what it will be, nil for nothing.
type step struct {
	Name string  `json:"name"`
	Old  *digest `json:"old,omitempty"`
	New  *digest `json:"new,omitempty"`
}

const (
	maxClasses   = 8  // with a checksum of their own; so many fit
	maxClassName = 16 // bytes
	otherClass   = "" // of all other items
)

// classOf returns the class of an item: its name up to the first "-". A class that there is no room for is the other one. As
// classes are never taken away, that never changes for an item.
func (h *head) classOf(name string) string {
	prefix, _, _ := strings.Cut(name, "-")
	known := slices.ContainsFunc(h.Classes, func(c class) bool { return c.Name == prefix })
	named := 0
	for _, c := range h.Classes {
		if c.Name != otherClass {
			named++
		}
	}
	if prefix == "" || len(prefix) > maxClassName || !known && named == maxClasses {
		return otherClass
	}
	return prefix
}

// look returns what is known of a class: nothing, if there is none of that name.
func (h *head) look(name string) class {
	for _, c := range h.Classes {
		if c.Name == name {
			return c
		}
	}
	return class{Name: name}
}

// class returns the class of that name, which is made if there is none.
func (h *head) class(name string) *class {
	for i := range h.Classes {
		if h.Classes[i].Name == name {
			return &h.Classes[i]
		}
	}
	h.Classes = append(h.Classes, class{Name: name})
	return &h.Classes[len(h.Classes)-1]
}

// count brings the classes up to date with a step that was done.
func (h *head) count(id identity, s step) {
	c := h.class(h.classOf(s.Name))
	if s.Old != nil {
		c.Items, c.Names, c.All = c.Items-1, c.Names.minus(id.nameElement(s.Name)), c.All.minus(*s.Old)
	}
	if s.New != nil {
		c.Items, c.Names, c.All = c.Items+1, c.Names.plus(id.nameElement(s.Name)), c.All.plus(*s.New)
	}
}

// clone returns a head that can be changed.
func (h head) clone() head {
	h.Classes, h.Intent = slices.Clone(h.Classes), slices.Clone(h.Intent)
	return h
}

func (id identity) sealHead(h head) ([]byte, error) {
	data, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	return id.seal(headKey, h.Seq, data), nil
}

// unsealHead reads a head. Whatever is wrong with it is an error that says what.
func (id identity) unsealHead(box []byte) (h head, err error) {
	item, err := id.unseal(box)
	if err != nil || item.name != headKey {
		return head{}, errForged
	}
	if err := json.Unmarshal(item.data, &h); err != nil || h.Schema != 1 || h.Store != id.Store {
		return head{}, errors.New("is of another version: use the newest keysweep")
	}
	return h, nil
}

// room reports whether a head fits into the ring.
func (id identity) room(h head) bool {
	box, err := id.sealHead(h)
	return err == nil && len(box) <= maxRing
}
