package git

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// kept are the variables by which git tells a hook, or a user tells git, where the repository is. All name paths except
// GIT_NAMESPACE.
var kept = map[string]bool{
	"GIT_DIR": true, "GIT_WORK_TREE": true, "GIT_COMMON_DIR": true, "GIT_INDEX_FILE": true, "GIT_OBJECT_DIRECTORY": true,
	"GIT_ALTERNATE_OBJECT_DIRECTORIES": true, "GIT_QUARANTINE_PATH": true, "GIT_NAMESPACE": true,
}

// unconfigured turns the system's and the user's configuration off.
var unconfigured = []string{"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull}

// fixed is the environment of every git command. The file of grafts is shut off because it can hide history.
var fixed = []string{
	"GIT_ATTR_NOSYSTEM=1", "GIT_GRAFT_FILE=" + os.DevNull,
	"GIT_NO_LAZY_FETCH=1", "GIT_NO_REPLACE_OBJECTS=1", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0",
	// An empty list of protocols: unlike protocol.allow it cannot be overruled by the repository's protocol.ext.allow.
	"GIT_ALLOW_PROTOCOL=none", "LC_ALL=C",
}

// split divides an environment: what has nothing to do with git, the variables that name a repository (relative paths made
// absolute from cwd), and those that are git configuration.
func split(environ []string, cwd string) (plain, place, config []string) {
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if runtime.GOOS == "windows" {
			name = strings.ToUpper(name)
		}
		switch {
		case kept[name]:
			place = append(place, name+"="+absolute(name, value, cwd))
		case strings.HasPrefix(name, "GIT_CONFIG"):
			config = append(config, entry)
		case strings.HasPrefix(name, "GIT_") || name == "LC_ALL":
		default:
			plain = append(plain, entry)
		}
	}
	return plain, place, config
}

// absolute makes the path or paths of a variable absolute. Git quotes an alternate that holds the separator; such a list comes
// from git itself, which writes absolute paths.
func absolute(name, value, cwd string) string {
	one := func(path string) string {
		if path == "" || filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(cwd, path)
	}
	switch {
	case name == "GIT_NAMESPACE":
		return value
	case name != "GIT_ALTERNATE_OBJECT_DIRECTORIES":
		return one(value)
	case strings.Contains(value, `"`):
		return value
	}
	paths := filepath.SplitList(value)
	for i, path := range paths {
		paths[i] = one(path)
	}
	return strings.Join(paths, string(os.PathListSeparator))
}

// lookUp finds the git program in the PATH of environ. Directories that are not absolute are passed over: "." could be the
// repository.
func lookUp(environ []string) (string, error) {
	name := "git"
	if runtime.GOOS == "windows" {
		name = "git.exe"
	}
	for _, dir := range filepath.SplitList(variable(environ, "PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode()&0o111 != 0) {
			return path, nil
		}
	}
	return "", ErrNoGit
}

// variable returns the last value of a variable, as the system does.
func variable(environ []string, want string) (value string) {
	for _, entry := range environ {
		name, v, _ := strings.Cut(entry, "=")
		if name == want || runtime.GOOS == "windows" && strings.EqualFold(name, want) {
			value = v
		}
	}
	return value
}
