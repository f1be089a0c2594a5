package ringstore

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"

	"keysweep/rotation/internal/keyed"
)

const (
	maxRing = 2560 // bytes that an item of the ring may take: what Windows' credential manager takes
	keySize = 32

	identityKey = "identity"
	headKey     = "head"
	itemPrefix  = "item/"
)

var errForged = errors.New("is damaged, or was not written by keysweep")

// identity is what the item of that name holds.
type identity struct {
	Schema int    `json:"schema"`
	Store  string `json:"store"` // random; tells this ledger from others
	Key    []byte `json:"key"`   // of the HMACs
}

func newIdentity() identity {
	store, key := make([]byte, 16), make([]byte, keySize)
	_, _ = rand.Read(store) // never fails, see its documentation
	_, _ = rand.Read(key)
	return identity{1, hex.EncodeToString(store), key}
}

func readIdentity(data []byte) (id identity, err error) {
	if json.Unmarshal(data, &id) != nil {
		return identity{}, errForged
	}
	if id.Schema != 1 || id.Store == "" || len(id.Key) != keySize {
		return identity{}, errors.New("is of another version, or was not written by keysweep")
	}
	return id, nil
}

// sealed is an item as it lies in the ring: a version byte, the sequence number, the length of the name, the name, the data, and
// the HMAC of all that.
type sealed struct {
	name string
	seq  uint64 // of the head that announced it
	data []byte
	mac  []byte
}

const (
	version    = 1
	beforeName = 1 + 8 + 1
	around     = beforeName + sha256.Size
)

func (id identity) seal(name string, seq uint64, data []byte) []byte {
	box := make([]byte, 0, around+len(name)+len(data))
	box = append(box, version)
	box = binary.BigEndian.AppendUint64(box, seq)
	box = append(append(append(box, byte(len(name))), name...), data...)
	return append(box, keyed.Sum(id.Key, "item", box)...)
}

// unseal is the way back. Whatever is wrong is errForged. The parts are of box.
func (id identity) unseal(box []byte) (sealed, error) {
	if len(box) < around || box[0] != version || len(box) < around+int(box[9]) {
		return sealed{}, errForged
	}
	body, mac := box[:len(box)-sha256.Size], box[len(box)-sha256.Size:]
	if !hmac.Equal(mac, keyed.Sum(id.Key, "item", body)) {
		return sealed{}, errForged
	}
	end := beforeName + int(body[9])
	return sealed{string(body[beforeName:end]), binary.BigEndian.Uint64(body[1:]), body[end:], mac}, nil
}

// element is what an item adds to the checksum of its class. Nobody without the key knows it, so that no set of items can be made up
// whose elements add up to a given sum.
func (id identity) element(mac []byte) digest { return digestOf(keyed.Sum(id.Key, "element", mac)) }

// nameElement is what an item adds to the checksum of the names of its class.
func (id identity) nameElement(name string) digest {
	return digestOf(keyed.Sum(id.Key, "name", []byte(name)))
}

// anchorMAC is the HMAC of the anchor.
func (id identity) anchorMAC(parts ...[]byte) []byte { return keyed.Sum(id.Key, "anchor", parts...) }
