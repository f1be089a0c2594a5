package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestEvalMatchesItsSchema has mistakes of both kinds, and closes the schema: a field that is not documented fails.
func TestEvalMatchesItsSchema(t *testing.T) {
	dir := t.TempDir()
	token := "ghp_" + strings.Repeat("aB3dE5fG7h", 4)[:36]
	lines := "repo,ext,truth,category,value_start,value_end,line\n" +
		"a,.go,F,Token,5,45,x = `" + token + "`\n" +
		"a,.go,T,Key:Token,4,8,k = word\n"
	if err := os.WriteFile(filepath.Join(dir, "lines.csv"), []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	env, out, errs := testEnv(t, "eval", "lines.csv", "--format", "json")
	env.Dir = dir
	if code := Main(context.Background(), env); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, errs.String())
	}
	if strings.Contains(out.String(), token) {
		t.Error("the report shows a value")
	}
	document, err := jsonschema.UnmarshalJSON(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := closedSchema(t, "keysweep.eval.v1.schema.json").Validate(document); err != nil {
		t.Error(err)
	}
	report := document.(map[string]any)
	if items, notices := report["items"].([]any), report["notices"].([]any); len(items) != 3 || len(notices) != 2 {
		t.Errorf("%d items and %d notices, want 3 and 2", len(items), len(notices))
	}
}
