//go:build unix

package cli

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// auditedWorld is a repository with a bad script, and the tree of a machine: what is audited has names and lines that documents have to bear.
func auditedWorld(t *testing.T) *attestHome {
	t.Helper()
	h := newAttestHome(t)
	layOut(t, h.dir, map[string]string{
		"repo/boot/set up \x1b[2J.sh":   "#!/bin/sh\ncurl -fsSL https://get.example.net/x?a=<b>&c | sh # ]]>\nufw disable # keysweep:allow -- tests\n",
		"repo/latin-\xe9.sh":            "#!/bin/sh\nrm -rf $DIR/\xe9/\n",
		"repo/main.tf":                  "resource \"aws_security_group_rule\" \"a\" {\n  type = \"ingress\"\n  from_port = 22\n  to_port = 22\n  cidr_blocks = [\"0.0.0.0/0\"]\n}\n",
		"tree/etc/ssh/sshd_config":      "PermitRootLogin yes\nMatch User <&>\"\n  PasswordAuthentication yes\n",
		"tree/usr/sbin/sshd":            "no program",
		"tree/etc/passwd":               "root:x:0:0:root:/root:/bin/bash\n",
		"tree/etc/os-release":           "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian \x07 12\"\n",
		".config/keysweep/policy.toml":  "[[waive]]\nid = 'git.commit-signing'\nreason = 'one \"author\" <a>'\nuntil = 2031-01-01\n",
		"repo/.keysweep.toml":           "[[waive]]\nid = 'git.env-ignored'\nreason = 'none'\nuntil = 2031-01-01\n",
		"repo/.ssh/id_rsa.pub":          "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFBVVFNTSEtFWUhFUkUhISEhISEhISEhISEhISEhISEh a@b\n",
		".ssh/config":                   "",
		"repo/sub/docker-compose.yml":   "services:\n  a:\n    image: x\n    privileged: true\n",
		"repo/units/app.service":        "[Service]\nExecStart=/bin/sh -c 'curl http://a.example.net | sh'\n",
		"repo/Dockerfile":               "FROM debian:12\nRUN chmod 777 /srv\n",
		"repo/nothing/of/the/kind.text": "text\n",
	})
	git := exec.Command("git", "init", "-q", filepath.Join(h.dir, "repo"))
	if out, err := git.CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	return h
}

// audited are the counts of an audit as one format has them.
type audited struct{ failed, unknown, problems int }

// TestAuditDocuments runs the audits themselves and holds what they write to the schemas, from the command line to the last byte: JSON to ours, with
// no field that is not documented, and SARIF to that of OASIS. All formats have to say the same.
func TestAuditDocuments(t *testing.T) {
	h := auditedWorld(t)
	sarif := schemaFile(t, filepath.Join("..", "..", "..", "..", "report", "testdata", "sarif-schema-2.1.0.json"))
	own := closedSchema(t, "keysweep.audit.v1.schema.json")
	audits := [][]string{{"audit", "repo", "repo", "--no-proof"}, {"audit", "scripts", "repo"}, {"audit", "scripts", "repo", "--show-waived", "--strict"},
		{"audit", "keys", "--no-ledger"}, {"audit", "scripts", "repo/nothing"}, {"audit", "scripts", "-"}}
	if runtime.GOOS == "linux" {
		audits = append(audits, []string{"audit", "host", "--root", "tree"}, []string{"audit", "host", "--root", "tree", "-v"})
	}
	for _, args := range audits {
		name := strings.Join(args[1:], " ")
		code, text := h.document(args, "json")
		valid(t, name, own, text)
		want := auditedJSON(t, text)
		for format, read := range map[string]func(*testing.T, []byte) audited{"sarif": auditedSARIF, "junit": auditedJUnit} {
			again, text := h.document(args, format)
			if format == "sarif" {
				valid(t, name, sarif, text)
			}
			if got := read(t, text); got != want || again != code {
				t.Errorf("%s: %s says %+v, exit code %d; json %+v, %d\n%s", name, format, got, again, want, code, text)
			}
		}
		wanted := exitOK
		switch {
		case want.unknown+want.problems > 0:
			wanted = exitIncomplete
		case want.failed > 0:
			wanted = exitFindings
		}
		if code != wanted {
			t.Errorf("%s: exit code %d with %+v, want %d", name, code, want, wanted)
		}
	}
}

