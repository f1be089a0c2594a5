package plugin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"
)

// Secret is the value of a credential: text, in JSON a string. It prints masked. Whoever makes one clears it after use.
type Secret []byte

// String hides the secret.
func (s Secret) String() string { return "[secret]" }

// GoString hides the secret.
func (s Secret) GoString() string { return "[secret]" }

// MarshalJSON writes the secret itself, which must be valid UTF-8.
func (s Secret) MarshalJSON() ([]byte, error) {
	if !utf8.Valid(s) {
		return nil, fmt.Errorf("the secret is not text (UTF-8): it cannot be handed to a plugin")
	}
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false) // so that a program without a JSON parser sees most secrets as they are
	err := e.Encode(string(s))
	return bytes.TrimSpace(buf.Bytes()), err
}

// UnmarshalJSON reads a string.
func (s *Secret) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("a secret must be a string") // the text of the error would quote it
	}
	*s = Secret(text)
	return nil
}

// Credential is one of the two that a rotation is about.
type Credential struct {
	Secret  Secret            `json:"secret"`
	Account string            `json:"account,omitempty"` // what the provider calls it, not secret: an access key id, a token's number
	Meta    map[string]string `json:"meta,omitempty"`    // what the plugin answered in Meta when it was made; not secret
}

// Request is what a plugin is asked to do. As JSON it stands on one line, with the fields in this order.
type Request struct {
	Protocol int    `json:"protocol"` // Version
	Step     string `json:"step"`
	// Subject is set for StepTest and StepRevoke.
	Subject Subject `json:"subject,omitempty"`
	ID      string  `json:"id,omitempty"`   // of the record in the ledger, opaque
	Name    string  `json:"name,omitempty"` // of the credential: the environment variable that holds it
	Env     string  `json:"env,omitempty"`
	// RequestID is random, and the same for all steps and tries of one rotation.
	RequestID string `json:"request_id,omitempty"`
	// Attempt counts the tries of StepCreate in this rotation, from 1. Above 1 the outcome of an earlier try is not known: it
	// may have made a credential whose secret was lost.
	Attempt   int       `json:"attempt,omitempty"`
	StartedAt time.Time `json:"started_at,omitzero"` // of the rotation
	// TriedAt is when the last try of StepCreate before this one began. What was made much later was made by somebody else.
	TriedAt time.Time `json:"tried_at,omitzero"`
	// Settings are the plugin's own, from the trusted policy; an object.
	Settings json.RawMessage `json:"settings,omitempty"`
	Current  *Credential     `json:"current,omitempty"`
	Pending  *Credential     `json:"pending,omitempty"`
}

// Subjects returns the credential that the step is about and the other one; nil where the request has none.
func (r *Request) Subjects() (subject, other *Credential) {
	if r.Subject == Pending {
		return r.Pending, r.Current
	}
	return r.Current, r.Pending
}

// Clear overwrites the secrets.
func (r *Request) Clear() {
	for _, c := range []*Credential{r.Current, r.Pending} {
		if c != nil {
			clear(c.Secret)
		}
	}
}

// Reply is a plugin's answer.
type Reply struct {
	// OK says that the step was done. For StepTest: that the provider accepts the credential.
	OK bool `json:"ok"`
	// Refused says, for StepTest, that the provider does not accept the credential. Without it a test that is not OK has found
	// out nothing.
	Refused bool   `json:"refused,omitempty"`
	Secret  Secret `json:"secret,omitempty"` // StepCreate: the new one. It is kept whatever else the reply says.
	// Account and Meta, ExpiresAt and CreatedAt are of the new credential (StepCreate) or of the one that was tested (StepTest).
	Account   string            `json:"account,omitempty"`
	Meta      map[string]string `json:"meta,omitempty"` // not secret; comes back in Credential.Meta; MaxMeta bytes at most
	ExpiresAt time.Time         `json:"expires_at,omitzero"`
	CreatedAt time.Time         `json:"created_at,omitzero"`
	// OldValidUntil says, for StepCreate and StepRevoke, until when the provider goes on accepting the current credential.
	OldValidUntil time.Time `json:"old_valid_until,omitzero"`
	Message       string    `json:"message,omitempty"`     // for people, one line
	RetryAfter    int       `json:"retry_after,omitempty"` // seconds until another try makes sense
	// Description is the answer to StepDescribe.
	Description *Description `json:"description,omitempty"`
}

// MaxMeta is the most that the names and values of Reply.Meta may take together, in bytes.
const MaxMeta = 512

// Description says what a plugin can do.
type Description struct {
	Protocol int       `json:"protocol"` // Version
	Name     string    `json:"name"`     // of the plugin
	About    string    `json:"about,omitempty"`
	Phases   Phases    `json:"phases,omitempty"`
	Steps    []string  `json:"steps"` // besides StepDescribe
	Settings []Setting `json:"settings,omitempty"`
}

// Setting is one that the plugin takes.
type Setting struct {
	Name     string `json:"name"`
	About    string `json:"about,omitempty"`
	Required bool   `json:"required,omitempty"`
}
