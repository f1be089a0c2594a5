package testprovider

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// IAM is AWS IAM with one user (https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html). Signatures are
// verified (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
type IAM struct {
	Server
	Lag    int      // how many calls with a new key are refused until it is known everywhere
	Denied []string // actions that the user's policy does not allow

	keys []*iamKey
}

type iamKey struct {
	id, secret   string
	active       bool
	created      time.Time
	lag          int
	used         time.Time
	usedBy       string
	usedInRegion string
}

// NewIAM starts a service whose user has no keys.
func NewIAM(now func() time.Time) *IAM {
	a := &IAM{}
	a.start(now, a.handle, func(r *http.Request) string {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		form, _ := url.ParseQuery(string(body))
		return r.Method + " " + form.Get("Action")
	})
	return a
}

// Key makes a key for the user that is known everywhere.
func (a *IAM) Key() (id, secret string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	k := a.add(0)
	return k.id, k.secret
}

// End deletes a key, as somebody at the console does.
func (a *IAM) End(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keys = slices.DeleteFunc(a.keys, func(k *iamKey) bool { return k.id == id })
}

func (a *IAM) add(lag int) *iamKey {
	k := &iamKey{id: "AKIA" + strings.ToUpper(random(8)), secret: random(20), active: true, created: a.Now().UTC().Truncate(time.Second), lag: lag}
	a.keys = append(a.keys, k)
	return k
}

// Active returns the ids of the keys that are accepted.
func (a *IAM) Active() (ids []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, k := range a.keys {
		if k.active {
			ids = append(ids, k.id)
		}
	}
	return ids
}

// Secret returns the secret of a key; "" if there is no such key.
func (a *IAM) Secret(id string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if k := a.find(id); k != nil {
		return k.secret
	}
	return ""
}

// Use notes that a service was used with a key.
func (a *IAM) Use(id, service string, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	k := a.find(id)
	k.used, k.usedBy, k.usedInRegion = at, service, "eu-central-1"
}

func (a *IAM) find(id string) *iamKey {
	i := slices.IndexFunc(a.keys, func(k *iamKey) bool { return k.id == id })
	if i < 0 {
		return nil
	}
	return a.keys[i]
}

func (a *IAM) fail(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>%s</RequestId></ErrorResponse>`,
		code, message, random(8))
}

func (a *IAM) succeed(w http.ResponseWriter, action, result string) {
	w.Header().Set("Content-Type", "text/xml")
	_, _ = fmt.Fprintf(w, `<%[1]sResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><%[1]sResult>%[2]s</%[1]sResult><ResponseMetadata><RequestId>%[3]s</RequestId></ResponseMetadata></%[1]sResponse>`,
		action, result, random(8))
}

func (a *IAM) handle(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	form, formErr := url.ParseQuery(string(body))
	if err != nil || formErr != nil {
		a.fail(w, http.StatusBadRequest, "MalformedQueryString", "The query string contains a syntax error.")
		return
	}
	by, known := a.signer(r, body)
	switch {
	case by == nil || !by.active || by.lag > 0:
		if by != nil && by.lag > 0 {
			by.lag--
		}
		a.fail(w, http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid.")
		return
	case !known:
		a.fail(w, http.StatusForbidden, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.")
		return
	}
	action := form.Get("Action")
	if slices.Contains(a.Denied, action) {
		a.fail(w, http.StatusForbidden, "AccessDenied", "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: iam:"+action)
		return
	}
	a.act(w, action, form)
	by.used, by.usedBy, by.usedInRegion = a.Now(), "iam", "us-east-1"
}

func (a *IAM) act(w http.ResponseWriter, action string, form url.Values) {
	k := a.find(form.Get("AccessKeyId"))
	switch action {
	case "ListAccessKeys":
		a.list(w, form.Get("Marker"))
		return
	case "CreateAccessKey":
		if len(a.keys) >= 2 {
			a.fail(w, http.StatusConflict, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
			return
		}
		k := a.add(a.Lag)
		a.succeed(w, action, fmt.Sprintf("<AccessKey><UserName>ci</UserName><AccessKeyId>%s</AccessKeyId><Status>Active</Status><SecretAccessKey>%s</SecretAccessKey><CreateDate>%s</CreateDate></AccessKey>",
			k.id, k.secret, k.created.Format(time.RFC3339)))
		return
	}
	if k == nil {
		a.fail(w, http.StatusNotFound, "NoSuchEntity", "The Access Key with id "+escape(form.Get("AccessKeyId"))+" cannot be found.")
		return
	}
	switch action {
	case "GetAccessKeyLastUsed":
		used := "<ServiceName>N/A</ServiceName><Region>N/A</Region>"
		if !k.used.IsZero() {
			used = fmt.Sprintf("<LastUsedDate>%s</LastUsedDate><ServiceName>%s</ServiceName><Region>%s</Region>", k.used.UTC().Format(time.RFC3339), k.usedBy, k.usedInRegion)
		}
		a.succeed(w, action, "<UserName>ci</UserName><AccessKeyLastUsed>"+used+"</AccessKeyLastUsed>")
	case "UpdateAccessKey":
		k.active = form.Get("Status") == "Active"
		a.succeed(w, action, "")
	case "DeleteAccessKey":
		a.keys = slices.DeleteFunc(a.keys, func(o *iamKey) bool { return o == k })
		a.succeed(w, action, "")
	default:
		a.fail(w, http.StatusBadRequest, "InvalidAction", "Could not find operation "+escape(action))
	}
}

// list answers with pages of one key.
func (a *IAM) list(w http.ResponseWriter, marker string) {
	at := 0
	if marker == "second" {
		at = 1
	}
	var members string
	if at < len(a.keys) {
		k, status := a.keys[at], "Inactive"
		if k.active {
			status = "Active"
		}
		members = fmt.Sprintf("<member><UserName>ci</UserName><AccessKeyId>%s</AccessKeyId><Status>%s</Status><CreateDate>%s</CreateDate></member>", k.id, status, k.created.Format(time.RFC3339))
	}
	more := "<IsTruncated>false</IsTruncated>"
	if at+1 < len(a.keys) {
		more = "<IsTruncated>true</IsTruncated><Marker>second</Marker>"
	}
	a.succeed(w, "ListAccessKeys", "<AccessKeyMetadata>"+members+"</AccessKeyMetadata>"+more)
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder never fails
	return b.String()
}

// signer returns the key that a request claims to be signed with, and whether it is.
func (a *IAM) signer(r *http.Request, body []byte) (*iamKey, bool) {
	fields := map[string]string{}
	rest, _ := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	for part := range strings.SplitSeq(rest, ", ") {
		name, value, _ := strings.Cut(part, "=")
		fields[name] = value
	}
	scope := strings.Split(fields["Credential"], "/") // id, date, region, service, aws4_request
	if len(scope) != 5 {
		return nil, false
	}
	k := a.find(scope[0])
	if k == nil {
		return nil, false
	}
	var headers strings.Builder
	for name := range strings.SplitSeq(fields["SignedHeaders"], ";") {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = fmt.Sprint(r.ContentLength)
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, headers.String(), fields["SignedHeaders"], sum(body)}, "\n")
	toSign := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), strings.Join(scope[1:], "/"), sum([]byte(canonical))}, "\n")
	key := []byte("AWS4" + k.secret)
	for _, part := range append(scope[1:], toSign) {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(part))
		key = h.Sum(nil)
	}
	return k, hmac.Equal([]byte(hex.EncodeToString(key)), []byte(fields["Signature"]))
}

func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}
