package cli

import (
	"encoding/hex"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"keysweep/internal/git"
	"keysweep/internal/plugin"
	"keysweep/rotation"
)

// policyPlugin is one table [plugins.NAME] of a policy file.
type policyPlugin struct {
	Path      string         `toml:"path"`
	SHA256    string         `toml:"sha256"`
	Providers []string       `toml:"providers"` // of the credentials that it replaces, besides those of its own name
	Timeout   span           `toml:"timeout"`
	Deploy    string         `toml:"deploy"` // name of another plugin, which hands a new credential to those who use it
	Settings  map[string]any `toml:"settings"`
}

// maxPluginTimeout bounds what a policy can ask for: a rotation that hangs is to be noticed the same day.
const maxPluginTimeout = time.Hour

// pluginRule is a plugin as the policy has it.
type pluginRule struct {
	policyPlugin
	settings json.RawMessage
	where    string // the file that says so
}

// readPlugins takes one file's settings.
func (s *policySettings) readPlugins(env *Env, file string, tables map[string]policyPlugin) error {
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		p := tables[name]
		p.Path = expandHome(env, p.Path)
		sum, err := hex.DecodeString(p.SHA256)
		switch {
		case !plainWord(name):
			return usagef("letters, digits, - and _", "%s: plugins: %q is no name for a plugin", file, name)
		case !filepath.IsAbs(p.Path):
			return usagef("begin it with / or ~/", "%s: plugins.%s: path %q is not absolute", file, name, p.Path)
		case err != nil || len(sum) != 32:
			return usagef("keysweep cred plugin pin "+p.Path+" prints the lines", "%s: plugins.%s: sha256 is not the 64 hex digits of a SHA-256", file, name)
		case p.Timeout.set && (p.Timeout.Duration < time.Second || p.Timeout.Duration > maxPluginTimeout):
			return usagef(`for example: timeout = "90s"`, "%s: plugins.%s: timeout is not 1s to 1h", file, name)
		}
		rule := pluginRule{policyPlugin: p, where: file}
		if len(p.Settings) > 0 {
			if rule.settings, err = json.Marshal(p.Settings); err != nil {
				return usagef("", "%s: plugins.%s: settings: %w", file, name, err)
			}
		}
		if s.plugins == nil {
			s.plugins = map[string]pluginRule{}
		}
		s.plugins[name] = rule
	}
	return nil
}

// plainWord reports whether a text is of letters, digits, "-" and "_", and begins with no "-".
func plainWord(text string) bool {
	const word = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	return text != "" && len(text) <= 50 && text[0] != '-' && strings.Trim(text, word) == ""
}

// plugin returns the plugin of a name.
func (s *policySettings) plugin(name string) (pluginRule, error) {
	rule, ok := s.plugins[name]
	if ok {
		return rule, nil
	}
	known := slices.Sorted(maps.Keys(s.plugins))
	hint := "the policy has none; keysweep cred plugin pin FILE prints the lines that take one in"
	if len(known) > 0 {
		hint = "there are: " + strings.Join(known, ", ")
	}
	return rule, usagef(hint, "there is no plugin %q", name)
}

// pluginFor chooses the plugin for a credential: the one of its provider's name, or the only one that says it is for that
// provider; "" if there is none.
func (s *policySettings) pluginFor(r *rotation.Record) (string, error) {
	if r.Provider == "" {
		return "", nil
	}
	if _, ok := s.plugins[r.Provider]; ok {
		return r.Provider, nil
	}
	var fit []string
	for name, rule := range s.plugins {
		if slices.Contains(rule.Providers, r.Provider) {
			fit = append(fit, name)
		}
	}
	slices.Sort(fit)
	switch len(fit) {
	case 0:
		return "", nil
	case 1:
		return fit[0], nil
	}
	return "", usagef("choose one: --plugin "+fit[0], "several plugins are for credentials of %s: %s", r.Provider, strings.Join(fit, ", "))
}

// runner makes what runs a plugin. What the plugin writes to standard error goes to say.
func (rule pluginRule) runner(env *Env, name string, say func(string)) (*plugin.Runner, error) {
	scratch, err := stateFile(env, "plugins")
	if err != nil {
		return nil, err
	}
	return &plugin.Runner{Name: name, Path: rule.Path, SHA256: rule.SHA256, Settings: rule.settings, Timeout: rule.Timeout.Duration,
		Environ: env.Environ, Scratch: scratch, Say: func(line string) { say(git.Printable(line)) }}, nil
}
