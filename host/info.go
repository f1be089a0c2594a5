package host

import "io/fs"

// InfoOf returns what the system says of a file, as a source tells it; link is where it leads if it is one.
func InfoOf(name string, fi fs.FileInfo, link string) Info {
	uid, gid := owner(fi)
	return Info{Path: name, Name: fi.Name(), Mode: fi.Mode(), UID: uid, GID: gid, Size: fi.Size(), Time: fi.ModTime(), Link: link}
}
