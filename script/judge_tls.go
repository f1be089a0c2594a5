package script

import (
	"strings"

	"keysweep/script/internal/shell"
)

// judgeTLS looks for certificates that are not checked.
func judgeTLS(p *program) {
	for _, c := range p.Commands {
		if w, what := unverified(c); w != nil {
			p.say(tlsVerifyOff, w.Span, what)
		}
	}
	for _, a := range p.Assigns {
		if a.Value == nil {
			continue
		}
		v := strings.ToLower(a.Value.Value)
		off := v == "0" || v == "false" || v == "no"
		on := v == "1" || v == "true" || v == "yes"
		switch a.Name {
		case "GIT_SSL_NO_VERIFY", "CURL_INSECURE":
			off = on
		case "NODE_TLS_REJECT_UNAUTHORIZED", "PYTHONHTTPSVERIFY", "AWS_VERIFY_SSL", "NPM_CONFIG_STRICT_SSL", "npm_config_strict_ssl":
		case "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE":
			off = v == "" && a.Value.Literal
		case "GONOSUMDB", "GONOSUMCHECK", "GOINSECURE":
			off = v == "*"
		default:
			off = false
		}
		if off {
			p.say(tlsVerifyOff, a.Span, a.Name+" switches the check of certificates off")
		}
	}
}

// unverified returns the word with which a command switches the check off.
func unverified(c *shell.Command) (*shell.Word, string) {
	const off = " does not check the certificate"
	switch c.Name {
	case "curl":
		d, _ := downloadOf(c)
		for _, name := range []string{"k", "insecure", "proxy-insecure", "doh-insecure"} {
			if o, ok := d.options.get(name); ok && !d.local() {
				return o.word, "curl" + off
			}
		}
	case "wget", "wget2":
		d, _ := downloadOf(c)
		if o, ok := d.options.get("no-check-certificate"); ok && !d.local() {
			return o.word, "wget" + off
		}
	case "git":
		return wordOf(c, "git"+off, func(v string) bool {
			lower := strings.ToLower(v)
			return lower == "http.sslverify=false" || lower == "http.sslverify=0"
		}, func(v, next string) bool {
			return strings.EqualFold(v, "http.sslVerify") && (next == "false" || next == "0")
		})
	case "pip", "pip3", "python", "python3", "uv", "pipx":
		return wordOf(c, "pip"+off, func(v string) bool { return v == "--trusted-host" || strings.HasPrefix(v, "--trusted-host=") }, nil)
	case "npm", "yarn", "pnpm":
		return wordOf(c, c.Name+off, func(v string) bool {
			return v == "--strict-ssl=false" || v == "strict-ssl=false" || v == "--no-strict-ssl"
		},
			func(v, next string) bool { return (v == "strict-ssl" || v == "--strict-ssl") && next == "false" })
	case "apt", "apt-get", "aptitude":
		return wordOf(c, "apt"+off, func(v string) bool {
			return strings.Contains(v, "Verify-Peer=false") || strings.Contains(v, "Verify-Host=false") || strings.Contains(v, "Verify-Peer=0")
		}, nil)
	case "yum", "dnf", "microdnf":
		return wordOf(c, c.Name+off, func(v string) bool {
			return strings.Contains(v, "sslverify=false") || strings.Contains(v, "sslverify=0")
		}, nil)
	case "aws":
		return wordOf(c, "aws"+off, func(v string) bool { return v == "--no-verify-ssl" }, nil)
	case "conda", "mamba":
		return wordOf(c, c.Name+off, nil, func(v, next string) bool { return v == "ssl_verify" && strings.EqualFold(next, "false") })
	case "http", "https":
		return wordOf(c, "httpie"+off, func(v string) bool { return v == "--verify=no" || v == "--verify=false" }, nil)
	case "kubectl", "helm", "oc", "argocd", "vault", "skopeo", "podman", "buildah", "terraform", "az", "rclone", "mc":
		return wordOf(c, c.Name+off, func(v string) bool {
			switch v {
			case "--insecure-skip-tls-verify", "--insecure-skip-tls-verify=true", "-tls-skip-verify", "--tls-verify=false", "--src-tls-verify=false",
				"--dest-tls-verify=false", "--no-check-certificate":
				return true
			}
			return false
		}, nil)
	}
	return nil, ""
}

// wordOf returns the first of a command's words that one of two conditions holds for.
func wordOf(c *shell.Command, what string, one func(string) bool, two func(v, next string) bool) (*shell.Word, string) {
	for i, w := range words(c) {
		if one != nil && one(w.Value) || two != nil && two(w.Value, c.Argument(i+2)) {
			return w, what
		}
	}
	return nil, ""
}
