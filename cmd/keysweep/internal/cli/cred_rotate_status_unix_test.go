//go:build unix

package cli

import (
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// rotationStatus is what --status --format json says, after a look that it is as the schema has it.
func (h *credHome) rotationStatus(code int, ref string) map[string]any {
	h.t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(h.run(code, "", "rotate", ref, "--status", "--format", "json")))
	if err != nil {
		h.t.Fatal(err)
	}
	if err := closedSchema(h.t, "keysweep.cred-rotation.v1.schema.json").Validate(document); err != nil {
		h.t.Error(err)
	}
	items, _ := document.(map[string]any)["items"].([]any)
	item, ok := items[0].(map[string]any)
	if !ok {
		h.t.Fatalf("%v", document)
	}
	return item
}

// TestCredRotateStatusByHand is the state of a rotation by a person, in the forms that there are.
func TestCredRotateStatusByHand(t *testing.T) {
	h := newCredHome(t)
	old, fresh := strings.Repeat("oLd5", 6), strings.Repeat("nEw7", 6)
	h.add("A_TOKEN", old)
	if item := h.rotationStatus(exitOK, "prod/A_TOKEN"); item["under_way"] != false || item["step"] != "" || item["next"] != "" {
		t.Errorf("before: %v", item)
	}
	h.run(exitFindings, fresh, "rotate", "prod/A_TOKEN", "--manual", "-") // nobody says that the old one is revoked
	item := h.rotationStatus(exitFindings, "prod/A_TOKEN")
	if item["under_way"] != true || item["step"] != "swapped" || item["by_hand"] != true || item["next"] != "keysweep cred rotate prod/A_TOKEN" {
		t.Errorf("%v", item)
	}
	if said := h.run(exitFindings, "", "rotate", "prod/A_TOKEN", "--status", "-f", "csv"); !strings.Contains(said, "id,env,name,under_way,step") {
		t.Errorf("%s", said)
	}
	h.run(exitUsage, "", "rotate", "prod/A_TOKEN", "--format", "json")
	h.run(exitUsage, "", "rotate", "prod/A_TOKEN", "--status", "--format", "xml")
	h.run(exitOK, "", "rotate", "prod/A_TOKEN", "--revoked")
	h.rotationStatus(exitOK, "prod/A_TOKEN")
}
