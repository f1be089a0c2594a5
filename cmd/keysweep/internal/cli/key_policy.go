package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"keysweep/policy"
)

// policyDocument is a policy file. Every field is optional.
type policyDocument struct {
	Keys struct {
		MaxAge  maxAge           `toml:"max_age"`
		Warn    warning          `toml:"warn"`
		Verify  span             `toml:"verify_backups"`
		RSABits *int             `toml:"rsa_bits"`
		Types   []string         `toml:"types"`
		Paths   []string         `toml:"paths"`
		Exempt  []policyExempted `toml:"exempt"`
	} `toml:"keys"`
	Ledger    policyLedger            `toml:"ledger"`
	Rotation  policyRotation          `toml:"rotation"`
	Snapshots policySnapshots         `toml:"snapshots"`
	Notify    policyNotify            `toml:"notify"`
	Plugins   map[string]policyPlugin `toml:"plugins"`
	policyAudit
}

type policyExempted struct {
	Check  string `toml:"check"`
	Key    string `toml:"key"`
	Reason string `toml:"reason"`
	Until  any    `toml:"until"` // a date of TOML's own, or a text
}

// span is a duration as people write it: "90d", "2w", "36h".
type span struct {
	time.Duration
	set bool
}

// UnmarshalText reads a number and a unit.
func (s *span) UnmarshalText(text []byte) (err error) {
	s.Duration, err = parseSpan(string(text))
	s.set = err == nil
	return err
}

func parseSpan(text string) (time.Duration, error) {
	for suffix, unit := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if number, ok := strings.CutSuffix(text, suffix); ok {
			if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < 100_000/7 {
				return time.Duration(n) * unit, nil
			}
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return d, nil
	}
	return 0, fmt.Errorf("%q is no duration: 90d, 2w or 36h", text)
}

// policySettings are the rules in force, and where else to look.
type policySettings struct {
	rules  policy.KeyRules
	paths  []string
	ledger fixedHome

	snapshots snapshotRules
	plugins   map[string]pluginRule // by name
	notify    notifyRules
	audit     auditSettings
}

// policyFiles are the files that may set rules for keys, the user's last: it has the last word. A repository's file has none.
func policyFiles(env *Env) []string {
	system, config := "/etc", env.Getenv("XDG_CONFIG_HOME")
	if runtime.GOOS == "windows" {
		system = env.Getenv("ProgramData")
	}
	if !filepath.IsAbs(config) && env.Home != "" {
		config = filepath.Join(env.Home, ".config")
	}
	var files []string
	for _, dir := range []string{system, config} {
		if filepath.IsAbs(dir) {
			files = append(files, filepath.Join(dir, "keysweep", "policy.toml"))
		}
	}
	return files
}

// readPolicy reads the policy files over the usual rules.
func readPolicy(env *Env) (policySettings, error) {
	s := policySettings{rules: policy.DefaultKeyRules(), notify: defaultNotify()}
	for _, file := range policyFiles(env) {
		data, err := readPolicyFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return s, err
		}
		if err := s.read(env, file, data); err != nil {
			return s, err
		}
	}
	return s, nil
}

// read takes one file's settings.
func (s *policySettings) read(env *Env, file string, data []byte) error {
	var doc policyDocument
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&doc); err != nil {
		return policyError(file, err)
	}
	k, places := doc.Keys, findPlaces(file, data)
	if err := s.keyAges(k.MaxAge, k.Warn, places.of("keys", 0)); err != nil {
		return err
	}
	if k.Verify.set {
		s.rules.Verify = k.Verify.Duration
	}
	if k.RSABits != nil {
		s.rules.RSABits = *k.RSABits
	}
	known := []string{"ed25519", "rsa", "ecdsa"}
	for _, kind := range k.Types {
		if !slices.Contains(known, kind) {
			return usagef("one of: "+strings.Join(known, ", "), "%s: types: there is no kind of key %q", file, kind)
		}
	}
	if len(k.Types) > 0 {
		s.rules.Types = k.Types
	}
	for _, p := range k.Paths {
		p = expandHome(env, p)
		if !filepath.IsAbs(p) {
			return usagef("begin it with / or ~/", "%s: paths: %q is not an absolute path", file, p)
		}
		s.paths = append(s.paths, filepath.Clean(p))
	}
	for i, e := range k.Exempt {
		if err := s.exempt(env, places.of("keys.exempt", i), e); err != nil {
			return err
		}
	}
	return errors.Join(s.readLedger(env, file, doc.Ledger), s.readRotation(env, places, doc.Rotation), s.readSnapshots(env, file, doc.Snapshots),
		s.readNotify(env, file, doc.Notify), s.readPlugins(env, file, doc.Plugins), s.readAudit(file, places, doc.policyAudit))
}

