package rules

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/regexp"
	"github.com/zricethezav/gitleaks/v8/version"

	"keysweep/secretscan"
)

// oracleFile names the variable that makes the test binary load a file with gitleaks and print what it understood. Gitleaks
// counts the depth of extends in a global variable that never goes down, so each file needs a process of its own.
const oracleFile = "KEYSWEEP_TEST_ORACLE_FILE"

func TestMain(m *testing.M) {
	if file := os.Getenv(oracleFile); file != "" {
		_ = json.NewEncoder(os.Stdout).Encode(askOracle(file))
		return
	}
	os.Exit(m.Run())
}

// understood is what a loader made of a file.
type understood struct {
	Err        string
	Title      string
	Rules      []secretscan.Rule
	Allowlists []secretscan.Allowlist
}

// askOracle loads a file the way gitleaks' command does.
func askOracle(file string) (u understood) {
	defer func() {
		if p := recover(); p != nil {
			u = understood{Err: fmt.Sprint("panic: ", p)}
		}
	}()
	version.Version = "8.30.1"
	viper.SetConfigType("toml")
	viper.SetConfigFile(file)
	if err := viper.ReadInConfig(); err != nil {
		return understood{Err: err.Error()}
	}
	var vc config.ViperConfig
	if err := viper.Unmarshal(&vc); err != nil {
		return understood{Err: err.Error()}
	}
	c, err := vc.Translate()
	if err != nil {
		return understood{Err: err.Error()}
	}
	u = understood{Title: c.Title, Allowlists: oracleAllowlists(c.Allowlists)}
	seen := map[string]bool{}
	for _, r := range c.GetOrderedRules() {
		if !seen[r.RuleID] {
			u.Rules = append(u.Rules, oracleRule(r))
		}
		seen[r.RuleID] = true
	}
	return u
}

func oracleRule(r config.Rule) secretscan.Rule {
	out := secretscan.Rule{
		ID: r.RuleID, Description: r.Description, Regex: source(r.Regex), Path: source(r.Path), SecretGroup: r.SecretGroup,
		Entropy: r.Entropy, Keywords: r.Keywords, Tags: r.Tags, SkipReport: r.SkipReport, Allowlists: oracleAllowlists(r.Allowlists),
	}
	for _, q := range r.RequiredRules {
		out.Required = append(out.Required, secretscan.Required{RuleID: q.RuleID, WithinLines: q.WithinLines, WithinColumns: q.WithinColumns})
	}
	return out
}

func oracleAllowlists(lists []*config.Allowlist) (out []secretscan.Allowlist) {
	for _, a := range lists {
		target := map[string]secretscan.Target{"match": secretscan.TargetMatch, "line": secretscan.TargetLine}[a.RegexTarget]
		one := secretscan.Allowlist{
			Description: a.Description, And: a.MatchCondition == config.AllowlistMatchAnd, Commits: a.Commits, StopWords: a.StopWords, Target: target,
		}
		for _, re := range a.Paths {
			one.Paths = append(one.Paths, source(re))
		}
		for _, re := range a.Regexes {
			one.Regexes = append(one.Regexes, source(re))
		}
		out = append(out, one)
	}
	return out
}

func source(re *regexp.Regexp) string {
	if re == nil {
		return ""
	}
	return re.String()
}

// consult asks gitleaks in a process of its own, in a working directory.
func consult(t *testing.T, dir, file string) understood {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), oracleFile+"="+file)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("gitleaks: %v", err)
	}
	var u understood
	if err := json.Unmarshal(out, &u); err != nil {
		t.Fatalf("gitleaks said %q: %v", out, err)
	}
	return u
}

// comparable returns rules and allowlists without what gitleaks does not know, and with lists that gitleaks leaves in no order
// sorted.
func comparable(u understood) understood {
	lists := func(in []secretscan.Allowlist) (out []secretscan.Allowlist) {
		for _, a := range in {
			a.Commits, a.StopWords = sorted(a.Commits), sorted(a.StopWords)
			a.Paths, a.Regexes = slices.Clip(a.Paths), slices.Clip(a.Regexes)
			out = append(out, a)
		}
		return out
	}
	for i, r := range u.Rules {
		u.Rules[i] = secretscan.Rule{
			ID: r.ID, Description: r.Description, Regex: r.Regex, Path: r.Path, SecretGroup: r.SecretGroup, Entropy: r.Entropy,
			Keywords: none(r.Keywords), Tags: none(r.Tags), Required: r.Required, SkipReport: r.SkipReport, Allowlists: lists(r.Allowlists),
		}
	}
	u.Allowlists = lists(u.Allowlists)
	return u
}

func sorted(words []string) []string {
	words = slices.Clone(words)
	slices.Sort(words)
	return words
}

// none makes an empty list nil.
func none(words []string) []string {
	if len(words) == 0 {
		return nil
	}
	return words
}

// oracleDir writes files into a new directory.
func oracleDir(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
