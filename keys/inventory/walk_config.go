package inventory

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"keysweep/keys/authorized"
	"keysweep/keys/sshconfig"
)

// config looks at the files that a configuration of the SSH client names. dir is where its relative includes lie.
func (w *walker) config(path, dir string) {
	if _, err := os.Stat(path); gone(err) {
		return
	}
	config, err := sshconfig.Read(path, sshconfig.Options{ReadFile: readSmall, Glob: filepath.Glob, Home: w.env.Home, Dir: dir})
	if err != nil {
		w.problem(path, "", err)
		return
	}
	w.found.Sources = append(w.found.Sources, config.Files...)
	told := map[string]bool{} // files that include each other are read again and again
	for _, p := range config.Problems {
		if !told[p.Error()] {
			told[p.Error()] = true
			w.problem(fmt.Sprintf("%s:%d", p.File, p.Line), "", p.Err)
		}
	}
	for _, identity := range config.Identities() {
		w.identity(identity)
	}
}

// identity looks at one file that a block names. What depends on the connection cannot be followed.
func (w *walker) identity(identity sshconfig.Identity) {
	file, ok := sshconfig.Expand(identity.Value, w.env.Home, nil)
	use := useOf(identity.Block, identity.Line)
	if use.File = file; !ok {
		use.File = identity.Value
		if !strings.HasPrefix(identity.Value, "SSH_AUTH_SOCK") {
			w.skip("files in the configuration whose names depend on the connection", identity.Value)
		}
		return
	}
	if !filepath.IsAbs(file) { // relative to wherever ssh is started
		w.skip("files in the configuration whose names depend on the connection", identity.Value)
		return
	}
	private := strings.TrimSuffix(file, pubSuffix)
	_, err := os.Stat(file)
	switch {
	case gone(err) && !identity.Certificate: // ssh takes the .pub alone if the agent holds the private half
		if i, err := w.file(private+pubSuffix, false); err == nil && i >= 0 {
			w.found.Keys[i].addUse(use)
			return
		}
		w.found.Missing = append(w.found.Missing, use)
		return
	case gone(err):
		w.found.Missing = append(w.found.Missing, use)
		return
	}
	i, err := w.file(file, true)
	switch {
	case err != nil:
		w.problem(file, "", err)
	case i >= 0:
		w.found.Keys[i].addUse(use)
	}
}

func (k *Key) addUse(use Use) {
	if !slices.ContainsFunc(k.Hosts, func(u Use) bool { return alike(u, use) }) {
		k.Hosts = append(k.Hosts, use)
	}
}

// useOf says for whom a block is. One that was included within another counts for the outer one's hosts, if it names none itself.
func useOf(b *sshconfig.Block, line int) Use {
	use := Use{Path: b.File, Line: line}
	if name, ok := b.First("hostname"); ok {
		use.HostName = name
	}
	if only, ok := b.First("identitiesonly"); ok {
		use.Only = strings.EqualFold(only, "yes")
	}
	for b.Kind == sshconfig.Global && b.Within != nil {
		b = b.Within
	}
	use.Patterns, use.Match = b.Patterns, b.Kind == sshconfig.ForMatch
	return use
}

// authorized looks at who may log in as the user.
func (w *walker) authorized(path string) {
	info, err := os.Stat(path)
	if gone(err) {
		return
	}
	var data []byte
	if err == nil {
		data, err = readSmall(path)
	}
	if err != nil {
		w.problem(path, "read", plain(err))
		return
	}
	w.found.Sources = append(w.found.Sources, path)
	for _, line := range authorized.Parse(data) {
		if line.Kind != authorized.Entry {
			continue
		}
		_, ca := line.Options.Get("cert-authority")
		key := line.Public.Key()
		k := Key{Public: &key, Comment: line.Comment, Authorized: []Line{{
			Path: path, Number: line.Number, Comment: line.Comment, Options: line.OptionsText, CA: ca, Refused: !line.Usable(),
		}}}
		k.addEvidence(FromAuthorized, info.ModTime(), path)
		k.describe()
		w.join(k)
	}
}
