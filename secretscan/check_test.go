package secretscan_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"keysweep/finding"
	"keysweep/secretscan"
)

// evenDigits takes the digits of a text for a secret if their sum is even.
func evenDigits(text string) (start, end int, ok bool) {
	sum := 0
	start = strings.IndexAny(text, "0123456789")
	for end = start; end >= 0 && end < len(text) && '0' <= text[end] && text[end] <= '9'; end++ {
		sum += int(text[end] - '0')
	}
	return start, end, start >= 0 && sum%2 == 0
}

func checks(name string) secretscan.Check {
	if name == "even" {
		return evenDigits
	}
	return nil
}

// TestChecksDecide: a check says whether there is a secret, and where; by every way of scanning the same.
func TestChecksDecide(t *testing.T) {
	set := secretscan.Ruleset{Checks: checks, Rules: []secretscan.Rule{{ID: "even", Regex: `key=[a-z]*(x?\d+y?)`, Check: "even"}, {ID: "all", Regex: `key=\w+`}}}
	e, err := secretscan.Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	content := []byte("key=112\nkey=113 key=ab22y\n" + strings.Repeat("nothing here\n", 200) + "key=x5551 key=x5552 key=zz")
	var secrets []string
	for _, c := range e.Scan(content) {
		if c.Rule == "even" {
			secrets = append(secrets, c.Secret.Reveal())
			if _, own := c.Match.Reveal(); own.End-own.Start != len(c.Secret.Reveal()) {
				t.Errorf("%v: the excerpt has the secret at %v", c.Secret, own)
			}
		}
	}
	if got := strings.Join(secrets, " "); got != "112 22 5551" {
		t.Errorf("found %q", got)
	}
	if d := difference(e.Reference(content), e.Scan(content)); d != "" {
		t.Error(d)
	}
	for size := 500; size < 900; size += 97 {
		if want, got := placed(e.Scan(content)), placed(e.ScanInBlocks(content, size, 100, 100, 100)); !slices.Equal(want, got) {
			t.Errorf("in blocks of %d: %q, want %q", size, got, want)
		}
	}
	for _, unknown := range []secretscan.Ruleset{
		{Rules: set.Rules}, {Checks: checks, Rules: []secretscan.Rule{{ID: "odd", Regex: "x", Check: "odd"}}},
	} {
		var wrong *secretscan.RuleError
		if _, err := secretscan.Compile(unknown); !errors.As(err, &wrong) || wrong.Key != "check" {
			t.Errorf("a check that is not there: %v", err)
		}
	}
}

// TestProve: what is certain of a finding comes last, and decides whether it is sure enough to be reported.
func TestProve(t *testing.T) {
	src := blobs{{Kind: finding.KindFile, Path: "a", Data: []byte("key1 key2")}, {Kind: finding.KindFile, Path: "b", Data: []byte("key1 key3")}}
	e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{{ID: "my-key", Regex: `key\d+`, Confidence: finding.MediumConfidence, Severity: finding.High}}})
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]int{}
	prove := func(f *finding.Finding) {
		asked[f.Secret.Reveal()] += len(f.Places)
		f.Proof = []finding.Fact{{Name: "rules", Value: strings.Join(f.Rules, " ")}}
		switch f.Secret.Reveal() {
		case "key2":
			f.Confidence = finding.LowConfidence
		case "key3":
			f.Severity = finding.Critical
		}
	}
	for least, want := range map[finding.Confidence]string{finding.LowConfidence: "key3 key1 key2", finding.MediumConfidence: "key3 key1"} {
		clear(asked)
		res, err := secretscan.Run(context.Background(), e, src, secretscan.Options{Prove: prove, MinConfidence: least})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range res.Findings {
			got = append(got, f.Secret.Reveal())
			if len(f.Proof) != 1 || f.Proof[0].Value != "my-key" {
				t.Errorf("%v: %v", f.Secret, f.Proof)
			}
		}
		if strings.Join(got, " ") != want || len(asked) != 3 || asked["key1"] != 2 {
			t.Errorf("%v: found %q, want %q; asked %v", least, got, want, asked)
		}
	}
}
