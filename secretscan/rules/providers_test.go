package rules

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	gitleaks "github.com/zricethezav/gitleaks/v8/config"

	"keysweep/finding"
	"keysweep/secretscan/rules/internal/about"
)

// gitleaksTexts returns the ids and the descriptions of the rules in gitleaks' default configuration, read from its text.
func gitleaksTexts(t *testing.T) (ids, descriptions map[string]bool) {
	t.Helper()
	ids, descriptions = map[string]bool{}, map[string]bool{}
	line := regexp.MustCompile(`(?m)^(id|description) = "(.*)"$`)
	for _, m := range line.FindAllStringSubmatch(gitleaks.DefaultConfig, -1) {
		if m[1] == "id" {
			ids[m[2]] = true
		} else {
			descriptions[strings.ToLower(strings.TrimSuffix(m[2], "."))] = true
		}
	}
	if len(ids) < 200 || len(descriptions) < 200 {
		t.Fatalf("found %d ids and %d descriptions in gitleaks' configuration; has its form changed?", len(ids), len(descriptions))
	}
	return ids, descriptions
}

func allEntries() []about.Entry {
	var all []about.Entry
	for _, part := range about.Table() {
		all = append(all, part...)
	}
	return all
}

func TestProviderKnowsGitleaksRulesAndNoOthers(t *testing.T) {
	ids, _ := gitleaksTexts(t)
	for id := range ids {
		if _, ok := about.Of(id); !ok {
			t.Errorf("nothing is known about %s", id)
		}
	}
	for _, e := range allEntries() {
		if !ids[e.ID] {
			t.Errorf("%s is no rule of gitleaks' default configuration", e.ID)
		}
	}
	for _, id := range []string{"", "0", "github-", "github-pat ", "GITHUB-PAT", "zzz"} {
		if got, ok := about.Of(id); ok || got != (about.Info{}) {
			t.Errorf("Of(%q) = %+v, %v; want nothing", id, got, ok)
		}
	}
}

func TestProviderTableIsSortedAndFound(t *testing.T) {
	last := ""
	for _, e := range allEntries() {
		if e.ID <= last {
			t.Errorf("%s stands after %s", e.ID, last)
		}
		last = e.ID
		if got, ok := about.Of(e.ID); !ok || got != e.Info {
			t.Errorf("Of(%q) = %+v, %v; want %+v", e.ID, got, ok, e.Info)
		}
	}
}

func TestProviderTexts(t *testing.T) {
	_, descriptions := gitleaksTexts(t)
	titles, reasons := map[string]string{}, map[string]string{}
	for _, e := range allEntries() {
		if other, twice := titles[e.Title]; twice {
			t.Errorf("%s and %s have the same title %q", e.ID, other, e.Title)
		}
		if other, twice := reasons[e.Why]; twice {
			t.Errorf("%s and %s have the same reason %q", e.ID, other, e.Why)
		}
		titles[e.Title], reasons[e.Why] = e.ID, e.ID
		if n := len(e.Title); n == 0 || n > 60 || strings.HasSuffix(e.Title, ".") {
			t.Errorf("%s: title %q is not a few words without a period", e.ID, e.Title)
		}
		if !isSentence(e.Why) || len(e.Why) >= 160 {
			t.Errorf("%s: %q (%d bytes) is not one sentence of less than 160", e.ID, e.Why, len(e.Why))
		}
		for _, text := range []string{e.Title, e.Why} {
			if descriptions[strings.ToLower(strings.TrimSuffix(text, "."))] {
				t.Errorf("%s: %q is gitleaks' own text", e.ID, text)
			}
		}
		if e.Severity < finding.Low || e.Severity > finding.Critical {
			t.Errorf("%s: severity %s", e.ID, e.Severity)
		}
	}
}

// isSentence tells whether text begins with a capital and has its only full stop at the end.
func isSentence(text string) bool {
	return regexp.MustCompile(`^[A-Z][^\n]*[^.\s]\.$`).MatchString(text) && !regexp.MustCompile(`[.!?]\s`).MatchString(text)
}

func TestProviderPages(t *testing.T) {
	for _, e := range allEntries() {
		if e.RotateURL == "" {
			continue
		}
		u, err := url.Parse(e.RotateURL)
		if err != nil || u.Scheme != "https" || !strings.Contains(u.Hostname(), ".") || u.Port() != "" || u.User != nil {
			t.Errorf("%s: %q is not a plain https page", e.ID, e.RotateURL)
			continue
		}
		if u.RawQuery != "" || strings.ContainsAny(e.RotateURL, " \t\n") || u.Hostname() != strings.ToLower(u.Hostname()) {
			t.Errorf("%s: %q has a query, a space or a capital in its host", e.ID, e.RotateURL)
		}
		if e.Provider == "" {
			t.Errorf("%s has a page but no provider", e.ID)
		}
	}
}

// TestProviderSeverities pins the rules on which a wrong word would do most harm, in either direction.
func TestProviderSeverities(t *testing.T) {
	for severity, ids := range map[finding.Severity]string{
		finding.Critical: "alibaba-secret-key aws-access-token github-pat gitlab-pat npm-access-token private-key pypi-upload-token " +
			"stripe-access-token vault-service-token anthropic-admin-api-key",
		finding.High:   "kubernetes-secret-yaml pkcs12-file slack-bot-token datadog-access-token sendgrid-api-token",
		finding.Medium: "generic-api-key jwt slack-webhook-url easypost-test-api-token flutterwave-secret-key",
		finding.Low:    "adobe-client-id flutterwave-public-key lob-pub-api-key mapbox-api-token sumologic-access-id",
	} {
		for _, id := range strings.Fields(ids) {
			if got, ok := about.Of(id); !ok || got.Severity != severity {
				t.Errorf("severity of %s = %s; want %s", id, got.Severity, severity)
			}
		}
	}
}
