package inventory

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// marks are files and directories that sync programs put at the top of what they copy. The names are those of the programs'
// own documentation and file systems; a star stands for anything.
var marks = []struct{ pattern, program string }{
	{".dropbox", "Dropbox"}, // a file; the directory of that name in a home holds settings
	{".dropbox.cache", "Dropbox"},
	{".849C9593-D756-4E56-8D6E-42412F2A707B", "OneDrive"},
	{".tmp.drivedownload", "Google Drive"},
	{".tmp.driveupload", "Google Drive"},
	{".shortcut-targets-by-id", "Google Drive"},
	{".stfolder", "Syncthing"},
	{".sync_*.db", "Nextcloud or ownCloud"},
	{"._sync_*.db", "Nextcloud or ownCloud"},
	{".nextcloudsync.log", "Nextcloud"},
	{".owncloudsync.log", "ownCloud"},
	{".megaignore", "MEGA"},
	{".sync/ID", "Resilio Sync"},
}

// names are what sync programs call their folder unless told otherwise. Those of the second list are words that mean other
// things elsewhere: they count in a home directory only.
var (
	names = []string{"Dropbox", "OneDrive", "Google Drive", "GoogleDrive", "iCloudDrive", "iCloud Drive", "MEGAsync", "pCloudDrive",
		"pCloud Drive", "Box Sync", "Proton Drive", "Tresorit Drive", "Yandex.Disk"}
	homeNames = []string{"Nextcloud", "ownCloud", "Box", "Box-Box", "MEGA", "Sync", "Insync", "Seafile", "Creative Cloud Files"}
)

// spots tells what the directories from dir upwards are, innermost first. Above the home directory only synced folders count:
// where it lies was not the user's choice.
func spots(dir string, env Env) (found []Spot) {
	known := settled(env)
	inHome := env.Home != "" && within(dir, resolve(env.Home))
	for _, up := range ancestors(dir) {
		found = append(found, syncedSpots(up, env, known)...)
		if inHome && !within(up, resolve(env.Home)) {
			continue
		}
		for _, s := range known {
			if s.Kind != SpotSynced && s.Dir == up && up != resolve(env.Home) {
				found = append(found, s)
			}
		}
		if s, ok := sharedSpot(up); ok {
			found = append(found, s)
		}
	}
	return found
}

// syncedSpots tells which programs copy the directory, as far as they leave marks or use a name of their own.
func syncedSpots(dir string, env Env, known []Spot) (found []Spot) {
	add := func(program, why string) {
		if !slices.ContainsFunc(found, func(s Spot) bool { return s.Name == program }) {
			found = append(found, Spot{SpotSynced, dir, program, why})
		}
	}
	for _, s := range known {
		if s.Kind == SpotSynced && s.Dir == dir {
			add(s.Name, s.Why)
		}
	}
	for _, m := range marks {
		if name, ok := present(dir, m.pattern); ok {
			add(m.program, "it holds "+name)
		}
	}
	if program := byName(dir, env); program != "" && len(found) == 0 {
		add(program, "its name")
	}
	return found
}

// byName returns the program whose name the directory bears.
func byName(dir string, env Env) string {
	base, parent := filepath.Base(dir), filepath.Dir(dir)
	switch {
	case filepath.Base(parent) == "CloudStorage" && filepath.Base(filepath.Dir(parent)) == "Library": // macOS, File Provider
		program, _, _ := strings.Cut(base, "-")
		return program
	case base == "Mobile Documents" && filepath.Base(parent) == "Library":
		return "iCloud"
	}
	plain, _, _ := strings.Cut(base, " (") // "Dropbox (Personal)"
	plain, _, _ = strings.Cut(plain, " - ")
	if slices.Contains(names, plain) || env.Home != "" && parent == resolve(env.Home) && slices.Contains(homeNames, plain) {
		return plain
	}
	return ""
}