// exempt takes one exemption. One that is about a key's age counts for rotation, too.
func (s *policySettings) exempt(env *Env, where string, e policyExempted) error {
	var ids []string
	for _, c := range policy.KeyChecks() {
		ids = append(ids, c.ID)
	}
	switch {
	case !slices.Contains(ids, e.Check):
		hint := "one of: " + strings.Join(ids, ", ")
		if near := nearest(e.Check, ids); near != "" {
			hint = "did you mean " + near + "?"
		}
		return usagef(hint, "%s: exempt: there is no check %q", where, e.Check)
	case e.Key == "":
		return usagef("key = a path, a fingerprint or a name in the ledger", "%s: exempt %s: it names no key", where, e.Check)
	case strings.TrimSpace(e.Reason) == "":
		return usagef("say why: reason = \"...\"", "%s: exempt %s: there is no reason", where, e.Check)
	}
	x := policy.Exemption{Check: e.Check, Key: expandHome(env, e.Key), Reason: e.Reason, Where: where}
	if e.Until != nil {
		until, err := lastDay(e.Until)
		if err != nil {
			return usagef("for example: until = 2026-12-31", "%s: exempt %s: until: %w", where, e.Check, err)
		}
		x.Until = until
	}
	s.rules.Exemptions = append(s.rules.Exemptions, x)
	if e.Check == "key-overdue" {
		s.rules.Rotation.Exemptions = append(s.rules.Rotation.Exemptions,
			policy.RotationExemption{Key: x.Key, Reason: x.Reason, Until: x.Until, Where: where})
	}
	return nil
}

// policyError says where a policy file is wrong.
func policyError(file string, err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		line, _ := first.Position()
		return usagef(settingHint(first.Key()), "%s:%d: there is no setting %q", file, line, strings.Join(first.Key(), "."))
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, column := wrong.Position()
		return usagef("", "%s:%d:%d: %s", file, line, column, decodeMistake(wrong))
	}
	return usagef("", "%s: %w", file, err)
}

// decodeMistake says what is wrong with a value in the words of the file, not in those of the program that reads it.
func decodeMistake(err *toml.DecodeError) string {
	text := strings.TrimPrefix(err.Error(), "toml: ")
	rest, mismatch := strings.CutPrefix(text, "cannot decode TOML ")
	found, target, ok := strings.Cut(rest, " into ")
	if !mismatch || !ok {
		return text
	}
	if at := strings.LastIndex(target, " of type "); at >= 0 {
		target = target[at+len(" of type "):]
	}
	key := cmp.Or(strings.Join(err.Key(), "."), "the value")
	return fmt.Sprintf("%s: found %s, wanted %s", key, strings.ReplaceAll(found, "integer", "number"), tomlWord(target))
}

// tomlWord names a type of Go as people who write TOML do.
func tomlWord(target string) string {
	switch target {
	case "string":
		return "a string in quotes"
	case "bool":
		return "true or false"
	case "int", "int64", "uint", "float64":
		return "a number"
	case "[]string":
		return "a list of strings in quotes"
	}
	if strings.HasPrefix(target, "[]") {
		return "tables that each begin with the name in [[ and ]]"
	}
	return "a table"
}
