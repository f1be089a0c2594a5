package cli

import (
	"strconv"
	"strings"
	"testing"
)

// TestInitsAreSmall bounds what packages make before main, at every start whatever it is for. Go counts it:
// "init PACKAGE @MS ms, MS ms clock, BYTES bytes, N allocs".
func TestInitsAreSmall(t *testing.T) {
	const most = 330_000 // 324 kB are made: 170 by the library of QR codes, 41 by those of YAML and of the shell's language, 18 by a table of the runtime's that has doubled
	environ, _ := withoutBus(t)
	var sum, packages int
	for line := range strings.Lines(runProgram(t, append(environ, "GODEBUG=inittrace=1"), "version")) {
		fields := strings.Fields(line)
		if len(fields) < 9 || fields[0] != "init" || fields[8] != "bytes," {
			continue
		}
		bytes, err := strconv.Atoi(fields[7])
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		sum += bytes
		packages++
	}
	if packages == 0 || sum > most {
		t.Errorf("%d packages make %d bytes before main: at most %d; GODEBUG=inittrace=1 keysweep version shows which", packages, sum, most)
	}
}
