package plugin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ReadRequest reads a request to the end of in. Its errors hold nothing of what was read.
func ReadRequest(in io.Reader) (*Request, error) {
	data, err := io.ReadAll(io.LimitReader(in, MaxMessage+1))
	defer clear(data)
	if err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	if len(data) > MaxMessage {
		return nil, fmt.Errorf("read request: it is longer than %d bytes", MaxMessage)
	}
	var req Request
	if err := decode(data, &req); err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	if req.Protocol != Version {
		return nil, fmt.Errorf("read request: it is of protocol %d, and this plugin speaks %d", req.Protocol, Version)
	}
	return &req, nil
}

// ReadReply reads what a plugin wrote. Its errors hold nothing of it. Fields that are not known are left out. The secret is in
// the reply beside an error, too, wherever it can be found: what is wrong with the rest must not lose it.
func ReadReply(data []byte) (Reply, error) {
	var reply Reply
	if err := decode(data, &reply); err != nil {
		return Reply{Secret: salvage(data)}, fmt.Errorf("read reply: %w", err)
	}
	if !plain(reply.Account) || !plain(reply.Message) || reply.RetryAfter < 0 {
		return reply, fmt.Errorf("read reply: account and message must be one line of text")
	}
	size := 0
	for name, value := range reply.Meta {
		size += len(name) + len(value)
	}
	if size > MaxMeta {
		return reply, fmt.Errorf("read reply: meta takes %d bytes, and at most %d are kept", size, MaxMeta)
	}
	return reply, nil
}

// salvage finds the secret of a reply that cannot be read as a whole: a field has the wrong type, the end is missing, or other
// lines stand around it.
func salvage(data []byte) (secret Secret) {
	for secret == nil {
		if data = bytes.TrimLeft(data, " \t\r\n"); bytes.HasPrefix(data, []byte("{")) {
			secret = secretIn(data)
		}
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			break
		}
		data = data[end:]
	}
	return secret
}

// secretIn returns the secret of the JSON object that data begins with; nil if it has none before it becomes unreadable.
func secretIn(data []byte) (secret Secret) {
	d := json.NewDecoder(bytes.NewReader(data))
	_, err := d.Token() // the brace
	for err == nil && d.More() {
		var name json.Token
		if name, err = d.Token(); err != nil {
			break
		}
		var value json.RawMessage
		if err = d.Decode(&value); err == nil && name == "secret" && json.Unmarshal(value, &secret) != nil {
			secret = nil
		}
		clear(value)
	}
	return secret
}

func plain(text string) bool { return !strings.ContainsAny(text, "\x00\n\r\x1b") }

// decode reads one JSON object. What encoding/json says of a mistake may quote the input: it is not passed on.
func decode(data []byte, to any) error {
	trimmed := bytes.TrimSpace(data)
	if len(trimmed) == 0 {
		return errors.New("it is empty")
	}
	if trimmed[0] != '{' {
		return errors.New("it is no JSON object")
	}
	err := json.Unmarshal(trimmed, to)
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return fmt.Errorf("it is no JSON: there is a mistake at byte %d", syntax.Offset)
	case errors.As(err, &wrong):
		return fmt.Errorf("%q must be a %s", wrong.Field, wrong.Type)
	}
	return errors.New("a field has the wrong type")
}

// Encode writes a message as JSON on one line, without escapes that JSON does not ask for.
func Encode(w io.Writer, message any) error {
	var buf bytes.Buffer
	defer func() { clear(buf.Bytes()) }()
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(message); err != nil {
		return fmt.Errorf("write message: %w", err)
	}
	if buf.Len() > MaxMessage {
		return fmt.Errorf("write message: it takes %d bytes, more than %d", buf.Len(), MaxMessage)
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// DecodeSettings reads the settings of a request into a struct, and refuses those that the struct does not have.
func (r *Request) DecodeSettings(to any) error {
	if len(r.Settings) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(r.Settings))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return fmt.Errorf("settings: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}
