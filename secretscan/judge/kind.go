package judge

import (
	"path"
	"slices"
	"strings"
)

// Kind is what is known of a text's language: whether a word without quotes is a name or a text there.
type Kind uint8

// The kinds of text.
const (
	Unknown Kind = iota
	Code         // programming languages: words without quotes are names
	Config       // settings, data and shells: they are values
	Prose        // documents
)

// wrappers are endings of copies and templates of files of another kind: app.rb.erb.
var wrappers = [...]string{".example", ".sample", ".dist", ".template", ".bak", ".orig", ".old", ".tmpl", ".tpl", ".local", ".in",
	".eex", ".heex", ".leex", ".erb", ".ejs", ".j2", ".jinja", ".jinja2", ".mustache", ".hbs", ".liquid"}

// KindOf tells by a path's ending.
func KindOf(name string) Kind {
	base := strings.ToLower(path.Base(name))
	ext := path.Ext(base)
	if inner := path.Ext(strings.TrimSuffix(base, ext)); inner != "" && slices.Contains(wrappers[:], ext) {
		ext = inner
	}
	switch ext {
	case ".go", ".py", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".java", ".kt", ".kts", ".c", ".h", ".cc", ".cpp", ".hpp", ".cs", ".rb", ".php", ".rs", ".swift",
		".scala", ".groovy", ".pl", ".pm", ".hs", ".ex", ".exs", ".erl", ".clj", ".lua", ".dart", ".vue", ".svelte", ".m", ".mm", ".vb", ".fs", ".r", ".jl",
		".idl", ".proto", ".graphql", ".erb", ".eex", ".heex", ".leex", ".ejs", ".jsp", ".aspx", ".cshtml", ".vbhtml", ".razor", ".xaml", ".gradle", ".inc", ".ps1", ".psm1", ".sol", ".zig", ".nim", ".coffee":
		return Code
	case ".md", ".rst", ".adoc", ".asciidoc", ".html", ".htm", ".tex", ".markdown", ".org", ".mdx", ".xhtml":
		return Prose
	case "", ".":
		return kindOfName(base)
	}
	return Config
}

// kindOfName tells by a name without an ending.
func kindOfName(base string) Kind {
	switch strings.TrimSuffix(base, ".") {
	case "config", "credentials", "dockerfile", "environment", "env", "fstab", "hosts", "inventory", "makefile", "procfile", "secrets", "smbcredentials", "users":
		return Config
	case "gemfile", "jenkinsfile", "rakefile", "vagrantfile":
		return Code
	case "changelog", "changes", "install", "news", "readme":
		return Prose
	}
	return Unknown
}
