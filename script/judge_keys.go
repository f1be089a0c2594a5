package script

import (
	"strings"

	"keysweep/script/internal/shell"
)

// judgeMetadata looks for credentials of the metadata service that go to a file.
func judgeMetadata(p *program) {
	for _, c := range p.Commands {
		d, ok := downloadOf(c)
		if !ok {
			continue
		}
		for _, u := range d.urls {
			if !givesCredentials(u.Value) {
				continue
			}
			file := d.file
			if file == "" {
				for _, w := range targets(c) {
					file = w.Value
				}
			}
			if file != "" && !isDevice(file) {
				p.say(metadataToFile, c.Span, "credentials of the metadata service are written to "+shown(file))
			}
		}
	}
}

// givesCredentials reports whether a URL of a metadata service gives credentials: AWS's security-credentials, Google's and Azure's tokens.
func givesCredentials(u string) bool {
	switch {
	case strings.Contains(u, "169.254.169.254") || strings.Contains(u, "metadata.google.internal") || strings.Contains(u, "[fd00:ec2::254]"):
		return strings.Contains(u, "/security-credentials") || strings.Contains(u, "/service-accounts/") && (strings.Contains(u, "/token") || strings.Contains(u, "/identity")) ||
			strings.Contains(u, "/identity/oauth2/token") || strings.Contains(u, "/user-data")
	case strings.Contains(u, "169.254.170.2"):
		return true
	case strings.Contains(u, "100.100.100.200"):
		return strings.Contains(u, "/ram/security-credentials")
	}
	return false
}

// judgeTransfer looks for private keys that are copied to other machines.
func judgeTransfer(p *program) {
	for _, c := range p.Commands {
		if w := sendsKey(c); w != nil {
			p.say(keyTransfer, w.Span, "a private key is sent away by "+c.Name)
		}
	}
}

// sendsKey returns the word that names a private key which a command sends away.
func sendsKey(c *shell.Command) *shell.Word {
	args := words(c)
	var operands []*shell.Word
	switch c.Name {
	case "scp", "rsync", "sftp":
		short := "cFiJloPSXD"
		if c.Name == "rsync" {
			short = "efTBM"
		}
		operands = sorted(args, short, "rsh", "exclude", "include", "files-from").operands
		if !remote(operands) {
			return nil
		}
	case "curl":
		for _, o := range sorted(args, curlShort, curlLong()...).options {
			file := o.value
			switch o.name {
			case "F", "form", "d", "data", "data-binary", "data-raw":
				_, file, _ = strings.Cut(file, "@")
				file, _, _ = strings.Cut(file, ";")
			case "T", "upload-file":
			default:
				continue
			}
			if shell.IsPrivateKey(file) {
				return o.word
			}
		}
	case "aws":
		if says(c, "s3 cp") || says(c, "s3 sync") || says(c, "s3 mv") {
			operands = sourcesOf(args)
		}
	case "gsutil", "gcloud", "rclone", "az", "mc", "s3cmd", "azcopy", "doctl", "lftp":
		operands = sourcesOf(args)
	case "mail", "mailx", "mutt", "sendmail", "nc", "ncat", "telnet", "socat":
		operands = args
		for _, d := range c.Redirects {
			if d.Op == "<" {
				operands = append(operands, d.Target)
			}
		}
	case "cat", "base64", "tar":
		if sentOn(c) {
			operands = args
		}
	}
	for _, w := range operands {
		name := w.Value
		if i := strings.IndexByte(name, ':'); i > 0 && !strings.Contains(name[:i], "/") {
			continue // it is fetched
		}
		if shell.IsPrivateKey(name) || base(name) == ".ssh" {
			return w
		}
	}
	return nil
}

// remote reports whether the last of some operands names another machine.
func remote(operands []*shell.Word) bool {
	if len(operands) < 2 {
		return false
	}
	last := operands[len(operands)-1].Value
	i := strings.IndexByte(last, ':')
	return i > 0 && !strings.Contains(last[:i], "/") || strings.Contains(last, "::") || strings.HasPrefix(last, "rsync://")
}

// sourcesOf returns the operands before the last: what is copied.
func sourcesOf(args []*shell.Word) []*shell.Word {
	if len(args) < 2 {
		return nil
	}
	return args[:len(args)-1]
}

// sentOn reports whether a command's output goes to a program that sends it away.
func sentOn(c *shell.Command) bool {
	if c.Pipeline == nil || c.Inside {
		return false
	}
	for _, stage := range c.Pipeline.Stages[min(c.Stage+1, len(c.Pipeline.Stages)):] {
		for _, next := range stage {
			switch next.Name {
			case "ssh", "nc", "ncat", "mail", "mailx", "curl", "socat", "telnet":
				return true
			}
			if next.Wrapped("ssh") {
				return true
			}
		}
	}
	return false
}
