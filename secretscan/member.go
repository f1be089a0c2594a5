package secretscan

import "strings"

const (
	// memberMark stands between the path of a container and that of what is in it: "app.jar!config/.env". People see it.
	memberMark = "!"
	// memberSign is the mark for the engine: names have no zero bytes, but some have a "!".
	memberSign = memberMark + "\x00"
)

// MemberPath returns the path, for Blob.Path and Court, of a member of the container at a path. Within the member's own path containers in one
// another have "!" between them.
func MemberPath(container, member string) string { return container + memberSign + member }

// ShownPath returns a path, of a Blob, as people know it and as places of findings have it.
func ShownPath(path string) string { return strings.Replace(path, memberSign, memberMark, 1) }

// asDirectories returns the path of a container's member as if the container were a directory, and any other path as it is.
func asDirectories(path string) string {
	container, member, inside := strings.Cut(path, memberSign)
	if !inside {
		return path
	}
	return container + "/" + strings.ReplaceAll(member, memberMark, "/")
}

// onPath reports whether a condition holds for a path, or for it with containers taken for directories: an expression such as
// (^|/)\.env$ is about members at the root of a container, too.
func onPath(path string, holds func(string) bool) bool {
	if !strings.Contains(path, memberSign) {
		return holds(path)
	}
	return holds(ShownPath(path)) || holds(asDirectories(path))
}
