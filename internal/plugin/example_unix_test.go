//go:build unix

package plugin

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/internal/testneed"
	"keysweep/plugin"
)

// exampleProvider is the provider of docs/examples/keysweep-example.sh.
func exampleProvider(t *testing.T, valid map[string]bool) string {
	made := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		switch {
		case token == "busy":
			w.WriteHeader(http.StatusServiceUnavailable)
		case !valid[token]:
			w.WriteHeader(http.StatusUnauthorized)
		case r.Method == http.MethodPost:
			made++
			fresh := fmt.Sprintf("fresh.token-%d", made)
			valid[fresh] = true
			_, _ = fmt.Fprint(w, fresh)
		case r.Method == http.MethodDelete:
			delete(valid, token)
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestExample runs the example of the documentation through all steps.
func TestExample(t *testing.T) {
	testneed.Program(t, "curl")
	testneed.Program(t, "sed")
	example, err := os.ReadFile(filepath.Join("..", "..", "docs", "examples", "keysweep-example.sh"))
	if err != nil {
		t.Fatal(err)
	}
	r, _ := script(t, strings.TrimPrefix(string(example), "#!/bin/sh\n"))
	valid := map[string]bool{"old-token": true}
	r.Settings = []byte(`{"url":"` + exampleProvider(t, valid) + `"}`)
	ask := func(step string, subject plugin.Subject, current, pending string) (plugin.Reply, error) {
		req := &plugin.Request{Protocol: plugin.Version, Step: step, Subject: subject, ID: "1", Name: "TOKEN", Env: "prod", RequestID: "2", Attempt: 1}
		if current != "" {
			req.Current = &plugin.Credential{Secret: plugin.Secret(current), Account: "a"}
		}
		if pending != "" {
			req.Pending = &plugin.Credential{Secret: plugin.Secret(pending), Meta: map[string]string{"k": "v"}}
		}
		return r.Run(t.Context(), req)
	}
	if got, err := ask(plugin.StepDescribe, "", "", ""); err != nil || got.Description == nil || len(got.Description.Steps) != 3 || got.Description.Phases != plugin.Dual {
		t.Errorf("describe: %+v %v", got, err)
	}
	made, err := ask(plugin.StepCreate, "", "old-token", "")
	if err != nil || !valid[string(made.Secret)] || !valid["old-token"] {
		t.Fatalf("create: %+v %v", made, err)
	}
	if got, err := ask(plugin.StepTest, plugin.Pending, "old-token", string(made.Secret)); err != nil || !got.OK {
		t.Errorf("test: %+v %v", got, err)
	}
	if got, err := ask(plugin.StepRevoke, plugin.Current, "old-token", string(made.Secret)); err != nil || !got.OK || valid["old-token"] {
		t.Errorf("revoke: %+v %v", got, err)
	}
	if got, err := ask(plugin.StepTest, plugin.Current, "old-token", string(made.Secret)); err != nil || got.OK || !got.Refused {
		t.Errorf("old: %+v %v", got, err)
	}
	if got, err := ask(plugin.StepCreate, "", "old-token", ""); err != nil || got.OK || !got.Refused {
		t.Errorf("create with an old one: %+v %v", got, err)
	}
	var retry *plugin.RetryError
	if got, err := ask(plugin.StepTest, plugin.Current, "busy", ""); !errors.As(err, &retry) {
		t.Errorf("busy: %+v %v", got, err)
	}
	if _, err := ask(plugin.StepCreate, "", `a"b`, ""); err == nil || !strings.Contains(err.Error(), "can read") {
		t.Errorf("a token that it cannot read: %v", err)
	}
}
