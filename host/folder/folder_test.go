package folder

import (
	"io/fs"
	"strconv"
	"testing"
	"time"

	"keysweep/host"
	"keysweep/host/hosttest"
)

func TestLook(t *testing.T) {
	day := 24 * time.Hour
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	closed := func() *hosttest.Machine {
		return hosttest.New(map[string]string{"/srv/c/a": "x", "/srv/c/sub/b": "x"}).Mode("/srv/c", 0o750).Mode("/srv/c/a", 0o640)
	}
	tests := []struct {
		name   string
		source *hosttest.Machine
		open   int
		closed string
		err    bool
	}{
		{"closed at its top", closed(), 0, "", false},
		{"open", closed().Mode("/srv/c", 0o755), 3, "", false}, // itself, sub and sub/b
		{"open to those who know names", closed().Mode("/srv/c", 0o751), 2, "", false},
		{"closed above", closed().Mode("/srv/c", 0o755).Mode("/srv", 0o700), 0, "/srv", false},
		{"closed below", closed().Mode("/srv/c", 0o751).Mode("/srv/c/sub", 0o700), 0, "", false},
		{"a link is no access", closed().Mode("/srv/c", 0o751).Mode("/srv/c/sub", 0o700).Link("/srv/c/l", "/etc/passwd"), 0, "", false},
		{"not to be listed", closed().Deny("/srv/c/sub"), 0, "", true},
	}
	for _, tt := range tests {
		f := Look(tt.source, "/srv/c/")
		if f.Open != tt.open || f.Closed != tt.closed || (f.Err != nil) != tt.err || f.Path != "/srv/c" || f.Cut {
			t.Errorf("%s: %+v", tt.name, f)
		}
	}
	if f := Look(closed(), "/srv/none"); !host.Missing(f.Err) {
		t.Errorf("%+v", f)
	}
	if f := Look(closed().NotCollected("/srv/c"), "/srv/c"); f.Err == nil || host.Missing(f.Err) {
		t.Errorf("%+v", f)
	}

	m := hosttest.New(nil)
	for i := range 20 {
		m.File("/srv/c/"+strconv.Itoa(i), "x").Touch("/srv/c/"+strconv.Itoa(i), now.Add(-time.Duration(i)*day))
	}
	f := Look(m, "/srv/c")
	if len(f.Oldest) != examples || f.Oldest[0].Path != "/srv/c/19" || f.Oldest[4].Path != "/srv/c/15" || f.Entries != 20 || f.Open != 21 || len(f.Exposed) != examples {
		t.Errorf("%+v", f)
	}
	if old := f.Older(now.Add(-17 * day)); len(old) != 2 {
		t.Errorf("%+v", old)
	}
	deep := hosttest.New(map[string]string{"/srv/c" + deepPath(40) + "/f": "x"})
	if f := Look(deep, "/srv/c"); !f.Cut {
		t.Errorf("%+v", f)
	}
	file := hosttest.New(map[string]string{"/srv/db": "x"}).Node("/srv/pipe", fs.ModeNamedPipe|0o600)
	if f := Look(file, "/srv/db"); f.Open != 1 || f.Entries != 0 || len(f.Oldest) != 1 {
		t.Errorf("%+v", f)
	}
	if f := Look(file, "/srv/pipe"); f.Err != nil || f.Open != 0 || len(f.Oldest) != 0 {
		t.Errorf("%+v", f)
	}
}

func deepPath(n int) (path string) {
	for range n {
		path += "/d"
	}
	return path
}
