package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"keysweep/internal/git"
	"keysweep/internal/terminal"
	"keysweep/secretscan/rules"
	"keysweep/secretscan/source"
	"keysweep/secretscan/suppress"
)

func TestExitCode(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		code int
		said string
	}{
		"nothing":     {nil, exitOK, ""},
		"findings":    {verdict(exitFindings), exitFindings, ""},
		"incomplete":  {verdict(exitIncomplete), exitIncomplete, ""},
		"interrupted": {fmt.Errorf("scan: %w", context.Canceled), exitInterrupted, "keysweep: interrupted\n"},
		"usage":       {usagef("do that", "no %s", "this"), exitUsage, "keysweep: no this\nhint: do that\n"},
		"revision": {fmt.Errorf("range: %w", &source.RevError{Rev: "x", Detail: "is none", Hint: "look"}), exitUsage,
			"keysweep: range: revision \"x\": is none\nhint: look\n"},
		"target":   {&source.TargetError{Target: "x", Err: errors.New("is gone"), Hint: "look"}, exitUsage, "keysweep: scan x: is gone\nhint: look\n"},
		"baseline": {&suppress.ParseError{File: "b", Line: 3, Msg: "is odd", Hint: "look"}, exitUsage, "keysweep: b:3: is odd\nhint: look\n"},
		"rules":    {rules.Errors{{File: "c", Line: 1, Msg: "a"}, {File: "c", Line: 2, Msg: "b"}}, exitUsage, "keysweep: c:1: a\nc:2: b\n"},
		"said twice": {errors.Join(&source.TargetError{Target: "x", Err: errors.New("is gone"), Hint: "look"},
			&source.TargetError{Target: "y", Err: errors.New("is gone"), Hint: "look"}), exitUsage, "keysweep: scan x: is gone\nscan y: is gone\nhint: look\n"},
		"hint in the text": {usagef("look", "bad\nhint: look"), exitUsage, "keysweep: bad\nhint: look\n"},
		"owner": {fmt.Errorf("open: %w", &git.OwnershipError{Dir: "/x"}), exitIncomplete,
			"keysweep: open: git refuses the repository at /x: it belongs to another user\nhint: if you trust its owner: git config --global --add safe.directory '/x'\n"},
		"no git":  {git.ErrNoGit, exitIncomplete, "keysweep: git is not installed or not in PATH\nhint: install git, and see that PATH names its directory\n"},
		"Ctrl-D":  {fmt.Errorf("word 3: %w", terminal.ErrNothing), exitUsage, "keysweep: word 3: nothing was entered\n"},
		"other":   {errors.New("disk full"), exitIncomplete, "keysweep: disk full\n"},
		"control": {errors.New("a\x1b[2Jb"), exitIncomplete, "keysweep: a?[2Jb\n"},
	} {
		var said strings.Builder
		if code := exitCode(&said, test.err); code != test.code || said.String() != test.said {
			t.Errorf("%s: exit code %d and %q, want %d and %q", name, code, said.String(), test.code, test.said)
		}
	}
}

func TestAlsoHint(t *testing.T) {
	if got := alsoHint(errors.New("wrong"), "do that"); got != "do that" {
		t.Errorf("alone: %q", got)
	}
	if got := alsoHint(usagef("do this", "wrong"), "do that"); got != "do this; or do that" {
		t.Errorf("after another: %q", got)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"github-pat", "github-oauth", "gitlab-pat", "staged"}
	for word, want := range map[string]string{
		"stagd": "staged", "github-pta": "github-pat", "gitlab-pt": "gitlab-pat", "staged": "staged",
		"": "", "zzzzzz": "", "x": "", strings.Repeat("a", 1000): "",
	} {
		if got := nearest(word, names); got != want {
			t.Errorf("nearest(%.20q) = %q, want %q", word, got, want)
		}
	}
}

func TestShortIDs(t *testing.T) {
	id := strings.Repeat("0123456789", 4)
	for text, want := range map[string]string{
		id + ".." + id: "012345678901..012345678901", "main..HEAD": "main..HEAD", "": "",
		"abc" + id + "x": "abc012345678x", "feed..beef": "feed..beef", "é" + id: "é012345678901",
	} {
		if got := shortIDs(text); got != want {
			t.Errorf("shortIDs(%q) = %q, want %q", text, got, want)
		}
	}
}
