package git

import (
	"os"
	"path/filepath"
	"strings"
)

// format is what the repository's own configuration says about its form. Git reads it without heeding includes
// (https://git-scm.com/docs/repository-version).
type format struct {
	objects        string // "sha1" or "sha256"
	bare           bool
	workTree       string // core.worktree
	worktreeConfig bool
	version        string
	newer          bool // it uses what version 0 has not
}

// readFormat reads the configuration that work trees share, and this one's own. ok is false if there is anything in it that git
// should judge.
func readFormat(commonDir, gitDir string) (conf format, ok bool) {
	conf.objects = "sha1"
	read := func(name string, take func(key, value string, hasValue bool) bool) bool {
		const most = 1 << 20
		data, ok := readSmall(name, most)
		return ok && eachSetting(string(data), take)
	}
	if !read(filepath.Join(commonDir, "config"), conf.take) || conf.version == "" || conf.version == "0" && conf.newer {
		return conf, false
	}
	if commonDir != gitDir && !conf.worktreeConfig {
		conf.bare, conf.workTree = false, "" // they are the main work tree's
	}
	if conf.worktreeConfig {
		name := filepath.Join(gitDir, "config.worktree")
		if _, err := os.Lstat(name); !isNotThere(err) && !read(name, conf.takeOwn) {
			return conf, false
		}
	}
	return conf, true
}

// take notes a setting, and reports whether it is a plain one.
func (conf *format) take(key, value string, hasValue bool) bool {
	section, name := key[:max(strings.IndexByte(key, '.'), 0)], key[strings.LastIndexByte(key, '.')+1:]
	switch {
	case section != "core" && section != "extensions":
		return section != "remote" || name != "promisor" && name != "partialclonefilter"
	case !hasValue:
		return section == "core" && name != "bare" && name != "worktree" && name != "repositoryformatversion"
	}
	switch key {
	case "core.repositoryformatversion":
		conf.version = value
		return value == "0" || value == "1"
	case "core.bare":
		conf.bare = value == "true"
		return conf.bare || value == "false"
	case "core.worktree":
		conf.workTree = value
		return value != "" && value[0] != '~'
	case "extensions.objectformat":
		conf.objects, conf.newer = value, true
		return value == "sha1" || value == "sha256"
	case "extensions.worktreeconfig":
		conf.worktreeConfig = value == "true"
		return conf.worktreeConfig || value == "false"
	}
	return section == "core" || key == "extensions.noop" || key == "extensions.preciousobjects"
}

// takeOwn notes a setting of one work tree's own configuration, which has a say in where the work tree is and no more.
func (conf *format) takeOwn(key, value string, hasValue bool) bool {
	return key != "core.repositoryformatversion" && !strings.HasPrefix(key, "extensions.") && conf.take(key, value, hasValue)
}

// eachSetting hands over the settings of a configuration file: the key with section and name in lower case, and the value with
// blanks around it cut. It reports false where take does, and where the file is not as plain as what git writes itself: lines that
// go on, quotes within values that count, anything that could be an error (https://git-scm.com/docs/git-config#_syntax).
func eachSetting(text string, take func(key, value string, hasValue bool) bool) bool {
	section := ""
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.Trim(line, " \t")
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
			continue
		case line[0] == '[':
			var ok bool
			if section, ok = sectionName(line); !ok {
				return false
			}
			continue
		}
		name, value, hasValue := strings.Cut(line, "=")
		name, value = strings.ToLower(strings.TrimRight(name, " \t")), strings.TrimLeft(value, " \t")
		if section == "" || !settingName(name) || !plainValue(value) {
			return false
		}
		if counts := strings.HasPrefix(section, "core") || strings.HasPrefix(section, "extensions"); counts && strings.ContainsAny(value, `"\#;`) {
			return false
		}
		if !take(section+"."+name, value, hasValue) {
			return false
		}
	}
	return true
}

// sectionName reads `[core]` or `[remote "origin"]`.
func sectionName(line string) (string, bool) {
	inner, ok := strings.CutSuffix(strings.TrimPrefix(line, "["), "]")
	if !ok {
		return "", false
	}
	name, sub, hasSub := strings.Cut(inner, " ")
	if name = strings.ToLower(name); !settingName(name) {
		return "", false
	}
	if !hasSub {
		return name, true
	}
	if len(sub) < 2 || sub[0] != '"' || sub[len(sub)-1] != '"' || strings.ContainsAny(sub[1:len(sub)-1], "\"\\\x00\r") {
		return "", false
	}
	return name + "." + sub[1:len(sub)-1], true
}

func settingName(name string) bool {
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return name != "" && name[0] >= 'a' && name[0] <= 'z'
}

// plainValue reports whether git can certainly read a value, as long as it is one line: quotes come in pairs, and a backslash is
// followed by what may follow it.
func plainValue(value string) bool {
	quoted := false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\':
			if i++; i == len(value) || !strings.ContainsRune(`"\ntb`, rune(value[i])) {
				return false
			}
		case !quoted && (c == '#' || c == ';'):
			return true // a comment, which may hold anything
		case c == 0 || c == '\r':
			return false
		}
	}
	return !quoted
}