// present reports whether a directory holds a name that matches the pattern, and which.
func present(dir, pattern string) (string, bool) {
	if !strings.Contains(pattern, "*") {
		info, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(pattern)))
		return pattern, err == nil && !(pattern == ".dropbox" && info.IsDir())
	}
	before, after, _ := strings.Cut(pattern, "*")
	d, err := os.Open(dir)
	if err != nil {
		return "", false
	}
	defer func() { _ = d.Close() }()
	const most = 2000 // entries of a directory that are looked through
	list, _ := d.Readdirnames(most)
	for _, name := range list {
		if strings.HasPrefix(name, before) && strings.HasSuffix(name, after) {
			return name, true
		}
	}
	return "", false
}

// settled returns the spots that the system or a program's own settings name.
func settled(env Env) (found []Spot) {
	add := func(kind SpotKind, dir, name, why string) {
		if dir != "" && filepath.IsAbs(dir) {
			found = append(found, Spot{kind, resolve(dir), name, why})
		}
	}
	for _, name := range []string{"OneDrive", "OneDriveConsumer", "OneDriveCommercial"} {
		add(SpotSynced, variable(env.Environ, name), "OneDrive", "the variable "+name)
	}
	for _, name := range []string{"TMPDIR", "TEMP", "TMP"} {
		add(SpotTemporary, variable(env.Environ, name), "temporary files", "the variable "+name)
	}
	for _, dir := range []string{"/tmp", "/var/tmp", "/dev/shm", "/private/tmp", "/private/var/tmp"} {
		if runtime.GOOS != "windows" {
			add(SpotTemporary, dir, "temporary files", "its name")
		}
	}
	add(SpotShared, "/Users/Shared", "Shared", "its name")
	if env.Home == "" {
		return found
	}
	for _, dir := range dropboxes(env.Home) {
		add(SpotSynced, dir, "Dropbox", "~/.dropbox/info.json")
	}
	add(SpotDownloads, filepath.Join(env.Home, "Downloads"), "Downloads", "its name")
	add(SpotDesktop, filepath.Join(env.Home, "Desktop"), "Desktop", "its name")
	add(SpotShared, filepath.Join(env.Home, "Public"), "Public", "its name")
	for _, s := range userDirs(env) {
		if !slices.ContainsFunc(found, func(f Spot) bool { return f.Dir == s.Dir }) {
			found = append(found, s)
		}
	}
	return found
}

// dropboxes reads where Dropbox keeps its folders (https://help.dropbox.com/installs/locate-dropbox-folder).
func dropboxes(home string) (dirs []string) {
	data, err := readSmall(filepath.Join(home, ".dropbox", "info.json"))
	if err != nil {
		return nil
	}
	var accounts map[string]struct{ Path string }
	if json.Unmarshal(data, &accounts) != nil {
		return nil
	}
	for _, a := range accounts {
		dirs = append(dirs, a.Path)
	}
	slices.Sort(dirs)
	return dirs
}

// userDirs reads the names that a desktop gives to the usual directories, in any language (xdg-user-dirs, user-dirs.dirs(5)).
func userDirs(env Env) (found []Spot) {
	config := variable(env.Environ, "XDG_CONFIG_HOME")
	if config == "" {
		config = filepath.Join(env.Home, ".config")
	}
	data, err := readSmall(filepath.Join(config, "user-dirs.dirs"))
	if err != nil {
		return nil
	}
	kinds := map[string]SpotKind{"XDG_DOWNLOAD_DIR": SpotDownloads, "XDG_DESKTOP_DIR": SpotDesktop, "XDG_PUBLICSHARE_DIR": SpotShared}
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		kind, ok := kinds[name]
		dir := strings.Trim(value, `"`)
		if rest, below := strings.CutPrefix(dir, "$HOME/"); below {
			dir = filepath.Join(env.Home, rest)
		}
		if ok && filepath.IsAbs(dir) && filepath.Clean(dir) != filepath.Clean(env.Home) {
			found = append(found, Spot{kind, resolve(dir), filepath.Base(dir), "user-dirs.dirs"})
		}
	}
	return found
}

// sharedSpot tells whether everybody may write to a directory.
func sharedSpot(dir string) (Spot, bool) {
	info, err := os.Stat(dir)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o002 == 0 {
		return Spot{}, false
	}
	return Spot{SpotShared, dir, filepath.Base(dir), "everybody may write there"}, true
}
