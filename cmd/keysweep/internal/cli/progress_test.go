package cli

import (
	"testing"
	"time"
)

func TestProgressText(t *testing.T) {
	for _, test := range []struct {
		now, total int64
		took       time.Duration
		columns    int
		want       string
	}{
		{12_340_000, 0, 2 * time.Second, 80, "scanning  12.3 MB, 6.2 MB/s"},
		{0, 0, time.Second, 80, "scanning  0.0 MB, 0.0 MB/s"},
		{0, 5_000_000, time.Second, 80, "scanning   0% [                    ] 0.0 of 5.0 MB, 0.0 MB/s"},
		{25_000_000, 100_000_000, 5 * time.Second, 80, "scanning  25% [#####               ] 25.0 of 100.0 MB, 5.0 MB/s, 15s left"},
		{7_000_000, 5_000_000, time.Second, 80, "scanning 100% [####################] 7.0 of 7.0 MB, 7.0 MB/s, 0s left"},
		{1, 1 << 62, time.Second, 99, "scanning   0% [                    ] 0.0 of 4611686018427.4 MB, 0.0 MB/s"},
		{25_000_000, 100_000_000, 5 * time.Second, 20, "scanning  25% [####"},
		{25_000_000, 100_000_000, 5 * time.Second, 1, ""},
	} {
		if got := progressText(test.now, test.total, test.took, test.columns); got != test.want {
			t.Errorf("%d of %d: %q, want %q", test.now, test.total, got, test.want)
		}
	}
	if text := progressText(1, 1<<62, time.Millisecond, 0); len(text) > 79 {
		t.Errorf("%d columns: %s", len(text), text)
	}
}
