package cli

import (
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestStatusKeepsItsSchema(t *testing.T) {
	env, out, said := testEnv(t, "status", "--format", "json")
	env.Home = env.Dir
	if code := Main(t.Context(), env); code != exitOK {
		t.Fatal(code, said)
	}
	document, err := jsonschema.UnmarshalJSON(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := closedSchema(t, "keysweep.status.v1.schema.json").Validate(document); err != nil {
		t.Error(err)
	}
}
