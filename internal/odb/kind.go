package odb

// Kind is the kind of an object, by its number in packs.
type Kind uint8

// The kinds of objects.
const (
	Commit Kind = 1 + iota
	Tree
	Blob
	Tag
)

// The numbers that stand in packs in the place of a kind when an object is stored as a delta.
const (
	offsetDelta Kind = 6
	refDelta    Kind = 7
)

// String returns git's word for the kind.
func (k Kind) String() string {
	switch k {
	case Commit:
		return "commit"
	case Tree:
		return "tree"
	case Blob:
		return "blob"
	case Tag:
		return "tag"
	}
	return "object of unknown kind"
}

func kindOf(word []byte) (Kind, bool) {
	for k := Commit; k <= Tag; k++ {
		if string(word) == k.String() {
			return k, true
		}
	}
	return 0, false
}
