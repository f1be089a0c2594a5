package catalog

import (
	"fmt"
	"net/url"
	"regexp"
	"regexp/syntax"
	"strings"

	"keysweep/finding"
)

// check returns what is wrong with a kind by itself, and sets its default keys.
func (k *Kind) check() (wrong []error) {
	fail := func(format string, args ...any) { wrong = append(wrong, k.errorf(format, args...)) }
	for name, text := range map[string]string{
		"id": k.ID, "title": k.Title, "provider": k.Provider, "why": k.Why, "rotate": k.Rotate, "source": k.Source,
	} {
		if strings.TrimSpace(text) != text || text == "" {
			fail("%s is missing, or has space around it", name)
		}
	}
	if !isID(k.ID) || strings.Contains(k.ID, "generic") {
		fail("an id is made of words in lower case and dashes, and is not generic")
	}
	if k.Severity == finding.Info {
		fail("severity is missing")
	}
	if strings.HasSuffix(k.Title, ".") || len(k.Title) > 70 {
		fail("the title is a few words without a period")
	}
	if !strings.HasSuffix(k.Why, ".") || len(k.Why) > 170 {
		fail("why is one sentence of at most 170 bytes")
	}
	for _, page := range []string{k.Rotate, k.Source} {
		if u, err := url.Parse(page); err != nil || u.Scheme != "https" || !strings.Contains(u.Host, ".") || u.User != nil {
			fail("%q is not an https page", page)
		}
	}
	if len(k.Examples) < 2 || len(k.Near) < 1 {
		fail("at least two examples and one near miss are wanted")
	}
	for _, list := range [][]string{k.Examples, k.Near} {
		for _, template := range list {
			if _, err := Expand(template, k.ID); err != nil {
				fail("%v", err)
			}
		}
	}
	return append(wrong, k.checkForm()...)
}

// isID reports whether an id has several words in lower case with single dashes between them.
func isID(id string) bool {
	words := strings.Split(id, "-")
	for _, word := range words {
		if word == "" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return false
		}
	}
	return len(words) > 1
}

// checkForm checks what only one of the forms has.
func (k *Kind) checkForm() (wrong []error) {
	fail := func(format string, args ...any) { wrong = append(wrong, k.errorf(format, args...)) }
	switch {
	case (k.Token == "") == (k.Value == ""), (k.Value == "") != (len(k.Names) == 0), k.Token != "" && len(k.Keys) > 0:
		fail("it has either token, or names and value, and keys only beside these")
		return wrong
	case k.Token != "":
		if err := bounded(k.Token); err != nil {
			fail("token: %v", err)
		}
		return wrong
	}
	if len(k.Keys) == 0 {
		k.Keys = defaultKeys()
	}
	for _, name := range k.Names {
		if !isName(name) {
			fail("the name %q is not made of at least %d letters in lower case, digits, and - _ . or space", name, nameLeast)
		}
	}
	for _, expr := range append([]string{k.Value}, k.Keys...) {
		if err := bounded(expr); err != nil {
			fail("%v", err)
		}
	}
	return wrong
}

// nameLeast is the least length of a provider's name: shorter words stand in everything.
const nameLeast = 4

func isName(name string) bool {
	return len(name) >= nameLeast && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789 ._-") == "" && !strings.ContainsAny(name[:1], " ._-")
}

// bounded checks that an expression has a greatest length, takes at least one character, and asks for nothing around itself.
func bounded(expr string) error {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return err
	}
	if regexp.MustCompile(expr).MatchString("") {
		return fmt.Errorf("the expression %q matches the empty text", expr)
	}
	return boundedTree(re)
}

func boundedTree(re *syntax.Regexp) error {
	switch re.Op {
	case syntax.OpStar, syntax.OpPlus:
		return fmt.Errorf("%q repeats without a bound", re)
	case syntax.OpRepeat:
		if re.Max < 0 {
			return fmt.Errorf("%q repeats without a bound", re)
		}
	case syntax.OpCapture:
		return fmt.Errorf("%q is a group that captures: write (?:...) instead", re)
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return fmt.Errorf("%q is a condition on what stands around: the generator adds those", re)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return fmt.Errorf("any character is too much: name the alphabet")
	}
	for _, sub := range re.Sub {
		if err := boundedTree(sub); err != nil {
			return err
		}
	}
	return nil
}
