package rules

import (
	"os"
	"path/filepath"

	"keysweep/secretscan"
)

// Discover returns the paths of the configuration files at the root of a repository, each "" if there is none. A file that
// is there and cannot be read counts as there, so that it is not passed over in silence.
func Discover(root string) (gitleaksPath, keysweepPath string) {
	there := func(name string) string {
		path := filepath.Join(root, name)
		if _, err := os.Lstat(path); err != nil && os.IsNotExist(err) {
			return ""
		}
		return path
	}
	return there(GitleaksFile), there(KeysweepFile)
}

// Effective returns the rules and settings that are in force with the configuration files of these paths; "" is none.
//
// A .gitleaks.toml decides gitleaks' part as it does in gitleaks: without useDefault = true in [extend] its rules take the
// place of the default ones, without a .gitleaks.toml the default ones are in force. A .keysweep.toml is laid over that: its
// rules are added, or merged into those of the same id, and its allowlists are added. With gitleaks-rules = false in its
// [scan], gitleaks' part is left out and the .gitleaks.toml is read only to report what is wrong with it.
//
// The ruleset's Path is that of the .gitleaks.toml, or else of the .keysweep.toml. Diagnostics and errors are as those of Load.
func Effective(gitleaksPath, keysweepPath string, opts LoadOptions) (Config, []Diagnostic, error) {
	out := Config{Scan: ScanSettings{GitleaksRules: true}}
	base := Default
	var notes []Diagnostic
	if gitleaksPath != "" {
		set, more, err := Load(gitleaksPath, opts)
		notes = more
		if err != nil {
			return Config{}, notes, err
		}
		set = withOwn(set)
		base = func() secretscan.Ruleset { return set }
		out.Ruleset = set
	} else if keysweepPath == "" {
		out.Ruleset = Default()
	}
	if keysweepPath == "" {
		return out, notes, nil
	}
	out, more, err := loadKeysweep(keysweepPath, base, opts)
	notes = append(notes, more...)
	if err != nil {
		return Config{}, notes, err
	}
	if gitleaksPath != "" {
		out.Ruleset.Path = gitleaksPath
	}
	return out, notes, nil
}
