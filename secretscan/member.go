package secretscan

import "strings"

// memberMark stands between the path of a container and that of what is in it: "app.jar!config/.env".
const memberMark = "!"

// asDirectories returns the path of a container's member as if the container were a directory, and any other path as it is.
func asDirectories(path string) string { return strings.ReplaceAll(path, memberMark, "/") }

// onPath reports whether a condition holds for a path, or for it with containers taken for directories: an expression such as
// (^|/)\.env$ is about members at the root of a container, too.
func onPath(path string, holds func(string) bool) bool {
	return holds(path) || strings.Contains(path, memberMark) && holds(asDirectories(path))
}
