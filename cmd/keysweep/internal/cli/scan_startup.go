package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"keysweep/finding"
)

// startupOfMachine are the places where the programs and shells of a machine find what they start with, as patterns of filepath.Match in each
// part of the path.
func startupOfMachine() []string {
	return []string{
		"/etc/profile", "/etc/profile.d/*", "/etc/bash.bashrc", "/etc/bashrc", "/etc/zshenv", "/etc/zprofile", "/etc/zshrc", "/etc/zsh/*", "/etc/environment",
		"/etc/environment.d/*", "/etc/rc.local", "/etc/rc.d/rc.local", "/etc/init.d/*", "/etc/default/*", "/etc/sysconfig/*",
		"/etc/crontab", "/etc/anacrontab", "/etc/cron.d/*", "/etc/cron.hourly/*", "/etc/cron.daily/*", "/etc/cron.weekly/*", "/etc/cron.monthly/*",
		"/var/spool/cron/*", "/var/spool/cron/crontabs/*", "/usr/lib/cron/tabs/*",
		"/etc/systemd/system/*", "/etc/systemd/system/*/*", "/etc/systemd/user/*", "/etc/systemd/user/*/*", "/usr/local/lib/systemd/system/*", "/run/systemd/system/*",
		"/etc/cloud/cloud.cfg", "/etc/cloud/cloud.cfg.d/*", "/var/lib/cloud/instance/user-data.txt", "/var/lib/cloud/instance/scripts/*",
		"/var/lib/cloud/seed/*/user-data", "/var/log/cloud-init.log", "/var/log/cloud-init-output.log",
		"/Library/LaunchDaemons/*.plist", "/Library/LaunchAgents/*.plist", "/etc/periodic/*/*",
	}
}

// startupOfUser are those of an account, below its home directory: also files of credentials that programs look for there, and histories.
func startupOfUser() []string {
	return []string{
		".profile", ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".bash_aliases", ".zshrc", ".zshenv", ".zprofile", ".zlogin", ".kshrc", ".mkshrc",
		".xprofile", ".xinitrc", ".xsessionrc", ".pam_environment", ".config/fish/config.fish", ".config/fish/conf.d/*", ".config/environment.d/*",
		".config/systemd/user/*", ".config/systemd/user/*/*", ".config/autostart/*", "Library/LaunchAgents/*.plist",
		"Documents/PowerShell/Microsoft.PowerShell_profile.ps1", ".config/powershell/Microsoft.PowerShell_profile.ps1",
		".bash_history", ".zsh_history", ".histfile", ".zhistory", ".sh_history", ".ash_history", ".history", ".local/share/fish/fish_history", ".python_history",
		".node_repl_history", ".psql_history", ".mysql_history", ".rediscli_history", ".sqlite_history", ".local/share/powershell/PSReadLine/ConsoleHost_history.txt",
		"AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt",
		".netrc", "_netrc", ".npmrc", ".yarnrc", ".yarnrc.yml", ".pypirc", ".gem/credentials", ".cargo/credentials", ".cargo/credentials.toml", ".composer/auth.json",
		".config/composer/auth.json", ".m2/settings.xml", ".gradle/gradle.properties", ".aws/credentials", ".aws/config", ".boto", ".s3cfg", ".azure/accessTokens.json",
		".config/gcloud/application_default_credentials.json", ".config/gcloud/legacy_credentials/*/adc.json", ".kube/config", ".docker/config.json",
		".config/containers/auth.json", ".git-credentials", ".config/git/credentials", ".gitconfig", ".config/git/config", ".config/gh/hosts.yml", ".config/glab-cli/config.yml", ".config/hub",
		".pgpass", ".my.cnf", ".mylogin.cnf", ".pg_service.conf", ".curlrc", ".wgetrc", ".msmtprc", ".mbsyncrc", ".fetchmailrc", ".vault-token", ".terraformrc",
		".terraform.d/credentials.tfrc.json", ".config/rclone/rclone.conf", ".config/doctl/config.yaml", ".config/hcloud/cli.toml", ".config/op/config", ".env",
	}
}

// startupPlaces returns the startup places that there are, and what could not be looked into. root is what stands before the paths of the
// machine; "" but in tests.
func startupPlaces(root, home string) (files []string, problems []finding.Problem) {
	look := func(base string, patterns []string) {
		for _, p := range patterns {
			found, trouble := expandPlace(base, strings.Split(strings.TrimPrefix(p, "/"), "/"))
			files, problems = append(files, found...), append(problems, trouble...)
		}
	}
	if runtime.GOOS != "windows" {
		look(root+string(filepath.Separator), startupOfMachine())
	}
	if home != "" {
		look(home, startupOfUser())
	}
	slices.Sort(files)
	slices.SortFunc(problems, func(a, b finding.Problem) int { return strings.Compare(a.Where, b.Where) })
	return slices.Compact(files), slices.Compact(problems)
}

// expandPlace returns the regular files below a directory that a pattern, split into its parts, is about.
func expandPlace(dir string, parts []string) (files []string, problems []finding.Problem) {
	for len(parts) > 0 && !strings.Contains(parts[0], "*") {
		dir, parts = filepath.Join(dir, parts[0]), parts[1:]
	}
	if len(parts) == 0 {
		info, err := os.Stat(dir)
		switch {
		case err == nil && info.Mode().IsRegular():
			files = append(files, dir)
		case err != nil && !notThere(err):
			problems = append(problems, startupProblem(dir, "look at", err))
		}
		return files, problems
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !notThere(err) {
		problems = append(problems, startupProblem(dir, "list", err))
	}
	for _, e := range entries {
		if ok, err := filepath.Match(parts[0], e.Name()); !ok || err != nil {
			continue
		}
		found, trouble := expandPlace(dir, append([]string{e.Name()}, parts[1:]...))
		files, problems = append(files, found...), append(problems, trouble...)
	}
	return files, problems
}

// notThere reports whether an error is the knowledge that there is no such file: also below something that is none, and behind a link that
// leads nowhere.
func notThere(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || isNotDirectory(err)
}

func startupProblem(where, op string, err error) finding.Problem {
	p := finding.Problem{Where: where, Op: op, Err: err.Error()}
	var inPath *fs.PathError
	if errors.As(err, &inPath) {
		p.Err = inPath.Err.Error()
	}
	if errors.Is(err, fs.ErrPermission) {
		p.Hint = "as root it can be looked at: sudo keysweep scan --startup"
	}
	return p
}

// atStartup makes the scan one of the startup places.
func (s *scan) atStartup() {
	s.opts.targets, s.startupProblems = startupPlaces("", s.env.Home)
	s.opts.noIgnore = true
	s.place = place{shown: "this machine and " + s.env.Home, many: true}
}

// tellOwners says of the places in a report who may read them.
func (s *scan) tellOwners(r *finding.Report) {
	r.Problems = append(r.Problems, s.startupProblems...)
	r.Coverage.Root = s.place.shown
	known := map[string]string{}
	note := func(p *finding.Place) {
		path := absolute(s.env, p.ShownPath())
		file, _, _ := strings.Cut(path, "!") // of an archive
		if _, ok := known[file]; !ok {
			known[file] = modeAndOwner(file)
		}
		if known[file] != "" {
			p.Note = strings.TrimPrefix(p.Note+"; "+known[file], "; ")
		}
	}
	for i := range r.Findings {
		for k := range r.Findings[i].Places {
			note(&r.Findings[i].Places[k])
		}
	}
	for i := range r.Suppressed {
		note(&r.Suppressed[i].Place)
	}
}
