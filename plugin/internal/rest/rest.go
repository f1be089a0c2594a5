// Package rest talks to the HTTP API of a provider with care for the credential that is sent along: encrypted unless it stays
// on this machine, to no other host than the one that was named, with bounded answers, and with errors that hold nothing of it.
// Start at New.
package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"keysweep/plugin"
)

// maxBody is the most that is read of an answer, in bytes. The longest that is expected are lists of a page of 100 entries.
const maxBody = 1 << 20

// perCall is how long one call may take: enough for a provider under load, and several of them fit into a plugin's time.
const perCall = 20 * time.Second

// Client calls one API. It is safe for concurrent use.
type Client struct {
	base   *url.URL
	http   *http.Client
	header http.Header
}

// New returns a client for the API below base, an https URL; http is accepted for this machine only. A proxy is used if the
// environment names one, as net/http reads it.
func New(base string) (*Client, error) {
	u, err := CheckURL(base)
	if err != nil {
		return nil, err
	}
	return &Client{base: u, http: HTTPClient(), header: http.Header{"User-Agent": {"keysweep"}, "Accept": {"application/json"}}}, nil
}

// CheckURL says what is wrong with the URL of an API, if anything is.
func CheckURL(base string) (*url.URL, error) {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return nil, errors.New("settings: url cannot be read") // the text of the error would quote a password in it
	case u.User != nil:
		return nil, errors.New("settings: url must not hold a user or a password")
	case u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("settings: url %q must be like https://gitlab.example.org", u.Redacted())
	case u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()):
		return u, nil
	}
	return nil, fmt.Errorf("settings: url %q must begin with https://: a credential would be sent for everybody to read", u.Redacted())
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// HTTPClient returns the client underneath: it follows no redirect, since that would carry the credential elsewhere, and keeps
// no connection, since one that broke is to be seen as such.
func HTTPClient() *http.Client {
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10,
		TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true,
	}
	return &http.Client{
		Transport: bounded{transport}, Timeout: perCall,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bounded ends answers that are too long.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(req)
	if err == nil {
		resp.Body = &body{resp.Body, maxBody}
	}
	return resp, err
}

type body struct {
	io.ReadCloser
	left int64
}

func (b *body) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("it is longer than %d bytes", maxBody)
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// With returns a client that sends one more header with every call.
func (c *Client) With(name, value string) *Client {
	header := c.header.Clone()
	header.Set(name, value)
	return &Client{c.base, c.http, header}
}

// StatusError is an answer of the provider that is not a success.
type StatusError struct {
	Method, Path string
	Status       int
	Said         string // one line, at most maxSaid bytes
	After        time.Duration
}

// Error says what was asked and what was answered.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("%s %s: the provider answered %d %s", e.Method, e.Path, e.Status, http.StatusText(e.Status))
	if e.Said != "" {
		text += ": " + e.Said
	}
	return text
}

// Temporary reports whether the same call may be answered otherwise later.
func (e *StatusError) Temporary() bool {
	return e.Status == http.StatusTooManyRequests || e.Status == http.StatusRequestTimeout || e.Status >= 500
}

// Is reports whether err is an answer with one of the status codes.
func Is(err error, codes ...int) bool {
	var status *StatusError
	if !errors.As(err, &status) {
		return false
	}
	for _, code := range codes {
		if status.Status == code {
			return true
		}
	}
	return false
}

// Call sends in as JSON (nil: nothing) and reads the answer into out (nil: not looked at). A status other than 2xx is a
// *StatusError; what may pass by itself, and a call of which nobody knows whether it was carried out, a *plugin.RetryError. It
// never repeats a call: what that would do only the caller knows.
func (c *Client) Call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		defer clear(data)
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.base.String(), "/")+path, body)
	if err != nil {
		return fmt.Errorf("%s %s: the request cannot be made", method, path)
	}
	req.Header = c.header.Clone()
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return &plugin.RetryError{Err: fmt.Errorf("%s %s: %s: %w", method, path, c.base.Host, cause(err))}
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	defer clear(data)
	switch {
	case err != nil:
		return &plugin.RetryError{Err: fmt.Errorf("%s %s: the answer of %s broke off: %w", method, path, c.base.Host, cause(err))}
	case resp.StatusCode/100 != 2:
		return failure(method, path, resp, data)
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		// The call was carried out, and what came of it is not known.
		return &plugin.RetryError{Err: fmt.Errorf("%s %s: the answer of %s cannot be read as JSON", method, path, c.base.Host)}
	}
	return nil
}

// cause takes the URL out of net/http's errors: it is said already.
func cause(err error) error {
	var inner *url.Error
	if errors.As(err, &inner) {
		return inner.Err
	}
	return err
}

func failure(method, path string, resp *http.Response, body []byte) error {
	e := &StatusError{Method: method, Path: path, Status: resp.StatusCode, Said: said(resp.Header, body), After: retryAfter(resp.Header)}
	if resp.StatusCode/100 == 3 {
		e.Said = "it leads elsewhere; put the URL that it leads to in the settings if that is right"
	}
	if e.Temporary() {
		return &plugin.RetryError{Err: e, After: e.After}
	}
	return e
}

// maxRetryAfter bounds what a provider can ask for.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads the header Retry-After in seconds (RFC 9110, 10.2.3); dates, which need a clock, count as unknown.
func retryAfter(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(n)*time.Second, maxRetryAfter)
}

const maxSaid = 300

// said takes what APIs put into errors: {"message": ...}, {"error": ..., "error_description": ...}, {"errors": [...]}. Other bodies,
// of proxies for example, are left out.
func said(h http.Header, body []byte) string {
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	if !strings.HasSuffix(kind, "json") {
		return ""
	}
	var e struct {
		Message     any    `json:"message"`
		Error       any    `json:"error"`
		Description string `json:"error_description"`
		Errors      []any  `json:"errors"`
	}
	if json.Unmarshal(body, &e) != nil {
		return ""
	}
	var parts []string
	for _, part := range append([]any{e.Message, e.Error}, e.Errors...) {
		if part != nil {
			parts = append(parts, fmt.Sprint(part))
		}
	}
	if e.Description != "" {
		parts = append(parts, e.Description)
	}
	text := strings.Join(strings.Fields(strings.Join(parts, ": ")), " ")
	if len(text) > maxSaid {
		text = strings.ToValidUTF8(text[:maxSaid], "") + "..."
	}
	return text
}
