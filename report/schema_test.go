package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compile reads a JSON schema. strict closes every object that lists its properties, so that a field that is not documented
// fails although the schema lets readers expect new ones.
func compile(t *testing.T, path string, strict bool) *jsonschema.Schema {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if strict {
		closeObjects(document)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("test:"+path, document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("test:" + path)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func closeObjects(node any) {
	switch node := node.(type) {
	case map[string]any:
		if _, ok := node["properties"].(map[string]any); ok {
			node["additionalProperties"] = false
		}
		delete(node, "$id")
		for _, child := range node {
			closeObjects(child)
		}
	case []any:
		for _, child := range node {
			closeObjects(child)
		}
	}
}

func validate(t *testing.T, schema *jsonschema.Schema, document []byte) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatalf("not JSON: %v\n%s", err, document)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%v in\n%s", err, document)
	}
}

// allOptions are the option sets under which documents must be valid.
func allOptions() []Options {
	return []Options{{}, {ShowSecrets: true}, {ShowSuppressed: true}}
}

func TestDocumentsMatchTheirSchemas(t *testing.T) {
	for format, schema := range map[string]*jsonschema.Schema{
		"json":   compile(t, filepath.Join("..", "docs", "schema", "keysweep.scan.v1.schema.json"), true),
		"sarif":  compile(t, filepath.Join("testdata", "sarif-schema-2.1.0.json"), false),
		"gitlab": compile(t, filepath.Join("testdata", "gitlab-secret-detection-15.schema.json"), false),
	} {
		for _, r := range namedReports() {
			for _, o := range allOptions() {
				validate(t, schema, render(t, format, r, o))
			}
		}
	}
}

func TestPublishedSchemasAcceptNewFields(t *testing.T) {
	schema := compile(t, filepath.Join("..", "docs", "schema", "keysweep.scan.v1.schema.json"), false)
	document := render(t, "json", namedReport{"one", oneReport}, Options{})
	validate(t, schema, bytes.Replace(document, []byte(`"kind"`), []byte(`"new_in_1_1": 1, "kind"`), 1))
}

func TestLinesMatchTheirSchema(t *testing.T) {
	schema := compile(t, filepath.Join("..", "docs", "schema", "keysweep.scan.line.v1.schema.json"), true)
	for _, r := range namedReports() {
		for _, o := range allOptions() {
			var types []string
			lines := bufio.NewScanner(bytes.NewReader(render(t, "jsonl", r, o)))
			for lines.Scan() {
				validate(t, schema, lines.Bytes())
				var line struct{ Type string }
				if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
					t.Fatal(err)
				}
				types = append(types, line.Type)
			}
			if len(types) < 2 || types[0] != "header" || types[len(types)-1] != "summary" {
				t.Errorf("%s: the lines are %v; want a header first and a summary last", r.name, types)
			}
		}
	}
}

// TestSARIFRefersToItsRules checks what the schema cannot: GitHub refuses a result whose rule it does not find, and one without a
// physical location.
func TestSARIFRefersToItsRules(t *testing.T) {
	for _, r := range namedReports() {
		var log sarifLog
		if err := json.Unmarshal(render(t, "sarif", r, Options{ShowSuppressed: true}), &log); err != nil {
			t.Fatal(err)
		}
		hashes := map[string]bool{}
		for _, result := range log.Runs[0].Results {
			if rules := log.Runs[0].Tool.Driver.Rules; result.RuleIndex >= len(rules) || rules[result.RuleIndex].ID != result.RuleID {
				t.Errorf("%s: result of rule %q has index %d", r.name, result.RuleID, result.RuleIndex)
			}
			if len(result.Locations) != 1 || result.Locations[0].Physical == nil || result.Locations[0].Physical.Artifact.URI == "" {
				t.Errorf("%s: result of rule %q has no file", r.name, result.RuleID)
			}
			if hash := result.PartialFingerprints["primaryLocationLineHash"]; result.Suppressions == nil && hashes[hash] {
				t.Errorf("%s: two results have the hash %s", r.name, hash)
			} else {
				hashes[hash] = true
			}
		}
		if ok := log.Runs[0].Invocations[0].Successful; ok != (len(r.make().Problems) == 0) {
			t.Errorf("%s: executionSuccessful is %v", r.name, ok)
		}
	}
}

func TestJUnitIsXMLWithATest(t *testing.T) {
	for _, r := range namedReports() {
		document := render(t, "junit", r, Options{ShowSuppressed: true})
		d := xml.NewDecoder(bytes.NewReader(document))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v in\n%s", r.name, err, document)
			}
		}
		if !strings.Contains(string(document), "<testcase ") {
			t.Errorf("%s: no test case in\n%s", r.name, document)
		}
	}
}
