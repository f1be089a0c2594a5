package sshd

import (
	"bytes"
	"context"
	"strings"

	"keysweep/host"
)

// Binaries are where sshd is installed.
var binaries = []string{"/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd", "/sbin/sshd"}

// Binary returns where sshd is installed. The error wraps fs.ErrNotExist if it is not.
func Binary(src host.Source) (string, error) {
	var missing error
	for _, path := range binaries {
		_, err := src.Stat(path)
		if err == nil {
			return path, nil
		}
		if !host.Missing(err) {
			return "", err
		}
		missing = err
	}
	return "", missing
}

// FindVersion finds out the version of sshd: from itself, or from what the package manager noted. Unknown is the zero Version.
func FindVersion(src host.Source) Version {
	ctx := context.Background()
	for _, argv := range [][]string{{"sshd", "-V"}, {"ssh", "-V"}} {
		out, err := src.Run(ctx, argv...)
		if err != nil {
			continue
		}
		if v, ok := parseBanner(append(bytes.Clone(out.Stderr), out.Stdout...)); ok {
			return v.from(src)
		}
	}
	for _, db := range []struct{ path, name, version string }{
		{"/var/lib/dpkg/status", "Package: openssh-server", "Version: "},
		{"/lib/apk/db/installed", "P:openssh-server", "V:"},
	} {
		f, err := src.Read(db.path)
		if err != nil {
			continue
		}
		if v, ok := fromPackages(string(f.Data), db.name, db.version); ok {
			return v.from(src)
		}
	}
	return Version{}
}

// fromPackages finds the version of a package in a list of paragraphs.
func fromPackages(list, name, version string) (Version, bool) {
	for paragraph := range strings.SplitSeq(list, "\n\n") {
		found := false
		for l := range strings.Lines(paragraph) {
			found = found || strings.TrimSpace(l) == name
		}
		for l := range strings.Lines(paragraph) {
			if text, ok := strings.CutPrefix(strings.TrimSpace(l), version); ok && found {
				return parsePackage(text)
			}
		}
	}
	return Version{}, false
}

// from adds the distribution, whose patches matter, to a version that does not name it.
func (v Version) from(src host.Source) Version {
	f, err := src.Read("/etc/os-release")
	if err != nil || patched(v) {
		return v
	}
	for _, name := range []string{"Debian", "Ubuntu"} {
		if bytes.Contains(f.Data, []byte(name)) {
			v.Text += " " + name
			break
		}
	}
	return v
}
