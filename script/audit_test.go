package script

import (
	"context"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"keysweep/finding"
	"keysweep/secretscan"
	"keysweep/secretscan/rules"
)

// given is a source of files in memory.
type given map[string]string

// Walk implements secretscan.Source.
func (g given) Walk(_ context.Context, sink secretscan.Sink) error {
	for name, text := range g {
		if err := sink.Blob(secretscan.Blob{Kind: finding.KindFile, Path: name, Data: []byte(text)}); err != nil {
			return err
		}
	}
	return nil
}

// scanned runs the scanner's engine over a source.
func scanned(t *testing.T, src secretscan.Source) *finding.Report {
	t.Helper()
	engine, err := secretscan.Compile(rules.Default())
	if err != nil {
		t.Fatal(err)
	}
	result, err := secretscan.Run(t.Context(), engine, src, secretscan.Options{Workers: 1, MinConfidence: finding.MediumConfidence})
	if err != nil {
		t.Fatal(err)
	}
	return &finding.Report{Findings: result.Findings, Suppressed: result.Suppressed, Notices: result.Notices, Problems: result.Problems}
}

// token makes a GitHub token with a check sum that fits.
func token(body string) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	sum := ""
	for rest := crc32.ChecksumIEEE([]byte(body)); len(sum) < 6; rest /= 62 {
		sum = digits[rest%62:rest%62+1] + sum
	}
	return "gh" + "p_" + body + sum
}

// TestAuditor finds the secrets that the scanner finds, at the same places, and those in what is decoded at the place of the encoded text.
func TestAuditor(t *testing.T) {
	one, two, three := token("0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o"), token("9z8Y7x6W5v4U3t2S1r0Q9p8O7n6M5l"), token("5q4W3e2R1t0Y9u8I7o6P5a4S3d2F1g")
	files := given{
		"setup.sh":  "#!/bin/sh\nset -eu\nTOKEN=" + one + "\ncurl -H \"Authorization: Bearer $TOKEN\" https://api.tool.io/\n",
		"user-data": "#cloud-config\nwrite_files:\n- path: /a.sh\n  encoding: gz+b64\n  content: " + base64.StdEncoding.EncodeToString(packed(t, "#!/bin/sh\nset -e\nT="+two+"\n")) + "\n",
		"allowed.sh": "#!/bin/sh\nA=" + three + " # keysweep:allow=script.hardcoded-secret -- revoked\n" +
			"# keysweep:allow -- a test's\nB=" + one + "\n",
		"main.go": "package main // " + two + "\n",
	}
	auditor := NewAuditor(files, nil)
	out := auditor.Outcome(scanned(t, auditor))
	if out.Files != 3 || out.Other != 1 || len(out.Problems) != 0 {
		t.Errorf("%d scripts, %d others, problems %v", out.Files, out.Other, out.Problems)
	}
	var got []string
	for _, r := range out.Results {
		for _, secret := range []string{one, two, three} {
			if strings.Contains(fmt.Sprintf("%+v", r), secret[:12]) {
				t.Errorf("%s of %s shows a secret: %+v", r.Check, r.Where.Path, r)
			}
		}
		if r.Check == hardcodedSecret {
			got = append(got, fmt.Sprintf("%s:%d %s %s", r.Where.Path, r.Where.Span.Start.Line, r.State, r.Where.Note))
		}
	}
	slices.Sort(got)
	want := []string{"allowed.sh:2 waived ", "allowed.sh:4 waived ", "setup.sh:3 fail ", "user-data:5 fail line 3 of what is decoded there"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestSameAsScan compares the secrets of an audit with those of a scan on all test data.
func TestSameAsScan(t *testing.T) {
	files := given{}
	for _, dir := range []string{"bad", "good"} {
		for archive, list := range cases(t, dir) {
			for i, f := range list {
				files[fmt.Sprintf("%s/%d/%s", base(archive), i, f.Name)] = string(f.Data)
			}
		}
	}
	plain := map[string]bool{}
	for _, f := range scanned(t, files).Findings {
		for _, p := range f.Places {
			plain[fmt.Sprintf("%s %v", p.Path, p.Span)] = true
		}
	}
	auditor := NewAuditor(files, func(string) bool { return true })
	audited := map[string]bool{}
	for _, r := range auditor.Outcome(scanned(t, auditor)).Results {
		if r.Check == hardcodedSecret && r.State == finding.Fail {
			audited[fmt.Sprintf("%s %v", r.Where.Path, r.Where.Span)] = true
		}
	}
	if len(plain) < 10 {
		t.Errorf("the scanner finds %d places only", len(plain))
	}
	for place := range plain {
		if !audited[place] {
			t.Errorf("a scan finds a secret at %s, the audit does not", place)
		}
	}
}

// TestMemberOfContainer has a script in a container: its secrets are the script's, whose name is shown as a scan shows it.
func TestMemberOfContainer(t *testing.T) {
	files := given{secretscan.MemberPath("setup.zip", "setup.sh"): "#!/bin/sh\nTOKEN=" + token("0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o") + "\n"}
	auditor := NewAuditor(files, nil)
	for _, r := range auditor.Outcome(scanned(t, auditor)).Results {
		if r.Check == hardcodedSecret && (r.State != finding.Fail || r.Where.Path != "setup.zip!setup.sh") {
			t.Errorf("%s of %q, want fail of setup.zip!setup.sh", r.State, r.Where.Path)
		}
	}
}
