package hook

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Bypass is a record of a hook that would perhaps have refused and was told not to.
type Bypass struct {
	Time     time.Time `json:"time"`
	User     string    `json:"user"`
	Hook     string    `json:"hook"`
	Head     string    `json:"head"`           // the commit that HEAD was; "" before the first one
	Refs     []string  `json:"refs,omitempty"` // of a push: "REF OLD..NEW"
	Reason   string    `json:"reason"`
	Findings int       `json:"findings"`
	Exit     int       `json:"exit"` // what the scan would have ended with
}

// reasonLimit is how many bytes of a reason are kept: it is one line of a log.
const reasonLimit = 500

// RecordBypass appends a record to keysweep/bypass.log in commonDir, one JSON object a line. The file and its directory are
// for their owner alone. Records of several processes do not mix: each is one write at the end of the file.
func RecordBypass(commonDir string, b Bypass) (file string, err error) {
	dir := filepath.Join(commonDir, "keysweep")
	file = filepath.Join(dir, "bypass.log")
	b.Time = b.Time.UTC().Truncate(time.Second)
	b.Reason = strings.ToValidUTF8(b.Reason[:min(len(b.Reason), reasonLimit)], "")
	line, err := json.Marshal(b)
	if err != nil {
		return file, fmt.Errorf("record bypass: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return file, fmt.Errorf("record bypass: %w", err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return file, fmt.Errorf("record bypass: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return file, fmt.Errorf("record bypass: %w", err)
	}
	return file, nil
}
