package keyring

import (
	"bytes"
	"encoding/binary"
	"io"
	"reflect"
	"testing"
)

func FuzzFrame(f *testing.F) {
	for _, r := range []reply{{}, {Waiting: true}, {Data: []byte("data")}, {Keys: []string{"a", "b"}}, {Failure: &failure{Kind: kindLocked, Text: "x"}}} {
		var frame bytes.Buffer
		if err := writeFrame(&frame, r); err != nil {
			f.Fatal(err)
		}
		f.Add(frame.Bytes())
		f.Add(frame.Bytes()[:frame.Len()-1])
	}
	f.Add(binary.BigEndian.AppendUint32(nil, maxFrame+1))
	f.Add(binary.BigEndian.AppendUint32(nil, maxFrame))
	f.Fuzz(func(t *testing.T, data []byte) {
		var first, second reply
		if readFrame(bytes.NewReader(data), &first) != nil {
			return
		}
		var frame bytes.Buffer
		if err := writeFrame(&frame, first); err != nil {
			t.Fatal(err)
		}
		if err := readFrame(&frame, &second); err != nil || frame.Len() != 0 {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		again := new(bytes.Buffer)
		if err := writeFrame(again, second); err != nil {
			t.Fatal(err)
		}
		var third reply
		if err := readFrame(again, &third); err != nil || !reflect.DeepEqual(second, third) {
			t.Errorf("%+v became %+v (%v)", second, third, err)
		}
	})
}

func TestFrameEnds(t *testing.T) {
	var frame bytes.Buffer
	if err := writeFrame(&frame, reply{Data: []byte("data")}); err != nil {
		t.Fatal(err)
	}
	whole := frame.Bytes()
	for n := range whole {
		err := readFrame(bytes.NewReader(whole[:n]), &reply{})
		if want := map[bool]error{true: io.EOF, false: io.ErrUnexpectedEOF}[n == 0]; err != want {
			t.Errorf("%d bytes of %d: %v, want %v", n, len(whole), err, want)
		}
	}
}
