package dotenv

import (
	"fmt"
)

// MaxSize is the largest file that Parse takes, in bytes. What is larger is hardly a list of settings.
const MaxSize = 1 << 20

// File is what a .env file says. It refers to the bytes that it was parsed from.
type File struct {
	Assignments []Assignment // in the order of the file
	Odd         []Odd        // lines that are neither assignments nor comments nor empty

	data []byte
}

// Assignment gives a variable a value. In a file that is not what it seems, Name can be a piece of something secret: do not show
// the names of assignments without a use.
type Assignment struct {
	Name     string
	Line     int    // where it begins, from 1
	LastLine int    // where its value ends
	Quote    byte   // ' " ` or 0
	Value    []byte // without quotes, escapes resolved; the caller clears it if it is a secret
	Given    bool   // false: there is only the name, without "="
	Expands  bool   // Value holds $NAME, ${NAME} or $(command) that a shell or compose would replace
	Doubt    string // what programs do not agree on, in a few words; "" if they do

	start, end int // of the value between the quotes, in the file's bytes
}

// Odd is a line that means nothing here.
type Odd struct {
	Line int
	What string // "no assignment", "something follows the closing quote"
}

// Clear overwrites the values.
func (f *File) Clear() {
	for _, a := range f.Assignments {
		clear(a.Value)
	}
}

// Replace returns the file with other values for some of its assignments, by their index in Assignments. Every other byte is
// that of the file, quotes too. A text must mean the same within quotes and without: letters, digits and -_./:@ do. An assignment
// must have a value to be replaced.
func (f *File) Replace(texts map[int]string) ([]byte, error) {
	var out []byte
	done := 0
	for i, a := range f.Assignments {
		text, replaced := texts[i]
		if !replaced {
			continue
		}
		if a.start == a.end || !plain(text) {
			return nil, fmt.Errorf("line %d: %s cannot be given the value %q", a.Line, a.Name, text)
		}
		out = append(out, f.data[done:a.start]...)
		out = append(out, text...)
		done = a.end
	}
	return append(out, f.data[done:]...), nil
}

// plain reports whether a text means the same in every kind of quotes.
func plain(text string) bool {
	for _, c := range []byte(text) {
		if !wordByte(c) && c != '-' && c != '.' && c != '/' && c != ':' && c != '@' {
			return false
		}
	}
	return text != ""
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}
