package script

import (
	"slices"
	"strings"

	"keysweep/script/internal/shell"
)

// checked reports whether a file that a command downloads is checked against a checksum or a signature before it is used.
func (p *program) checked(by *shell.Command, file string) bool {
	if file == "(pipe)" {
		return false
	}
	if !p.file.spend(40 * len(p.Commands)) {
		return false
	}
	firstUse := -1
	for _, c := range p.Commands {
		if c.Seq > by.Seq && c.Function == by.Function && firstUse < 0 && uses(c, file) != "" && !strings.Contains("unpacked made a program", uses(c, file)) {
			firstUse = c.Seq
		}
	}
	for _, c := range p.Commands {
		if c.Function == by.Function && (c.Seq < by.Seq || firstUse >= 0 && c.Seq > firstUse) || !sameScope(file, c, by) {
			continue
		}
		if p.checks(c, file) {
			return true
		}
	}
	return false
}

// checks reports whether a command checks a file.
func (p *program) checks(c *shell.Command, file string) bool {
	switch c.Name {
	case "sha256sum", "sha512sum", "sha384sum", "sha224sum", "shasum", "b2sum", "b3sum", "sha256", "sha512", "cksum", "rhash", "sha3sum":
		if c.Name == "shasum" && !slices.ContainsFunc(words(c), func(w *shell.Word) bool {
			return strings.Contains(w.Value, "256") || strings.Contains(w.Value, "512") || strings.Contains(w.Value, "384")
		}) {
			return false // SHA-1
		}
		return p.sums(c, file)
	case "openssl":
		return (says(c, "dgst") || says(c, "pkeyutl") || says(c, "cms") || says(c, "smime")) && mentions(c, file)
	case "gpg", "gpg2", "gpgv", "gpgv2":
		return (c.Name[len(c.Name)-1] == 'v' || strings.HasPrefix(c.Name, "gpgv") || says(c, "--verify") || says(c, "--verify-files")) && (mentions(c, file) || mentionsAny(c, ".asc", ".sig", ".sign", ".gpg", "SUMS", "sums"))
	case "cosign", "slsa-verifier", "notation":
		return strings.Contains(all(c), " verify") && mentions(c, file)
	case "minisign", "signify", "signify-openbsd":
		return strings.Contains(all(c), " -V") && (mentions(c, file) || mentionsAny(c, ".minisig", ".sig"))
	case "ssh-keygen":
		return says(c, "-Y verify")
	case "gh":
		return says(c, "attestation verify") && mentions(c, file)
	case "rpm", "rpmkeys":
		return (says(c, "-K") || says(c, "--checksig")) && mentions(c, file)
	case "pkgutil", "codesign", "spctl":
		return mentions(c, file)
	}
	if p.Functions[c.Name] && (mentions(c, file) || len(c.Args) < 3) {
		return p.functionChecks(c.Name)
	}
	return false
}

// sums reports whether a program that calculates sums checks a file, or a list that may hold it.
func (p *program) sums(c *shell.Command, file string) bool {
	if mentions(c, file) || pipelineMentions(c, file) {
		return true
	}
	check := sorted(words(c), "a").has("c", "check") || strings.Contains(all(c), " -c ")
	if !check {
		return false
	}
	if c.Pipeline != nil && c.Stage > 0 { // echo "SUM  FILE" | sha256sum -c: another file's name says that it is about that one
		return slices.ContainsFunc(c.Pipeline.Stages[c.Stage-1], func(before *shell.Command) bool {
			return before.Name == "grep" || before.Name == "cat" || before.Name == "awk" || before.Name == "curl" || !namesFile(before)
		})
	}
	for _, d := range c.Redirects {
		if strings.HasPrefix(d.Op, "<<") {
			return !strings.Contains(d.Target.Value, ".") // a list that names other files
		}
	}
	return !slices.ContainsFunc(words(c), func(w *shell.Word) bool {
		return listOf(w.Value) != "" && !strings.Contains(base(file), listOf(w.Value))
	})
}

// listOf returns the file that a list of sums is about by its name: go.tgz.sha256 is about go.tgz. Other lists may be about any.
func listOf(name string) string {
	stem := strings.TrimSuffix(base(name), base2(base(name)))
	switch strings.ToLower(base2(base(name))) {
	case ".sha256", ".sha512", ".sha256sum", ".sha512sum", ".sha384", ".b2":
		if strings.Contains(stem, "$") {
			return ""
		}
		return stem
	}
	return ""
}

// namesFile reports whether a command that prints a line for sha256sum names a file in plain words.
func namesFile(c *shell.Command) bool {
	fields := strings.Fields(lastWord(words(c)))
	return len(fields) == 2 && !strings.Contains(fields[1], "$") && fields[1] != "-"
}

// mentions reports whether one of a command's words names a file.
func mentions(c *shell.Command, file string) bool {
	name := base(file)
	for _, w := range words(c) {
		if strings.Contains(w.Value, name) || len(w.Value) > 3 && base(w.Value) == strings.TrimSuffix(name, base2(name)) {
			return true
		}
	}
	for _, d := range c.Redirects {
		if strings.HasPrefix(d.Op, "<") && d.Target != nil && strings.Contains(d.Target.Value, name) {
			return true
		}
	}
	return false
}

// base2 is the last extension of a name.
func base2(name string) string {
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		return name[i:]
	}
	return ""
}

func mentionsAny(c *shell.Command, parts ...string) bool {
	line := all(c)
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(line, part) })
}

// pipelineMentions reports whether a stage of a command's pipeline names a file.
func pipelineMentions(c *shell.Command, file string) bool {
	if c.Pipeline == nil {
		return false
	}
	return slices.ContainsFunc(c.Pipeline.Stages, func(stage []*shell.Command) bool {
		return slices.ContainsFunc(stage, func(other *shell.Command) bool { return mentions(other, file) })
	})
}

// functionChecks reports whether a function of the script checks something.
func (p *program) functionChecks(name string) bool {
	if !p.file.spend(20 * len(p.Commands)) {
		return false
	}
	for _, c := range p.Commands {
		if c.Function != name {
			continue
		}
		switch c.Name {
		case "sha256sum", "sha512sum", "shasum", "gpg", "gpgv", "cosign", "minisign", "openssl":
			return true
		}
	}
	return false
}
