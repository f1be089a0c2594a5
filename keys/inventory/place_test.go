package inventory

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSyncedFolders(t *testing.T) {
	for name, c := range map[string]struct{ make, file, want string }{
		"Dropbox by its name":        {"Dropbox/", "Dropbox/keys/id", "Dropbox"},
		"Dropbox of a company":       {"Dropbox (Example Ltd)/", "Dropbox (Example Ltd)/id", "Dropbox"},
		"Dropbox by its cache":       {"Files/.dropbox.cache/", "Files/a/b/id", "Dropbox"},
		"OneDrive of a company":      {"OneDrive - Example/", "OneDrive - Example/id", "OneDrive"},
		"Syncthing":                  {"anything/.stfolder/", "anything/id", "Syncthing"},
		"Nextcloud by its journal":   {"docs/.sync_8a3f.db", "docs/id", "Nextcloud or ownCloud"},
		"Nextcloud by its name":      {"Nextcloud/", "Nextcloud/id", "Nextcloud"},
		"a Nextcloud server's code":  {"src/nextcloud/Nextcloud/", "src/nextcloud/Nextcloud/id", ""},
		"MEGA":                       {"things/.megaignore", "things/id", "MEGA"},
		"iCloud":                     {"Library/Mobile Documents/com~apple~CloudDocs/", "Library/Mobile Documents/com~apple~CloudDocs/id", "iCloud"},
		"a File Provider":            {"Library/CloudStorage/GoogleDrive-ann@example.org/", "Library/CloudStorage/GoogleDrive-ann@example.org/id", "GoogleDrive"},
		"Box":                        {"Box/", "Box/id", "Box"},
		"Box elsewhere":              {"src/Box/", "src/Box/id", ""},
		"Resilio":                    {"r/.sync/ID", "r/id", "Resilio Sync"},
		"beside a synced folder":     {"Dropbox/", "other/id", ""},
		"a name that starts as such": {"Dropboxes/", "Dropboxes/id", ""},
	} {
		t.Run(name, func(t *testing.T) {
			env := testEnv(t)
			make := filepath.Join(env.Home, filepath.FromSlash(c.make))
			if strings.HasSuffix(c.make, "/") {
				if err := os.MkdirAll(make, 0o755); err != nil {
					t.Fatal(err)
				}
			} else {
				write(t, make, "")
			}
			p, err := Surroundings(t.Context(), filepath.Join(env.Home, filepath.FromSlash(c.file)), env) // which need not exist
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if s := p.Spot(SpotSynced); s != nil {
				got = s.Name
			}
			if got != c.want || p.Safe() != (c.want == "") {
				t.Errorf("synced by %q, want %q: %+v", got, c.want, p)
			}
		})
	}
}

