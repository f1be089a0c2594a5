package cli

import (
	"bytes"
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
	"keysweep/policy/audit"
	"keysweep/report"
)

// lastAudit is what is read of a remembered audit, which is its JSON report.
type lastAudit struct {
	GeneratedAt time.Time    `json:"generated_at"`
	Target      string       `json:"target"`
	Items       []lastResult `json:"items"`
	Errors      []struct{}   `json:"errors"`
}

// unnamed is how those checks stand that an audit does not name because it names only what is wrong: passed, unless it could not look everywhere.
func (a *lastAudit) unnamed() finding.State {
	if len(a.Errors) > 0 {
		return finding.Undetermined
	}
	return finding.Pass
}

type lastResult struct {
	Check    string `json:"check"`
	Subject  string `json:"subject"`
	State    string `json:"state"`
	Severity string `json:"severity"`
	Title    string `json:"title"`
	Found    string `json:"found"`
	Where    *struct {
		Path string `json:"path"`
	} `json:"where"`
}

// words say what it was, and of what.
func (r *lastResult) words() string {
	if r.Subject == "" {
		return r.Title
	}
	return r.Title + " (" + r.Subject + ")"
}

func (r *lastResult) path() string {
	if r.Where == nil {
		return ""
	}
	return r.Where.Path
}

// lastAuditFile is where the last audit of something is remembered; "" where there is no home directory.
func lastAuditFile(env *Env, of string) string {
	state := homeOf(env, "XDG_STATE_HOME")
	if state == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(of))
	return filepath.Join(state, "keysweep", "last-audit", hex.EncodeToString(sum[:8])+".json")
}

// rememberAudit keeps an audit for --diff last and for keysweep practices. It is a convenience: where it cannot be written, the audit is
// none the worse.
func rememberAudit(env *Env, a *finding.Audit, of string) {
	file := lastAuditFile(env, of)
	if file == "" || writableHome(env, "XDG_STATE_HOME") == "" {
		return
	}
	var buf bytes.Buffer
	if report.WriteAudit(&buf, "json", a, report.Options{}) == nil && os.MkdirAll(filepath.Dir(file), 0o700) == nil {
		_ = atomicfile.Write(file, buf.Bytes(), 0o600)
	}
}

// readLastAudit returns the last audit of something; fs.ErrNotExist if there is none.
func readLastAudit(env *Env, of string) (last lastAudit, err error) {
	file := lastAuditFile(env, of)
	if file == "" {
		return last, fs.ErrNotExist
	}
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, &last)
	}
	if err != nil {
		return lastAudit{}, fmt.Errorf("read %s: %w", file, err)
	}
	return last, nil
}

// onlyChanged leaves of an audit what is not as it was in the last one, and says what is no longer there. If the last one cannot be read all of it
// stays, and that is a problem: nobody knows what changed.
func onlyChanged(env *Env, a *finding.Audit, of string) {
	last, err := readLastAudit(env, of)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && last.Target != a.Target: // of all: in another repository
		a.Notices = append(a.Notices, finding.Notice{Kind: "diff", Text: "this is the first audit of " + a.Target + ": there is nothing to compare with"})
		return
	case err != nil:
		a.Problems = append(a.Problems, finding.Problem{Where: shownPath(env, lastAuditFile(env, of)), Op: "compare with the last audit", Err: plainError(errors.Unwrap(err)).Error(),
			Hint: "everything is listed; this audit takes its place, if it can be written"})
		return
	}
	before, now := map[string]lastResult{}, map[string]bool{}
	keyOf := numbered()
	for _, r := range last.Items {
		before[keyOf(r.Check, r.Subject, r.path())] = r
	}
	var open, changed, same []finding.Result
	keyOf = numbered()
	for _, r := range a.Results {
		key := keyOf(r.Check, r.Subject, r.Where.Path)
		now[key] = true
		if r.Area == audit.IncidentArea { // it is told for as long as it is so
			open = append(open, r)
		} else if old, known := before[key]; known && old.State == string(r.State) && old.Found == r.Found && old.Severity == r.Severity.String() {
			same = append(same, r)
		} else {
			changed = append(changed, r)
		}
	}
	keyOf = numbered()
	for _, r := range last.Items {
		if key := keyOf(r.Check, r.Subject, r.path()); !now[key] && r.State == string(finding.Fail) {
			a.Notices = append(a.Notices, finding.Notice{Kind: "gone", Where: r.Check, Text: "no longer there: " + r.words()})
		}
	}
	a.Notices = append(a.Notices, finding.Notice{Kind: "diff", Text: fmt.Sprintf("compared with the audit of %s: %d of %d results changed",
		last.GeneratedAt.Format("2006-01-02 15:04 MST"), len(changed), len(a.Results))})
	a.Results, a.Same = append(open, changed...), same
}

// numbered returns a function that tells results apart that are of the same check: by their subject and file, and where those are the same, by their
// number.
func numbered() func(check, subject, path string) string {
	count := map[string]int{}
	return func(check, subject, path string) string {
		key := check + "\x00" + subject + "\x00" + path
		count[key]++
		return fmt.Sprintf("%s\x00%d", key, count[key])
	}
}
