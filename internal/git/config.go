package git

import (
	"fmt"
	"os"
	"strings"
)

// harmless is the configuration of every command, stronger than the repository's own. What it shuts off starts programs
// (file system monitor, alternate references, pager, signatures, transports) or reads files that a user did not mean.
var harmless = []string{
	"core.fsmonitor=false", "core.untrackedCache=false", "core.attributesFile=" + os.DevNull, "core.alternateRefsCommand=",
	"core.pager=cat", "core.askPass=", "core.sshCommand=false", "core.useReplaceRefs=false", "credential.helper=",
	"protocol.allow=never", "log.showSignature=false", "submodule.recurse=false", "color.ui=false", "advice.graftFileDeprecated=false",
}

// asked are the settings that are read before anything else: the user's two, and the repository's filters, which git runs
// whenever it compares a file with the index.
const asked = `^(safe\.directory|core\.excludesfile|filter\..*)$`

// settings is what Open has learned from the configuration.
type settings struct {
	safe     []string // values of safe.directory, in order; an empty one clears those before it
	excludes string   // core.excludesFile, if it is the user's or the system's
	filters  []string // names of filters that the repository defines
}

const maxFilters = 1000 // their overrides go through the environment, which the system bounds

// parseSettings reads the output of `git config -z --show-scope --get-regexp`: scope NUL key LF value NUL, the weakest first.
func parseSettings(out string) (s settings, err error) {
	fields := strings.Split(out, "\x00")
	seen := map[string]bool{}
	for i := 0; i+1 < len(fields); i += 2 {
		trusted := fields[i] == "system" || fields[i] == "global" || fields[i] == "command"
		key, value, _ := strings.Cut(fields[i+1], "\n")
		filter, isFilter := strings.CutPrefix(key, "filter.")
		switch {
		case key == "safe.directory" && trusted:
			s.safe = append(s.safe, value)
		case key == "core.excludesfile" && trusted:
			s.excludes = value
		case key == "core.excludesfile":
			s.excludes = "" // the repository's own is stronger, as for git
		case isFilter && !trusted:
			dot := strings.LastIndexByte(filter, '.')
			if name := filter[:max(dot, 0)]; dot > 0 && !seen[name] {
				seen[name] = true
				s.filters = append(s.filters, name)
			}
		}
	}
	if len(s.filters) > maxFilters {
		return s, fmt.Errorf("the repository's configuration defines %d filters, more than %d", len(s.filters), maxFilters)
	}
	return s, nil
}

// flags are the -c options of every command.
func (s settings) flags() []string {
	flags := []string{"--no-pager"}
	for _, setting := range harmless {
		flags = append(flags, "-c", setting)
	}
	for _, dir := range s.safe {
		flags = append(flags, "-c", "safe.directory="+dir)
	}
	if s.excludes != "" {
		flags = append(flags, "-c", "core.excludesFile="+s.excludes)
	}
	return flags
}

// environ overrides the repository's filters. It is not done by -c, which cannot set a key that holds an equals sign.
func (s settings) environ() []string {
	var env []string
	n := 0
	set := func(key, value string) {
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", n, key), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", n, value))
		n++
	}
	for _, name := range s.filters {
		for _, key := range []string{"clean", "smudge", "process"} {
			set("filter."+name+"."+key, "")
		}
		set("filter."+name+".required", "false")
	}
	return append(env, fmt.Sprintf("GIT_CONFIG_COUNT=%d", n))
}
