package words

import (
	"crypto/sha256"
	"errors"
	"fmt"
)

// The bounds of BIP-39, in bytes of the secret: 12, 15, 18, 21 and 24 words.
const (
	minSecret  = 16
	maxSecret  = 32
	secretStep = 4
)

// The bounds of BIP-39, in words.
const (
	minWords  = 12
	maxWords  = 24
	wordsStep = 3
)

// ErrLength says that a secret is not 16, 20, 24, 28 or 32 bytes long.
var ErrLength = errors.New("only 16, 20, 24, 28 or 32 bytes can be written as words")

// Encode returns a secret as words with a space between them. The caller clears the result.
func Encode(secret []byte) ([]byte, error) {
	if n := len(secret); n < minSecret || n > maxSecret || n%secretStep != 0 {
		return nil, ErrLength
	}
	var bits [maxSecret + 1]byte // the secret, and the checksum behind it
	defer clear(bits[:])
	copy(bits[:], secret)
	bits[len(secret)] = checksum(secret)
	count := len(secret) / secretStep * wordsStep
	text := make([]byte, 0, count*(longest+1)) // long enough: growing would leave copies behind
	for i := range count {
		if i > 0 {
			text = append(text, ' ')
		}
		text = append(text, list()[number(bits[:], i)]...)
	}
	return text, nil
}

// checksum returns the first byte of SHA-256. With n words, n/3 bits of it count.
func checksum(secret []byte) byte {
	sum := sha256.Sum256(secret)
	defer clear(sum[:])
	return sum[0]
}

// number returns the i-th group of 11 bits.
func number(bits []byte, i int) (n int) {
	for bit := i * bitsPerWord; bit < (i+1)*bitsPerWord; bit++ {
		n = n<<1 | int(bits[bit/8]>>(7-bit%8)&1)
	}
	return n
}

// Decode reads words and returns the secret that they stand for. It takes 12, 15, 18, 21 or 24 words in any case, with white
// space or commas between them, and with numbers before them ("1. abandon"). If every word has a number, the numbers say the
// order: a table may be read row by row. Errors are *WordError, *CountError, *NumberError and ErrChecksum; what was typed is in
// none of them. The caller clears the result.
func Decode(text []byte) ([]byte, error) {
	typed, err := split(text)
	if err != nil {
		return nil, err
	}
	var wrong []error
	var bits [maxSecret + 1]byte
	defer clear(bits[:])
	for i, word := range typed {
		index, ok := Index(word)
		if !ok {
			wrong = append(wrong, &WordError{Position: i + 1})
			continue
		}
		if i < maxWords {
			put(bits[:], i, index)
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	n := len(typed)
	if n < minWords || n > maxWords || n%wordsStep != 0 {
		return nil, &CountError{Got: n}
	}
	secret := make([]byte, n/wordsStep*secretStep)
	copy(secret, bits[:])
	unused := 8 - n/wordsStep
	if checksum(secret)>>unused != bits[len(secret)]>>unused {
		clear(secret)
		return nil, ErrChecksum
	}
	return secret, nil
}

// put writes the i-th group of 11 bits.
func put(bits []byte, i, n int) {
	for k := range bitsPerWord {
		if n>>(bitsPerWord-1-k)&1 != 0 {
			bit := i*bitsPerWord + k
			bits[bit/8] |= 1 << (7 - bit%8)
		}
	}
}

// ErrChecksum says that every word is in the list and the list of them is wrong all the same: a word was taken for another one,
// or words changed places.
var ErrChecksum = errors.New("the checksum of the words is wrong: a word was taken for another one of the list, or two changed places")

// WordError says that a word is not in the list. It does not say which words are near it: those are nearly the secret.
type WordError struct {
	Position int // of the word, counted from 1
}

// Error names the position.
func (e *WordError) Error() string {
	return fmt.Sprintf("word %d is not in the list of words", e.Position)
}

// CountError says that there are too few or too many words, or a number of them that cannot be.
type CountError struct{ Got int }

// Error says how many there are.
func (e *CountError) Error() string {
	return fmt.Sprintf("there are %d words: 24 are a whole key (12, 15, 18 and 21 can be, too)", e.Got)
}

// NumberError says that every word has a number before it, and that these are not 1, 2, 3 and so on, each once.
type NumberError struct {
	Missing  int // the first number there is none of
	Repeated int // the first number there are two of; 0 if none
}

// Error names the first number that is wrong.
func (e *NumberError) Error() string {
	if e.Repeated > 0 {
		return fmt.Sprintf("two words have the number %d, and none has the number %d", e.Repeated, e.Missing)
	}
	return fmt.Sprintf("no word has the number %d", e.Missing)
}
