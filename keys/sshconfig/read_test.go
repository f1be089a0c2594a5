package sshconfig

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

// disk is a file system of a map; patterns are whole names or end in "*".
func disk(files map[string]string) Options {
	return Options{
		Home: "/home/ann", Dir: "/home/ann/.ssh",
		ReadFile: func(path string) ([]byte, error) {
			if text, ok := files[path]; ok {
				return []byte(text), nil
			}
			return nil, fmt.Errorf("open %s: %w", path, fs.ErrNotExist)
		},
		Glob: func(pattern string) (found []string, _ error) {
			for name := range files {
				if start, ok := strings.CutSuffix(pattern, "*"); name == pattern || ok && strings.HasPrefix(name, start) {
					found = append(found, name)
				}
			}
			slices.Sort(found)
			return found, nil
		},
	}
}

func TestRead(t *testing.T) {
	o := disk(map[string]string{
		"/home/ann/.ssh/config":   "IdentityFile ~/.ssh/global\nInclude conf.d/* \"~/more\"\nHost git *.lan\n  IdentityFile=\"~/a b\" # c\n  CertificateFile %d/c\n  IdentitiesOnly yes\nMatch host x user y\n  identityfile none\n  AddKeysToAgent 1h\n",
		"/home/ann/.ssh/conf.d/1": "Host one\nIdentityFile /one\n",
		"/home/ann/.ssh/conf.d/2": "IdentityFile /two\nHost \"unclosed\nbroken\n",
		"/home/ann/more":          "Include config\n",
	})
	c, err := Read("/home/ann/.ssh/config", o)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	seen := map[string]bool{}
	for _, id := range c.Identities() {
		text := fmt.Sprintf("%s:%d %s %q %s", id.Block.File, id.Line, id.Block.Kind, id.Block.Patterns, id.Value)
		if !seen[text] {
			seen[text] = true
			got = append(got, text)
		}
	}
	want := []string{
		`/home/ann/.ssh/config:1 global [] ~/.ssh/global`, `/home/ann/.ssh/conf.d/1:2 host ["one"] /one`, `/home/ann/.ssh/conf.d/2:1 global [] /two`,
		`/home/ann/.ssh/config:4 host ["git" "*.lan"] ~/a b`, `/home/ann/.ssh/config:5 host ["git" "*.lan"] %d/c`,
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	var texts []string
	for _, p := range c.Problems[:2] {
		texts = append(texts, p.Error())
	}
	if !strings.Contains(texts[0], "conf.d/2:2: a closing quotation mark") || !strings.Contains(texts[1], "conf.d/2:3: no argument after broken") {
		t.Errorf("problems: %q", texts)
	}
	last := c.Problems[len(c.Problems)-1]
	if !slices.ContainsFunc(c.Problems, func(p Problem) bool { return strings.Contains(p.Error(), "more than 16 files deep") }) || len(c.Files) > maxFiles {
		t.Errorf("an endless include was not cut: %v, %d files", last, len(c.Files))
	}
}

func TestReadMissing(t *testing.T) {
	if _, err := Read("/none", disk(nil)); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	c, err := Read("/c", disk(map[string]string{"/c": "Include none* ~bob/x\nHost a\n"}))
	if err != nil || len(c.Problems) != 1 || len(c.Blocks) != 2 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestExpand(t *testing.T) {
	tokens := Tokens{'u': "ann", 'h': "web"}
	for value, want := range map[string]string{
		"~/.ssh/k": "/home/ann/.ssh/k", "%d/k": "/home/ann/k", "/k/%u-%h": "/k/ann-web", "/100%%": "/100%", "/k": "/k", "~bob/k": "", "/%x": "", "/%": "", "/${HOME}/k": "",
	} {
		if got, ok := Expand(value, "/home/ann", tokens); got != want || ok != (want != "") {
			t.Errorf("%s: %q %v, want %q", value, got, ok, want)
		}
	}
}
