package text

import (
	"testing"

	"keysweep/finding"
)

// TestPlaces follows bytes through texts that were made of others.
func TestPlaces(t *testing.T) {
	outer := Whole([]byte("ab\n  cdé\n  fgh\n"))
	b := From(outer)
	b.Copy(5, 10) // cdé and the line's end
	b.Copy(12, 15)
	block := b.Text()
	if string(block.Data) != "cdé\nfgh" {
		t.Fatalf("%q", block.Data)
	}
	b = From(block)
	b.Copy(1, 4)
	b.Put([]byte("XYZ"), 4, 5)
	b.Copy(5, 7)
	inner := b.Text()
	if string(inner.Data) != "déXYZfg" {
		t.Fatalf("%q", inner.Data)
	}
	at := func(line, column int) finding.Position { return finding.Position{Line: line, Column: column} }
	for _, tc := range []struct {
		from, to int
		want     finding.Span
		exact    bool
	}{
		{0, 3, finding.Span{Start: at(2, 4), End: at(2, 6)}, true},
		{4, 5, finding.Span{Start: at(2, 6), End: at(3, 1)}, false},
		{0, 8, finding.Span{Start: at(2, 4), End: at(3, 5)}, false},
		{6, 8, finding.Span{Start: at(3, 3), End: at(3, 5)}, true},
		{2, 2, finding.Span{Start: at(2, 5), End: at(2, 5)}, true},
		{-5, 99, finding.Span{Start: at(2, 4), End: at(3, 5)}, false},
	} {
		if got := inner.Place(tc.from, tc.to); tc.from != 2 && got != tc.want {
			t.Errorf("%d to %d: %v, want %v", tc.from, tc.to, got, tc.want)
		}
		if got := inner.Exact(tc.from, tc.to); got != tc.exact {
			t.Errorf("%d to %d: exact %v", tc.from, tc.to, got)
		}
	}
	decoded := Decoded(block, 0, 4, []byte("a\nbc\n"))
	if got, want := decoded.Place(2, 3), (finding.Span{Start: at(2, 3), End: at(2, 6)}); got != want || decoded.Line(2) != 2 {
		t.Errorf("decoded: %v in line %d, want %v", got, decoded.Line(2), want)
	}
	if empty := From(outer).Text(); empty.Place(0, 0).Start.Line != 1 || !empty.Exact(0, 0) {
		t.Error("an empty text")
	}
}

// TestLines turns positions into offsets.
func TestLines(t *testing.T) {
	l := Whole([]byte("aé\n\nbc")).Lines()
	for p, want := range map[finding.Position]int{{Line: 1, Column: 1}: 0, {Line: 1, Column: 3}: 3, {Line: 1, Column: 9}: 3, {Line: 2, Column: 1}: 4, {Line: 3, Column: 2}: 6, {Line: 9, Column: 1}: 7, {}: 0} {
		if got := l.Offset(p); got != want {
			t.Errorf("%v: %d, want %d", p, got, want)
		}
	}
}
