package cli

import (
	"os"
	"path/filepath"
	"runtime"

	"keysweep/rotation/filestore"
)

// ledgerPlace returns where the ledger is. The anchor lies elsewhere, where synchronised folders and backups of the ledger do
// not put it back together with the ledger.
func ledgerPlace(env *Env) (filestore.Options, error) {
	data, state := homeOf(env, "XDG_DATA_HOME"), homeOf(env, "XDG_STATE_HOME")
	if data == "" || state == "" {
		return filestore.Options{}, usagef("set HOME, or XDG_DATA_HOME and XDG_STATE_HOME; or do without the ledger: --no-ledger",
			"there is no home directory to keep the ledger in")
	}
	return filestore.Options{
		Dir:        filepath.Join(data, "keysweep", "ledger"),
		Anchor:     filepath.Join(state, "keysweep", "ledger-anchor.json"),
		WorkFactor: env.LedgerWork,
	}, nil
}

// homeOf returns the directory that one of the variables of https://specifications.freedesktop.org/basedir-spec names, which count
// on all systems, or what the system has instead; "" if there is no home.
func homeOf(env *Env, variable string) string {
	if dir := env.Getenv(variable); filepath.IsAbs(dir) { // others are to be ignored, says the specification
		return filepath.Clean(dir)
	}
	if env.Home == "" {
		return ""
	}
	switch {
	case runtime.GOOS == "darwin" && variable == "XDG_CACHE_HOME":
		return filepath.Join(env.Home, "Library", "Caches")
	case runtime.GOOS == "darwin":
		return filepath.Join(env.Home, "Library", "Application Support")
	case runtime.GOOS == "windows":
		if local := env.Getenv("LOCALAPPDATA"); filepath.IsAbs(local) {
			return local
		}
		return filepath.Join(env.Home, "AppData", "Local")
	case variable == "XDG_STATE_HOME":
		return filepath.Join(env.Home, ".local", "state")
	case variable == "XDG_CACHE_HOME":
		return filepath.Join(env.Home, ".cache")
	}
	return filepath.Join(env.Home, ".local", "share")
}

// writableHome is homeOf for what a command keeps on the side, without being asked to: "" if the user's home directory is not there,
// as that of many a service, for then it is not to be made.
func writableHome(env *Env, variable string) string {
	dir := homeOf(env, variable)
	if !filepath.IsAbs(env.Getenv(variable)) {
		if info, err := os.Stat(env.Home); err != nil || !info.IsDir() {
			return ""
		}
	}
	return dir
}