func TestSyncedFolderByLink(t *testing.T) {
	env := testEnv(t)
	box := filepath.Join(env.Home, "Dropbox", "ssh")
	if err := os.MkdirAll(box, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(env.Home, "keys")
	if err := os.Symlink(box, link); err != nil {
		t.Fatal(err)
	}
	p, err := Surroundings(t.Context(), filepath.Join(link, "new", "id"), env)
	if err != nil || p.Spot(SpotSynced) == nil || p.Path != filepath.Join(resolve(box), "new", "id") {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestDropboxSettings(t *testing.T) {
	env := testEnv(t)
	write(t, filepath.Join(env.Home, ".dropbox", "info.json"), `{"personal": {"path": "`+filepath.ToSlash(env.Home)+`/Elsewhere", "host": 1}}`)
	p, err := Surroundings(t.Context(), filepath.Join(env.Home, "Elsewhere", "id"), env)
	if s := p.Spot(SpotSynced); err != nil || s == nil || s.Name != "Dropbox" || s.Why != "~/.dropbox/info.json" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestSpots(t *testing.T) {
	env := testEnv(t)
	write(t, filepath.Join(env.Home, ".config", "user-dirs.dirs"), "# x\nXDG_DOWNLOAD_DIR=\"$HOME/Descargas\"\nXDG_DESKTOP_DIR=\"$HOME/\"\n")
	env.Environ = append(env.Environ, "TMPDIR="+filepath.Join(env.Home, "scratch"))
	open := filepath.Join(env.Home, "open")
	if err := os.Mkdir(open, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]SpotKind{
		"Downloads/id":  SpotDownloads,
		"Descargas/id":  SpotDownloads,
		"Desktop/a/id":  SpotDesktop,
		"scratch/id":    SpotTemporary,
		"open/below/id": SpotShared,
		"Public/id":     SpotShared,
		".ssh/id":       "",
		"id":            "",
	} {
		p, err := Surroundings(t.Context(), filepath.Join(env.Home, file), env)
		if err != nil {
			t.Fatal(err)
		}
		var got SpotKind
		if len(p.Spots) > 0 {
			got = p.Spots[0].Kind
		}
		if got != want || len(p.Spots) > 1 {
			t.Errorf("%s: %+v, want %q", file, p.Spots, want)
		}
	}
	p, err := Surroundings(t.Context(), "/tmp/id", Env{Home: "/home/nobody-here"})
	if err != nil || p.Spot(SpotTemporary) == nil || p.Spot(SpotShared) == nil {
		t.Errorf("/tmp: %+v, %v", p, err)
	}
}

func TestRepositories(t *testing.T) {
	env := testEnv(t)
	repo := filepath.Join(env.Home, "project")
	run(t, env, "git", "init", "-q", "-b", "main", repo)
	at := func(name string) string { return filepath.Join(repo, name) }
	write(t, at(".gitignore"), "ignored*\n")
	for _, name := range []string{"tracked", "removed", "ignored", "untracked", "od*d"} {
		newKey(t, env, at(name), "", "-C", name)
	}
	git := func(args ...string) { run(t, env, "git", append([]string{"-C", repo}, args...)...) }
	git("add", ".gitignore", "tracked", "tracked.pub", "removed")
	git("commit", "-qm", "first")
	git("rm", "-q", "--cached", "removed")
	git("commit", "-qm", "second")
	data, err := os.ReadFile(at("removed"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, at("copy"), string(data))
	for name, want := range map[string]struct {
		state   GitState
		history Answer
	}{
		"tracked":   {GitTracked, Yes},
		"removed":   {GitUntracked, Yes},
		"copy":      {GitUntracked, Yes}, // its content is in history, under another name
		"ignored":   {GitIgnored, No},
		"untracked": {GitUntracked, No},
		"od*d":      {GitUntracked, No},
	} {
		r := look(t, env, at(name)).Files[0].Place.Repository
		if r == nil || r.State != want.state || r.InHistory != want.history || r.Root != resolve(repo) || (r.Commit != "") != (want.history == Yes) {
			t.Errorf("%s: %+v, want %+v", name, r, want)
		}
	}
	var sources []string
	for _, e := range look(t, env, at("tracked")).Evidence {
		sources = append(sources, e.Source)
	}
	if sources[0] != FromGit {
		t.Errorf("evidence %v; want the commit of the .pub first", sources)
	}
	p, err := Surroundings(t.Context(), at("new/backup.age"), env)
	if err != nil || p.Safe() || p.Repository.State != GitUntracked {
		t.Errorf("a place that is still to be made: %+v, %v", p, err)
	}
	p, err = Surroundings(t.Context(), at(".git/backup.age"), env)
	if err != nil || p.Repository == nil || p.Repository.State != GitInternal {
		t.Errorf("inside .git: %+v, %v", p, err)
	}
}

// A key that took the place of another, under the same name, is not as old as that one.
func TestHistoryOfTheKeyNotOfTheFile(t *testing.T) {
	env := testEnv(t)
	run(t, env, "git", "init", "-q", env.Home)
	path := filepath.Join(env.Home, ".ssh", "id")
	commit := func(date string) {
		run(t, env, "git", "-C", env.Home, "add", path+".pub")
		run(t, env, "git", "-C", env.Home, "commit", "-qm", "key", "--date", date)
	}
	newKey(t, env, path, "")
	commit("2020-01-02T03:04:05Z")
	for _, file := range []string{path, path + ".pub"} {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	newKey(t, env, path, "")
	for _, e := range look(t, env, path).Evidence {
		if e.Source == FromGit {
			t.Errorf("the new key is not in any commit: %+v", e)
		}
	}
	commit("2021-02-03T04:05:06Z")
	if e := look(t, env, path).Evidence[0]; e.Source != FromGit || e.At.Year() != 2021 {
		t.Errorf("oldest evidence %+v, want the commit of 2021", e)
	}
}

func TestEmptyRepository(t *testing.T) {
	env := testEnv(t)
	run(t, env, "git", "init", "-q", env.Home)
	path := filepath.Join(env.Home, ".ssh", "id")
	newKey(t, env, path, "")
	if r := look(t, env, path).Files[0].Place.Repository; r == nil || r.State != GitUntracked || r.InHistory != No {
		t.Errorf("%+v", r)
	}
}

// TestDamagedRepository takes away what git knows a repository by. Git goes on to the one around it, if there is one, as if
// there were no other; whether the key is in the damaged one's history is not known, and that is said.
func TestDamagedRepository(t *testing.T) {
	for _, around := range []bool{false, true} {
		env := testEnv(t)
		if around {
			run(t, env, "git", "init", "-q", env.Home)
		}
		top := filepath.Join(env.Home, "repo")
		run(t, env, "git", "init", "-q", top)
		path := filepath.Join(top, "id")
		newKey(t, env, path, "")
		if err := os.Remove(filepath.Join(top, ".git", "HEAD")); err != nil {
			t.Fatal(err)
		}
		k, err := Look(t.Context(), path, env)
		if err != nil || len(k.Problems) != 1 || !strings.Contains(k.Problems[0].Err.Error(), "does not take") {
			t.Fatalf("inside another: %v: %+v, %v; want one problem", around, k.Problems, err)
		}
		if r := k.Files[0].Place.Repository; r == nil || r.State != GitUnknown || r.InHistory != Unknown {
			t.Errorf("inside another: %v: %+v", around, r)
		}
	}
}

func TestGitThatCannotBeAsked(t *testing.T) {
	env := testEnv(t)
	write(t, filepath.Join(env.Home, ".git", "HEAD"), "ref: refs/heads/main\n")
	env.Environ = []string{"PATH=" + t.TempDir()}
	path := filepath.Join(env.Home, ".ssh", "id")
	newKey(t, testEnv(t), path, "")
	k, err := Look(t.Context(), path, env)
	if err != nil || len(k.Problems) != 1 {
		t.Fatalf("%+v, %v; want one problem", k, err)
	}
	if r := k.Files[0].Place.Repository; r == nil || r.State != GitUnknown || r.Root != resolve(env.Home) {
		t.Errorf("%+v", r)
	}
}
