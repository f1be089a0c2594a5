package backup

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"
)

// quiet is the white margin around a QR code, in modules (ISO/IEC 18004 section 6.3.8).
const quiet = 4

// drawing is a QR code: how many modules it is wide and high, without the margin, and which of them are black.
type drawing struct {
	size  int
	black func(x, y int) bool
}

// drawQR makes a QR code with error correction M, which survives the loss of 15 % of it.
func drawQR(text string) (d drawing, err error) {
	defer rescue(&err)
	qr, err := encoder.Encoder_encode(text, decoder.ErrorCorrectionLevel_M, nil)
	if err != nil {
		return d, fmt.Errorf("make QR code: %w", err)
	}
	m := qr.GetMatrix()
	return drawing{m.GetWidth(), func(x, y int) bool { return m.Get(x, y) == 1 }}, nil
}

// svgPath draws the black modules as horizontal bars: "M4 4h7v1h-7z" is seven modules in the first row. A printer draws these as
// sharply as it can, which pictures made of pixels are not.
func (d drawing) svgPath() string {
	var b strings.Builder
	for y := range d.size {
		for x := 0; x < d.size; x++ {
			start := x
			for x < d.size && d.black(x, y) {
				x++
			}
			if x > start {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", start+quiet, y+quiet, x-start, x-start)
			}
		}
	}
	return b.String()
}

// maxModules is the width of the largest QR code, version 40.
const maxModules = 177

// fromPath reads what svgPath has written for a code of the given width, and returns what the code says.
func fromPath(path string, size int) (text string, err error) {
	defer rescue(&err)
	if size < 21 || size > maxModules {
		return "", damaged("", "a QR code cannot be %d modules wide", size)
	}
	bits, err := gozxing.NewSquareBitMatrix(size)
	if err != nil {
		return "", err
	}
	for _, bar := range strings.Split(strings.TrimPrefix(path, "M"), "M") {
		x, y, n, ok := readBar(bar)
		if !ok || x < 0 || y < 0 || n < 1 || x+n > size || y >= size {
			return "", damaged("", "its drawing is damaged")
		}
		if err := bits.SetRegion(x, y, n, 1); err != nil {
			return "", damaged("", "its drawing is damaged")
		}
	}
	result, err := decoder.NewDecoder().Decode(bits, nil)
	if err != nil {
		return "", damaged("", "it cannot be read any more")
	}
	return result.GetText(), nil
}

// readBar reads "4 4h7v1h-7z", without the margin.
func readBar(bar string) (x, y, n int, ok bool) {
	at, rest, _ := strings.Cut(bar, "h")
	left, top, _ := strings.Cut(at, " ")
	length, _, found := strings.Cut(rest, "v")
	x, errX := strconv.Atoi(left)
	y, errY := strconv.Atoi(top)
	n, errN := strconv.Atoi(length)
	return x - quiet, y - quiet, n, found && errX == nil && errY == nil && errN == nil && n <= maxModules
}

// rescue turns a panic of the QR library, which was written for pictures that are what they should be, into an error.
func rescue(err *error) {
	if r := recover(); r != nil {
		*err = damaged("", "the QR code cannot be read: %v", r)
	}
}
