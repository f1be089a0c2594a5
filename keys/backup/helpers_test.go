package backup

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"keysweep/keys"
)

var made = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// example is a key with its file, protected by inner, and a payload made of it.
type example struct {
	private     *keys.Private
	public      keys.Public
	fingerprint string
	file        []byte
	payload     []byte
}

const inner = "inner passphrase"

// examples are one key of each kind, made when it is asked for. RSA keys take their time, so that all tests use the same.
var examples = map[string]func() (*example, error){
	keys.KindEd25519: sync.OnceValues(func() (*example, error) { return newExample(keys.KindEd25519) }),
	keys.KindRSA4096: sync.OnceValues(func() (*example, error) { return newExample(keys.KindRSA4096) }),
}

func newExample(kind string) (*example, error) {
	private, err := keys.Generate(context.Background(), kind, "ann@example.org")
	if err != nil {
		return nil, err
	}
	public, err := private.Public()
	if err != nil {
		return nil, err
	}
	file, err := private.MarshalOpenSSH([]byte(inner), keys.MinRounds)
	if err != nil {
		return nil, err
	}
	payload, err := Payload(file, NewManifest(&public, "ann@example.org", "keysweep test", made))
	return &example{private, public, public.SHA256(), file, payload}, err
}

func get(t testing.TB, kind string) *example {
	t.Helper()
	e, err := examples[kind]()
	check(t, err)
	return e
}

// sealed encrypts a payload to a fresh identity, which costs nothing, or to a passphrase.
func sealed(t testing.TB, payload []byte, passphrase string) (content []byte, id age.Identity) {
	t.Helper()
	var to age.Recipient
	if passphrase != "" {
		r, err := ToPassphrase([]byte(passphrase), MinWork)
		check(t, err)
		id, err = ByPassphrase([]byte(passphrase))
		check(t, err)
		to = r
	} else {
		x, err := age.GenerateX25519Identity()
		check(t, err)
		to, id = x.Recipient(), x
	}
	content, err := Seal(payload, to)
	check(t, err)
	return content, id
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func label(e *example) Label {
	return Label{Name: "github <&>", Type: e.public.Type, Fingerprint: e.fingerprint, Comment: "ann@example.org", Tool: "keysweep test",
		Target: "~/.ssh/id_github", Made: made, Inner: true}
}

// photograph draws QR codes beside and below each other, as they stand on a sheet, with scale pixels a module.
func photograph(t testing.TB, scale, columns int, texts ...string) *image.Gray {
	t.Helper()
	var drawings []drawing
	cell := 0
	for _, text := range texts {
		d, err := drawQR(text)
		check(t, err)
		drawings = append(drawings, d)
		cell = max(cell, (d.size+2*quiet)*scale)
	}
	rows := (len(texts) + columns - 1) / columns
	img := image.NewGray(image.Rect(0, 0, columns*cell, rows*cell))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for i, d := range drawings {
		left, top := i%columns*cell+quiet*scale, i/columns*cell+quiet*scale
		for y := range d.size * scale {
			for x := range d.size * scale {
				if d.black(x/scale, y/scale) {
					img.SetGray(left+x, top+y, color.Gray{Y: 0})
				}
			}
		}
	}
	return img
}

func asPNG(t testing.TB, img image.Image) Input {
	t.Helper()
	var out bytes.Buffer
	check(t, png.Encode(&out, img))
	return Input{"page.png", out.Bytes()}
}

func asJPEG(t testing.TB, img image.Image) Input {
	t.Helper()
	var out bytes.Buffer
	check(t, jpeg.Encode(&out, img, &jpeg.Options{Quality: 60}))
	return Input{"page.jpg", out.Bytes()}
}

func textInput(lines ...string) Input {
	return Input{"parts.txt", []byte(strings.Join(lines, "\n"))}
}

// proven opens an artefact and wants the example's key in it.
func proven(t testing.TB, e *example, id age.Identity, inputs ...Input) {
	t.Helper()
	a, err := Read(inputs...)
	check(t, err)
	c, err := a.Open(id)
	check(t, err)
	if level, err := c.Prove(e.fingerprint, nil, []byte(inner)); err != nil || level != Opened {
		t.Fatalf("level %d, %v", level, err)
	}
	if !c.FromWords() && !bytes.Equal(c.KeyFile, e.file) {
		t.Fatal("the key file is not the same, byte for byte")
	}
}
