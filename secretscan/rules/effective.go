package rules

import (
	"os"
	"path/filepath"
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
// place of gitleaks' default ones, without a .gitleaks.toml the default ones are in force. Our own rules run beside gitleaks' part, whatever it is:
// its allowlists are for them too, a rule in it that has the id of one of ours takes that one's place, and its disabledRules
// may name ours, whether it extends anything or not. A .keysweep.toml is laid over all that: its rules are added, or merged into those of
// the same id, and its allowlists are added. With gitleaks-rules = false in its [scan], gitleaks' part is left out, and the
// .gitleaks.toml is read only to report what is wrong with it, and for which of our rules it disables; with keysweep-rules = false
// our own rules are left out.
//
// The ruleset's lists may be shared by all callers, and must not be changed. Its Path is that of the .gitleaks.toml, or else of the .keysweep.toml. Diagnostics and errors are as those of Load.
func Effective(gitleaksPath, keysweepPath string, opts LoadOptions) (Config, []Diagnostic, error) {
	out := Config{Scan: ScanSettings{GitleaksRules: true, KeysweepRules: true}}
	var base base
	var notes []Diagnostic
	if gitleaksPath != "" {
		var err error
		if base, notes, err = loadBase(gitleaksPath, opts); err != nil {
			return Config{}, notes, err
		}
	}
	switch {
	case keysweepPath == "" && gitleaksPath == "":
		out.Ruleset = inForce()
		return out, notes, nil
	case keysweepPath == "":
		out.Ruleset = base.ruleset(true, true)
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

// loadBase reads a .gitleaks.toml as what stands in the place of gitleaks' default configuration.
func loadBase(path string, opts LoadOptions) (base, []Diagnostic, error) {
	l := &loader{opts: opts}
	data, err := l.open(path)
	if err != nil {
		return base{}, nil, err
	}
	set, notes, err := l.gitleaks(path, data)
	return base{&set, l.off}, notes, err
}
