package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"keysweep/finding"
	"keysweep/internal/atomicfile"
)

// lastScan is what is remembered of the last scan of a whole repository: nothing of what it found but how much.
type lastScan struct {
	Schema   int       `json:"schema"`
	Root     string    `json:"root"`
	Source   string    `json:"source"` // "work tree", "history of every ref, stash and note"
	At       time.Time `json:"at"`
	Findings int       `json:"findings"`
	Problems int       `json:"problems"` // where it could not look
	Version  string    `json:"version"`
	Ruleset  string    `json:"ruleset"`
}

// The kinds of scan that are remembered.
const (
	scanOfTree    = "tree"
	scanOfHistory = "history"
)

// lastScanFile is where the last scan of a kind is remembered; "" where there is no home directory.
func lastScanFile(env *Env, root, kind string) string {
	state := homeOf(env, "XDG_STATE_HOME")
	if state == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(root))
	return filepath.Join(state, "keysweep", "last-scan", hex.EncodeToString(sum[:8])+"-"+kind+".json")
}

// remember keeps for keysweep status that a whole repository was scanned, with all rules. It is a convenience: where it cannot be
// written, as in a build container, the scan is none the worse.
func (s *scan) remember(r *finding.Report) {
	kind := s.rememberedAs()
	if kind == "" || writableHome(s.env, "XDG_STATE_HOME") == "" {
		return
	}
	file := lastScanFile(s.env, s.place.root, kind)
	data, err := json.Marshal(lastScan{Schema: 1, Root: s.place.root, Source: s.source.what, At: r.GeneratedAt, Findings: len(r.Findings),
		Problems: len(r.Problems), Version: r.Tool.Version, Ruleset: r.Tool.Ruleset})
	if err == nil && os.MkdirAll(filepath.Dir(file), 0o700) == nil {
		_ = atomicfile.Write(file, append(data, '\n'), 0o600)
	}
}

// rememberedAs returns the kind of scan that this one is remembered as, or "".
func (s *scan) rememberedAs() string {
	o := s.opts
	part := len(o.targets)+len(o.include)+len(o.exclude)+len(o.ruleIDs) > 0 || o.maxSize != ""
	if part || s.place.repo == nil {
		return ""
	}
	return map[mode]string{modeFiles: scanOfTree, modeHistory: scanOfHistory}[s.mode]
}

// readLastScan returns what is remembered; fs.ErrNotExist if nothing is.
func readLastScan(env *Env, root, kind string) (last lastScan, err error) {
	file := lastScanFile(env, root, kind)
	if file == "" {
		return last, fs.ErrNotExist
	}
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, &last)
	}
	if err == nil && (last.Root != root || last.At.IsZero()) {
		err = errors.New("it is of another repository")
	}
	if err != nil {
		return lastScan{}, fmt.Errorf("read %s: %w", file, err)
	}
	return last, nil
}