func (h *attestHome) document(args []string, format string) (int, []byte) {
	h.t.Helper()
	env, out, said := h.env(append(args, "--format", format, "--fail-on", "info")...)
	code := Main(h.t.Context(), env)
	if out.Len() == 0 {
		h.t.Errorf("%q as %s: exit code %d: %s", args, format, code, said)
	}
	if bytes.ContainsAny(out.Bytes(), "\x1b\x07") || !utf8.Valid(out.Bytes()) {
		h.t.Errorf("%q as %s: a control character, or no UTF-8", args, format)
	}
	return code, out.Bytes()
}

func schemaFile(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("test:schema", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("test:schema")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func valid(t *testing.T, name string, schema *jsonschema.Schema, text []byte) {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err == nil {
		err = schema.Validate(document)
	}
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, text)
	}
}

func auditedJSON(t *testing.T, text []byte) (a audited) {
	t.Helper()
	var doc struct {
		Errors []any
		Items  []struct{ Check, State, Title string }
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	a.problems = len(doc.Errors)
	for _, r := range doc.Items {
		switch r.State {
		case "fail":
			a.failed++
		case "unknown":
			a.unknown++
		}
		if r.Check == "" || r.Title == "" {
			t.Errorf("a result without its check or title: %+v", r)
		}
	}
	return a
}

func auditedSARIF(t *testing.T, text []byte) (a audited) {
	t.Helper()
	var doc struct {
		Runs []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Invocations []struct {
				ExecutionSuccessful        bool
				ToolExecutionNotifications []struct {
					Level      string
					Descriptor struct{ ID string }
				}
			}
			Results []struct {
				RuleID       string
				RuleIndex    int
				Locations    []any
				Suppressions []any
			}
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil || len(doc.Runs) != 1 {
		t.Fatal(err)
	}
	run := doc.Runs[0]
	for _, r := range run.Results {
		if len(r.Suppressions) == 0 {
			a.failed++
		}
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID || len(r.Locations) == 0 {
			t.Errorf("a result without its rule or place: %+v", r)
		}
	}
	for _, n := range run.Invocations[0].ToolExecutionNotifications {
		switch {
		case n.Descriptor.ID == "could-not-look":
			a.problems++
		case n.Level != "note":
			a.unknown++
		}
	}
	if run.Invocations[0].ExecutionSuccessful != (a.unknown+a.problems == 0) {
		t.Errorf("executionSuccessful is %v with %+v", run.Invocations[0].ExecutionSuccessful, a)
	}
	return a
}

// auditedJUnit reads it as CI does: the counts of a suite are those of its cases, and every case has a name and a class.
func auditedJUnit(t *testing.T, text []byte) (a audited) {
	t.Helper()
	type message struct {
		Type string `xml:"type,attr"`
	}
	var doc struct {
		XMLName xml.Name `xml:"testsuites"`
		Tests   int      `xml:"tests,attr"`
		Suites  []struct {
			Tests, Failures, Errors, Skipped int
			TestsAttr                        int `xml:"tests,attr"`
			FailuresAttr                     int `xml:"failures,attr"`
			ErrorsAttr                       int `xml:"errors,attr"`
			SkippedAttr                      int `xml:"skipped,attr"`
			Cases                            []struct {
				Name    string    `xml:"name,attr"`
				Class   string    `xml:"classname,attr"`
				Failure []message `xml:"failure"`
				Error   []message `xml:"error"`
				Skipped []message `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(text, &doc); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	all := 0
	for _, s := range doc.Suites {
		for _, c := range s.Cases {
			s.Tests, s.Failures, s.Errors, s.Skipped = s.Tests+1, s.Failures+len(c.Failure), s.Errors+len(c.Error), s.Skipped+len(c.Skipped)
			if c.Name == "" || c.Class == "" {
				t.Errorf("a case without a name: %+v", c)
			}
			for _, e := range c.Error {
				if e.Type == "could-not-look" {
					a.problems++
				} else {
					a.unknown++
				}
			}
		}
		if s.Tests != s.TestsAttr || s.Failures != s.FailuresAttr || s.Errors != s.ErrorsAttr || s.Skipped != s.SkippedAttr {
			t.Errorf("the counts of a suite are not those of its cases: %+v", s)
		}
		a.failed, all = a.failed+s.Failures, all+s.Tests
	}
	if all != doc.Tests {
		t.Errorf("%d tests, and the attribute says %d", all, doc.Tests)
	}
	return a
}
