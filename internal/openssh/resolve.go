package openssh

import (
	"context"
	"strings"
	"sync"

	"keysweep/internal/process"
)

// carried are the settings of ssh's configuration that say where a host is and how to speak to it. A login under strict
// options reads no configuration and is given these by hand. None of them brings a key, an agent or a command into play.
var carried = sync.OnceValue(func() map[string]bool {
	return map[string]bool{
		"hostname": true, "user": true, "port": true, "hostkeyalias": true, "userknownhostsfile": true,
		"globalknownhostsfile": true, "knownhostscommand": true, "stricthostkeychecking": true, "checkhostip": true,
		"verifyhostkeydns": true, "addressfamily": true, "bindaddress": true, "bindinterface": true, "kexalgorithms": true,
		"ciphers": true, "macs": true, "hostkeyalgorithms": true, "pubkeyacceptedalgorithms": true,
		"pubkeyacceptedkeytypes": true, "casignaturealgorithms": true, "requiredrsasize": true, "securitykeyprovider": true,
		"proxycommand": true, "proxyjump": true, "proxyusefdpass": true,
	}
})

// resolve asks ssh -G what the user's configuration makes of a target, and returns it as options for an ssh that reads no
// configuration. What the configuration leaves as it is is left out: to say it would change its meaning, as the order of
// HostKeyAlgorithms does.
func (t *Tools) resolve(ctx context.Context, target Target) ([]string, error) {
	settings, err := t.settings(ctx, t.Config, target)
	if err != nil {
		return nil, err
	}
	defaults, err := t.settings(ctx, "none", target)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, s := range defaults {
		known[s] = true
	}
	var args []string
	for _, s := range settings {
		name, value, _ := strings.Cut(s, " ")
		switch {
		case !carried()[name] || known[s] || value == "":
		case name == "proxyjump" && value == "none", name == "proxycommand" && value == "none":
		case name == "proxyjump":
			jump, err := t.jump(value)
			if err != nil {
				return nil, err
			}
			args = append(args, option("ProxyCommand", jump)...)
		default:
			args = append(args, option(name, value)...)
		}
	}
	return args, nil
}

// settings returns the lines of ssh -G under a configuration; "" is the user's own.
func (t *Tools) settings(ctx context.Context, config string, target Target) ([]string, error) {
	args := []string{"-G"}
	if config != "" {
		args = append(args, "-F", config)
	}
	if t.AcceptNew {
		args = append(args, "-o", "StrictHostKeyChecking=accept-new")
	}
	cmd, err := t.command(ctx, "ssh", append(args, target.args()...)...)
	if err != nil {
		return nil, err
	}
	var said note
	out := capped{limit: outputLimit}
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := process.Run(cmd); err != nil {
		return nil, connectionError(ctx, target, &said, err)
	}
	return strings.Split(strings.TrimSpace(string(out.kept)), "\n"), nil
}

// jump makes a ProxyCommand of a list of jump hosts. They are passed with the user's own configuration and keys: what is to
// be proven is the login at the end of the way, not the way.
func (t *Tools) jump(list string) (string, error) {
	path, err := t.lookUp("ssh")
	if err != nil {
		return "", err
	}
	words := []string{quote(path)}
	if t.Config != "" {
		words = append(words, "-F", quote(t.Config))
	}
	words = append(words, "-o", "BatchMode=yes", "-o", "ControlPath=none", "-W", "'[%h]:%p'")
	before, last := "", list
	if i := strings.LastIndexByte(list, ','); i >= 0 {
		before, last = list[:i], list[i+1:]
	}
	if before != "" {
		words = append(words, "-J", quote(before))
	}
	host, err := ParseTarget(last)
	if err != nil {
		return "", err
	}
	for _, arg := range host.args() {
		words = append(words, quote(arg))
	}
	return strings.Join(words, " "), nil
}
