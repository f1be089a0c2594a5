package backup

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // photographs
	_ "image/png"  // scans and screenshots

	"github.com/makiuchi-d/gozxing"
	multi "github.com/makiuchi-d/gozxing/multi/qrcode"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// maxPixels is the size of the largest picture that is looked at: 50 megapixels, a page scanned at 600 dpi has 35.
const maxPixels = 50_000_000

// isPicture knows pictures by how they start. JPEG is ISO/IEC 10918-1 section B.1.1, PNG is ISO/IEC 15948 section 5.2.
func isPicture(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")) || bytes.HasPrefix(data, []byte("\xff\xd8\xff"))
}

// readPicture returns what the QR codes in a picture say. A picture without any that can be read is damaged.
func readPicture(data []byte) ([]string, error) {
	size, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, damaged("", "the picture cannot be read")
	}
	if size.Width < 1 || size.Height < 1 || size.Width > maxPixels/size.Height {
		return nil, fmt.Errorf("the picture has %d x %d pixels: at most %d in all are looked at", size.Width, size.Height, maxPixels)
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, damaged("", "the picture (%s) is damaged", format)
	}
	texts := codesIn(img)
	if len(texts) == 0 {
		return nil, damaged("", "no QR code in the picture can be read: is it sharp, and white around the codes?")
	}
	return texts, nil
}

// codesIn looks at the whole picture, and then at pieces of it that overlap: the finder that looks for several codes at once
// gives up on some where there are many.
func codesIn(img image.Image) (texts []string) {
	seen := map[string]bool{}
	add := func(found []string) {
		for _, text := range found {
			if !seen[text] {
				seen[text] = true
				texts = append(texts, text)
			}
		}
	}
	b := img.Bounds()
	add(codesInPiece(img, b))
	for _, grid := range []struct{ columns, rows int }{{2, 1}, {1, 2}, {2, 2}, {2, 3}} {
		if complete(texts) {
			break
		}
		for y := range grid.rows {
			for x := range grid.columns {
				add(codesInPiece(img, piece(b, grid.columns, grid.rows, x, y)))
			}
		}
	}
	return texts
}

// overlap is how much of a piece its neighbours share with it, in parts of its size on each side.
const overlap = 8

func piece(b image.Rectangle, columns, rows, x, y int) image.Rectangle {
	w, h := b.Dx()/columns, b.Dy()/rows
	r := image.Rect(x*w, y*h, (x+1)*w, (y+1)*h).Add(b.Min)
	return r.Inset(-max(w, h) / overlap).Intersect(b)
}

// complete reports whether the texts have all parts of a backup.
func complete(texts []string) bool {
	numbers, count := map[int]bool{}, 0
	for _, text := range texts {
		found, _ := readParts([]byte(text))
		for _, p := range found {
			numbers[p.number], count = true, p.count
		}
	}
	return count > 0 && len(numbers) == count
}

// codesInPiece finds the codes in a part of a picture, several or one.
func codesInPiece(img image.Image, r image.Rectangle) (texts []string) {
	var err error
	defer rescue(&err)
	if sub, ok := img.(interface {
		SubImage(r image.Rectangle) image.Image
	}); ok {
		img = sub.SubImage(r)
	}
	source := gozxing.NewLuminanceSourceFromImage(img)
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
	bitmap, err := gozxing.NewBinaryBitmap(gozxing.NewHybridBinarizer(source))
	if err != nil {
		return nil
	}
	results, err := multi.NewQRCodeMultiReader().DecodeMultiple(bitmap, hints)
	if err == nil {
		for _, result := range results {
			texts = append(texts, result.GetText())
		}
	}
	if len(texts) == 0 {
		if result, err := qrcode.NewQRCodeReader().Decode(bitmap, hints); err == nil {
			texts = append(texts, result.GetText())
		}
	}
	return texts
}
