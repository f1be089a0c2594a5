package rules

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"keysweep/finding"
	"keysweep/secretscan"
)

// Names of the configuration files at the root of a repository.
const (
	GitleaksFile = ".gitleaks.toml"
	KeysweepFile = ".keysweep.toml"
)

// Config is what a .keysweep.toml says, and the rules that are in force with it.
type Config struct {
	Ruleset secretscan.Ruleset
	Scan    ScanSettings
}

// ScanSettings is the table [scan] of a .keysweep.toml. The zero value says nothing: flags and defaults decide.
type ScanSettings struct {
	Exclude       []string            // globs of paths to leave out, doublestar's syntax, slashes, relative to the file's directory
	Include       []string            // globs of the only paths to look at; none: all
	MaxSize       int64               // bytes above which a file is left out; 0: not set
	FailOn        *finding.Severity   // findings from here on fail the run; nil: not set
	MinConfidence *finding.Confidence // findings from here on are reported; nil: not set
	GitleaksRules bool                // gitleaks' rules are in force; true unless the file says otherwise
	KeysweepRules bool                // so are our own
	Archives      ArchiveSettings
}

// LoadKeysweep reads a .keysweep.toml: gitleaks' [[rules]], [[allowlists]] and [extend], and [scan]. The file extends the default rules
// without being asked to, but not those of gitleaks with gitleaks-rules = false in [scan], and not our own with keysweep-rules = false.
// Results are as those of Load.
func LoadKeysweep(path string, opts LoadOptions) (Config, []Diagnostic, error) {
	return loadKeysweep(path, base{}, opts)
}

// base is what a .keysweep.toml extends.
type base struct {
	gitleaks *secretscan.Ruleset // what stands in the place of gitleaks' default configuration; nil: that itself
	off      []string            // rules of ours that it disables
}

// ruleset returns the parts of the base that are in force.
func (b base) ruleset(gitleaks, ours bool) (set secretscan.Ruleset) {
	if gitleaks && b.gitleaks != nil {
		set = *b.gitleaks
	} else if gitleaks {
		set = Gitleaks()
	}
	if ours {
		set = withOurs(set, b.off)
	}
	return set
}

// loadKeysweep is LoadKeysweep with another base than the default rules.
func loadKeysweep(path string, base base, opts LoadOptions) (Config, []Diagnostic, error) {
	l := &loader{opts: opts}
	data, err := l.open(path)
	if err != nil {
		return Config{}, nil, err
	}
	return l.keysweep(path, data, base)
}

func (l *loader) keysweep(path string, data []byte, base base) (Config, []Diagnostic, error) {
	var out Config
	if root := l.tree(path, data); root != nil {
		table := decoder{&l.findings}.file(root, true)
		c := l.translate(table)
		out.Scan = l.scanSettings(table.scan)
		l.extendOwn(c, table.extend, base.ruleset(out.Scan.GitleaksRules, out.Scan.KeysweepRules))
		l.finish(c)
		l.final = c
		if len(l.errors) == 0 {
			out.Ruleset = c.ruleset(path)
		}
	}
	notes, err := l.result()
	if err != nil {
		return Config{}, notes, err
	}
	return out, notes, nil
}

// extendOwn does what the extend table of a .keysweep.toml asks for: first the file of its path, then the base.
func (l *loader) extendOwn(c *assembly, e extendTable, base secretscan.Ruleset) {
	if e.useDefaultAt.known() {
		l.note(e.useDefaultAt, "to switch the default rules off, write gitleaks-rules = false and keysweep-rules = false in [scan]",
			"useDefault has no effect in "+KeysweepFile+": the default rules are in force anyway")
	}
	bases := &assembly{rules: map[string]*rule{}}
	if e.path.value != "" {
		if file := l.extended(e.path); file != nil {
			bases = file
		}
	}
	some := len(base.Rules)+len(base.Allowlists) > 0
	if some {
		l.findings.extend(bases, assembled(base), nil)
	}
	if some || e.path.value != "" {
		l.findings.extend(c, bases, e.disabledRules)
	} else {
		l.noteNothingDisabled(e)
	}
	l.noteURL(e)
}

func (l *loader) scanSettings(t scanTable) ScanSettings {
	s := ScanSettings{Exclude: values(t.exclude, nil), Include: values(t.include, nil), GitleaksRules: true, KeysweepRules: true, Archives: l.archiveSettings(t.archives)}
	if t.gitleaksRules != nil {
		s.GitleaksRules = *t.gitleaksRules
	}
	if t.keysweepRules != nil {
		s.KeysweepRules = *t.keysweepRules
	}
	for _, glob := range slices.Concat(t.exclude, t.include) {
		if glob.value == "" || !doublestar.ValidatePattern(glob.value) {
			l.fail(glob.at, "* stands for a part of a name, ** for any number of directories", "the glob %.80q is not valid", glob.value)
		} else if filepath.IsAbs(glob.value) || strings.HasPrefix(glob.value, "/") {
			l.note(glob.at, "leave out the slash in front", "the glob %.80q never matches: paths are relative", glob.value)
		}
	}
	if t.maxSize.value != "" {
		size, ok := ParseSize(t.maxSize.value)
		if !ok {
			l.fail(t.maxSize.at, `write it like "10MB" or "512KiB"`, "%.80q is not a size", t.maxSize.value)
		}
		s.MaxSize = size
	}
	if t.failOn.value != "" {
		s.FailOn = new(finding.Severity)
		if err := s.FailOn.UnmarshalText([]byte(t.failOn.value)); err != nil {
			l.fail(t.failOn.at, "one of "+strings.Join(finding.Severities(), ", "), "%.80q is not a severity", t.failOn.value)
		}
	}
	if t.minConfidence.value != "" {
		s.MinConfidence = new(finding.Confidence)
		if err := s.MinConfidence.UnmarshalText([]byte(t.minConfidence.value)); err != nil {
			l.fail(t.minConfidence.at, "one of "+strings.Join(finding.Confidences(), ", "), "%.80q is not a confidence", t.minConfidence.value)
		}
	}
	return s
}

// ParseSize reads a size in bytes: a positive number with or without a unit, in any case, with a space between them or not. kB,
// MB, GB and K, M, G are powers of 1000; KiB, MiB, GiB are powers of 1024 (IEC 80000-13).
func ParseSize(s string) (int64, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	unit := strings.TrimLeft(s, "0123456789")
	n, err := strconv.ParseInt(strings.TrimSuffix(s, unit), 10, 64)
	if err != nil || n == 0 {
		return 0, false
	}
	factor := int64(1)
	switch strings.TrimSpace(unit) {
	case "", "b":
	case "k", "kb":
		factor = 1e3
	case "m", "mb":
		factor = 1e6
	case "g", "gb":
		factor = 1e9
	case "kib":
		factor = 1 << 10
	case "mib":
		factor = 1 << 20
	case "gib":
		factor = 1 << 30
	default:
		return 0, false
	}
	if n > (1<<62)/factor {
		return 0, false
	}
	return n * factor, true
}
