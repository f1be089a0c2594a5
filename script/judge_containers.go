package script

import (
	"strings"

	"keysweep/finding"
	"keysweep/script/internal/shell"
)

// judgeContainers looks for containers with the rights of the machine, and for ports that are open to everybody.
func judgeContainers(p *program) {
	for _, c := range p.Commands {
		switch c.Name {
		case "docker", "podman", "nerdctl":
		default:
			continue
		}
		if !says(c, "run") && !says(c, "create") {
			continue
		}
		for _, o := range runOptions(c) {
			if what := rights(o.name, o.value); what != "" {
				p.say(privilegedBox, o.word.Span, what).severity = severityOf(o.name)
			}
			if (o.name == "p" || o.name == "publish") && c.Name != "podman" && !p.part.ci {
				if port, severity, open := openPort(o.value); open {
					p.say(publicPort, o.word.Span, "port "+port+" is open to everybody").severity = severity
				}
			}
		}
	}
}

// runOptions returns the options of docker run, up to the image's name: what follows is for the program in it.
func runOptions(c *shell.Command) []option {
	args := words(c)
	for len(args) > 0 && args[0].Value != "run" && args[0].Value != "create" {
		args = args[1:]
	}
	if len(args) == 0 {
		return nil
	}
	args = args[1:]
	end := 0
	for end < len(args) {
		v := args[end].Value
		if !strings.HasPrefix(v, "-") {
			break
		}
		end++
		long := strings.HasPrefix(v, "--")
		if long && !strings.Contains(v, "=") && !dockerSwitch(v[2:]) || !long && strings.ContainsAny(v[len(v)-1:], "vpewuhlmac") && !strings.Contains(v[1:len(v)-1], "=") {
			if !long && len(v) > 2 && strings.IndexByte("vpewuhlmac", v[1]) >= 0 {
				continue
			}
			end++
		}
	}
	return sorted(args[:min(end, len(args))], "vpewuhlmac", "volume", "publish", "env", "mount", "name", "network", "net", "pid", "ipc", "userns", "cap-add", "device", "security-opt", "restart", "label", "user", "workdir", "entrypoint", "env-file", "cgroupns").options
}

// dockerSwitch reports whether a long option of docker run takes no value.
func dockerSwitch(name string) bool {
	switch name {
	case "rm", "privileged", "detach", "interactive", "tty", "init", "read-only", "publish-all", "no-healthcheck", "oom-kill-disable", "sig-proxy", "quiet":
		return true
	}
	return false
}

// rights says what an option gives a container that it should not have; "" if nothing.
func rights(name, value string) string {
	switch name {
	case "privileged":
		return ifTrue(value != "false", "the container is privileged")
	case "v", "volume", "mount":
		return mounts(value)
	case "pid", "ipc", "userns":
		return ifTrue(value == "host", "the container shares the machine's "+map[string]string{"pid": "processes", "ipc": "memory", "userns": "users"}[name])
	case "network", "net":
		return ifTrue(value == "host", "the container shares the machine's network: all of its ports are the machine's, and it reaches those of loopback")
	case "cap-add":
		v := strings.TrimPrefix(strings.ToUpper(value), "CAP_")
		return ifTrue(v == "ALL" || v == "SYS_ADMIN" || v == "SYS_MODULE" || v == "SYS_PTRACE", "the container gets the capability "+value)
	case "security-opt":
		return ifTrue(strings.HasSuffix(value, "unconfined"), "the container runs without a profile ("+value+")")
	}
	return ""
}

// severityOf is how bad a right is; 0 for the rule's own. Who shares the network has none of the machine's files and processes.
func severityOf(name string) finding.Severity {
	if name == "network" || name == "net" {
		return finding.Medium
	}
	return 0
}

// mounts says what is wrong with what is mounted into a container.
func mounts(value string) string {
	source := value
	for _, f := range strings.Split(value, ",") {
		if v, ok := strings.CutPrefix(f, "source="); ok {
			source = v
		} else if v, ok := strings.CutPrefix(f, "src="); ok {
			source = v
		}
	}
	from, _, _ := strings.Cut(source, ":")
	switch strings.TrimRight(from, "/") {
	case "/var/run/docker.sock", "/run/docker.sock", "/var/run/podman/podman.sock", "/run/podman/podman.sock", "/run/containerd/containerd.sock", "/var/run/containerd/containerd.sock", "/var/run/crio/crio.sock":
		return "the container gets the socket of the container engine"
	case "":
		return ifTrue(from == "/", "the container gets the machine's whole file system")
	case "/etc", "/root", "/boot", "/proc", "/sys":
		return ifTrue(!strings.HasSuffix(value, ":ro") && !strings.Contains(value, "readonly"), "the container gets the machine's "+from)
	}
	return ""
}

// openPort judges a published port.
func openPort(value string) (port string, severity finding.Severity, open bool) {
	value, _, _ = strings.Cut(value, "/")
	value = strings.TrimPrefix(strings.Trim(value, `"'`), "=")
	if strings.HasPrefix(value, "[") {
		end := strings.IndexByte(value, ']')
		if end < 0 || value[:end+1] != "[::]" {
			return "", 0, false
		}
		value = strings.TrimPrefix(value[end+1:], ":")
	}
	fields := strings.Split(value, ":")
	if len(fields) == 3 {
		if fields[0] != "0.0.0.0" && fields[0] != "*" && fields[0] != "" {
			return "", 0, false
		}
		fields = fields[1:]
	}
	if len(fields) != 2 || fields[0] == "" || strings.Trim(fields[0], "0123456789-") != "" {
		return "", 0, false // a port that the engine chooses, or one that is not known
	}
	switch fields[0] {
	case "80", "443":
		return "", 0, false
	}
	severity = finding.Medium
	for _, port := range []string{fields[0], fields[len(fields)-1]} {
		if sensitive(port) {
			severity = finding.High
		}
	}
	return fields[0], severity, true
}

// sensitive reports whether a port is one of databases, caches, engines and consoles, which are not made for the open net.
func sensitive(port string) bool {
	switch port {
	case "1433", "1521", "2049", "2375", "2376", "2379", "2380", "3306", "3389", "4369", "5000", "5432", "5601", "5672", "5900", "5984", "6379", "6443", "7000", "7474",
		"8086", "8332", "8428", "8500", "8545", "8546", "8551", "9000", "9042", "9090", "9092", "9100", "9200", "9300", "11211", "15672", "18332", "26657", "26379", "27017", "27018", "28017", "50070":
		return true
	}
	return false
}
