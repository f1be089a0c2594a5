package script

import (
	"bytes"
	"path"
	"strings"

	"keysweep/script/internal/shell"
)

// form is what a text is, as a whole.
type form int

const (
	nothing form = iota
	script
	bootHook
	startup // read by a shell at its start
	history
	cloudConfig
	archive     // #cloud-config-archive
	jsonPatch   // #cloud-config-jsonp
	partHandler // #part-handler, a program in Python
	include
	mimeForm
	compressed
	encoded
	unit
	crontab
	dockerfile
	compose
	terraform
	cloudFormation
	kubernetes
	workflow
)

// recognise says what a file is by its name and its beginning.
func recognise(name string, data []byte) form {
	if f := byContent(data); f != nothing {
		return f
	}
	if f := byName(name); f != nothing {
		return f
	}
	if isBase64(data) && beginsAsUserData(data) {
		return encoded
	}
	return byKeys(name, data)
}

// beginsAsUserData reports whether base64 stands for a text that says itself what it is.
func beginsAsUserData(data []byte) bool {
	const enough = 32 // whole groups of four, and less than isBase64 wants
	head, ok := decodeBase64(bytes.TrimSpace(data)[:enough])
	return ok && byContent(head) != nothing
}

// byContent goes by how a text begins, as cloud-init and the kernel do
// (https://cloudinit.readthedocs.io/en/latest/explanation/format.html).
func byContent(data []byte) form {
	head := bytes.TrimLeft(bytes.TrimPrefix(data[:min(len(data), 1024)], []byte("\xef\xbb\xbf")), " \t\r\n")
	has := func(s string) bool { return bytes.HasPrefix(head, []byte(s)) }
	switch {
	case has("\x1f\x8b"):
		return compressed
	case has("#cloud-config-archive"):
		return archive
	case has("#cloud-config-jsonp"):
		return jsonPatch
	case has("#cloud-config"):
		return cloudConfig
	case has("#part-handler"):
		return partHandler
	case has("#cloud-boothook"):
		return bootHook
	case has("#include"):
		if has("#include <") || has("#include \"") {
			return nothing // a program in C
		}
		return include
	case has("## template:"):
		_, rest, _ := bytes.Cut(head, []byte("\n"))
		return byContent(rest)
	case has("MIME-Version:") || has("Content-Type: multipart/"):
		return mimeForm
	}
	if by := shell.Interpreter(data); shell.IsShell(by) {
		return script
	}
	return nothing
}

// byName goes by the names that the programs give which read these files.
func byName(name string) form {
	for _, ext := range []string{".tmpl", ".j2", ".tpl", ".tftpl", ".erb", ".in"} {
		if stem, ok := strings.CutSuffix(name, ext); ok {
			return byName(stem)
		}
	}
	lower := strings.ToLower(path.Base(name))
	slash := "/" + strings.TrimPrefix(name, "/")
	switch lower {
	case ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".bash_aliases", ".profile", ".zshrc", ".zprofile", ".zshenv", ".zlogin", ".kshrc", ".mkshrc", ".xprofile", ".xinitrc", ".xsessionrc", "bash.bashrc", "zshrc", "zshenv", "zprofile":
		return startup
	case ".bash_history", ".zsh_history", ".sh_history", ".ash_history", ".history":
		return history
	case "rc.local":
		return script
	case "crontab":
		return crontab
	case "dockerfile", "containerfile":
		return dockerfile
	case "compose.yml", "compose.yaml", "docker-compose.yml", "docker-compose.yaml":
		return compose
	case ".gitlab-ci.yml":
		return workflow
	case "cloud.cfg":
		return cloudConfig
	}
	switch path.Ext(lower) {
	case ".sh", ".bash", ".zsh", ".ksh", ".mksh":
		return script
	case ".service", ".socket", ".timer", ".mount", ".path", ".automount":
		return unit
	case ".tf", ".tofu":
		return terraform
	case ".dockerfile", ".containerfile":
		return dockerfile
	}
	switch {
	case strings.HasPrefix(lower, "dockerfile.") || strings.HasPrefix(lower, "containerfile."):
		return dockerfile
	case strings.Contains(slash, "/cron.d/") || strings.Contains(slash, "/spool/cron/"):
		return crontab
	case strings.Contains(slash, "/etc/profile"):
		return startup
	case strings.Contains(slash, "/cloud.cfg.d/") && path.Ext(lower) == ".cfg":
		return cloudConfig
	case strings.Contains(slash, "/systemd/") && strings.HasSuffix(slash, ".conf") && strings.Contains(slash, ".d/"):
		return unit
	case (strings.HasPrefix(lower, "docker-compose") || strings.HasPrefix(lower, "compose.")) && isYAML(lower):
		return compose
	case strings.Contains(slash, "/.github/workflows/") && isYAML(lower):
		return workflow
	case (lower == "action.yml" || lower == "action.yaml"):
		return workflow
	}
	return nothing
}

func isYAML(name string) bool {
	return strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".yaml")
}

// byKeys goes by what stands in YAML and JSON, and takes base64 off what is called user data.
func byKeys(name string, data []byte) form {
	lower := strings.ToLower(path.Base(name))
	ext := path.Ext(lower)
	if strings.HasPrefix(lower, "user-data") || strings.HasPrefix(lower, "user_data") || strings.HasPrefix(lower, "userdata") {
		if isBase64(data) {
			return encoded
		}
		if ext == "" || ext == ".txt" {
			return nothing
		}
	}
	if !isYAML(lower) && ext != ".json" && ext != ".template" {
		return nothing
	}
	has := func(s string) bool { return bytes.Contains(data, []byte(s)) }
	switch {
	case has("AWSTemplateFormatVersion") || has("AWS::EC2::") || has("AWS::AutoScaling::"):
		return cloudFormation
	case atLineStart(data, "apiVersion:") && atLineStart(data, "kind:"):
		return kubernetes
	case atLineStart(data, "services:") && (has("image:") || has("build:")):
		return compose
	}
	return nothing
}

func atLineStart(data []byte, key string) bool {
	return bytes.HasPrefix(data, []byte(key)) || bytes.Contains(data, []byte("\n"+key))
}

// isBase64 reports whether data is base64 and nothing else.
func isBase64(data []byte) bool {
	const least = 40
	trimmed := bytes.TrimSpace(data)
	if len(trimmed) < least {
		return false
	}
	for _, b := range trimmed {
		if !('a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '+' || b == '/' || b == '=' || b == '\n' || b == '\r' || b == '-' || b == '_') {
			return false
		}
	}
	return true
}
