package awsiam

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"keysweep/plugin"
)

// pause lies between two tries with a new key.
const pause = 2 * time.Second

// Test is plugin.Plugin's. It signs a call with the key, without a look at what the key may do: who is told "access denied" has
// been recognised.
func (p Plugin) Test(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
	key, other := req.Subjects()
	if key.Account == "" && other != nil && other.Account != "" {
		account, err := p.findOther(ctx, req, other)
		if err != nil {
			return plugin.Reply{}, err
		}
		found := *key
		found.Account = account
		key = &found
	}
	u, err := open(req, key)
	if err != nil {
		return plugin.Reply{}, err
	}
	keys, err := u.keys(ctx)
	patience := p.Patience
	if patience == 0 {
		patience = defaultPatience
	}
	for waited := time.Duration(0); errors.Is(err, plugin.ErrRefused) && req.Subject == plugin.Pending && waited < patience; waited += pause {
		select {
		case <-ctx.Done():
			return plugin.Reply{}, ctx.Err()
		case <-time.After(pause):
		}
		keys, err = u.keys(ctx)
	}
	reply := plugin.Reply{Account: key.Account}
	if code(err) == "AccessDenied" {
		return reply, nil
	}
	at := slices.IndexFunc(keys, func(k types.AccessKeyMetadata) bool { return aws.ToString(k.AccessKeyId) == key.Account })
	if err == nil && at >= 0 {
		reply.CreatedAt = aws.ToTime(keys[at].CreateDate)
	}
	return reply, err
}

// findOther finds the id of a new key whose secret alone was kept: it is the one beside the current key.
func (p Plugin) findOther(ctx context.Context, req *plugin.Request, current *plugin.Credential) (string, error) {
	u, err := open(req, current)
	if err != nil {
		return "", err
	}
	keys, err := u.keys(ctx)
	if err != nil {
		return "", err
	}
	for _, k := range keys {
		if id := aws.ToString(k.AccessKeyId); id != current.Account {
			return id, nil
		}
	}
	return "", fmt.Errorf("%w: the user has no second access key", plugin.ErrRefused)
}

// Revoke is plugin.Revoker's: the key is made inactive, then deleted, with the help of the other one.
func (p Plugin) Revoke(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
	key, other := req.Subjects()
	if other == nil || len(other.Secret) == 0 {
		return plugin.Reply{}, errors.New("a key is revoked with the help of the other one, which is not there")
	}
	if key.Account == "" {
		return plugin.Reply{}, errors.New("the access key id of the key to revoke is not known")
	}
	u, err := open(req, other)
	if err != nil {
		return plugin.Reply{}, err
	}
	if err := u.idle(ctx, req, key.Account); err != nil {
		return plugin.Reply{}, err
	}
	_, err = u.api.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{AccessKeyId: aws.String(key.Account), Status: types.StatusTypeInactive})
	if err != nil && code(err) != "NoSuchEntity" {
		return plugin.Reply{}, explain("UpdateAccessKey", err)
	}
	_, err = u.api.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{AccessKeyId: aws.String(key.Account)})
	if err != nil && code(err) != "NoSuchEntity" {
		return plugin.Reply{}, explain("DeleteAccessKey", err)
	}
	return plugin.Reply{}, nil
}

// idle sees that nothing has used the current key since the rotation began, but for the calls of this plugin, which are to IAM.
func (u *user) idle(ctx context.Context, req *plugin.Request, id string) error {
	if u.settings.IgnoreUse || req.Subject != plugin.Current || req.StartedAt.IsZero() {
		return nil
	}
	used, err := u.lastUsed(ctx, id)
	if code(err) == "NoSuchEntity" || code(err) == "AccessDenied" {
		return nil // gone, or not for us to know
	}
	if err != nil {
		return err
	}
	at, service := aws.ToTime(used.LastUsedDate), aws.ToString(used.ServiceName)
	if at.After(req.StartedAt) && service != "iam" {
		return &plugin.RetryError{Err: fmt.Errorf("the old key %s was used for %s on %s, after the new one was made: something has not got the new one; "+
			"revoke it all the same with the setting ignore_use = true", id, service, at.UTC().Format(time.RFC3339))}
	}
	return nil
}

// explain says what AWS answered to a call, sorted into what the protocol knows.
func explain(operation string, err error) error {
	c := code(err)
	switch {
	case c == "":
		return &plugin.RetryError{Err: fmt.Errorf("%s: %w", operation, transport(err))}
	case slices.Contains(refusals, c):
		return fmt.Errorf("%w: %s: %w", plugin.ErrRefused, operation, apiError(err))
	case strings.HasPrefix(c, "Throttl") || c == "RequestLimitExceeded" || c == "ServiceFailure" || c == "ServiceUnavailable" ||
		c == "InternalFailure" || c == "EntityTemporarilyUnmodifiable" || status(err) >= 500:
		return &plugin.RetryError{Err: fmt.Errorf("%s: %w", operation, apiError(err))}
	}
	return fmt.Errorf("%s: %w", operation, apiError(err))
}

// refusals are the answers to a key that is not known, not active or wrong
// (https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html).
var refusals = []string{"InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException", "InvalidAccessKeyId"}

// answer is what the SDK knows of an error that AWS itself answered.
type answer interface {
	error
	ErrorCode() string
	ErrorMessage() string
}

// code returns AWS's name of an error; "" if it is not AWS's.
func code(err error) string {
	var a answer
	if !errors.As(err, &a) || status(err) == 0 {
		return ""
	}
	return a.ErrorCode()
}

func status(err error) int {
	var s interface{ HTTPStatusCode() int }
	if !errors.As(err, &s) {
		return 0
	}
	return s.HTTPStatusCode()
}

// said is an error in AWS's words without those of the SDK; it keeps the SDK's for those who ask.
type said struct {
	text string
	err  error
}

func (s *said) Error() string { return s.text }
func (s *said) Unwrap() error { return s.err }

func apiError(err error) error {
	var a answer
	if !errors.As(err, &a) {
		return err
	}
	return &said{a.ErrorCode() + ": " + a.ErrorMessage(), err}
}

// transport takes the innermost error, which says what broke.
func transport(err error) error {
	text := err.Error()
	if i := strings.LastIndex(text, "request send failed, "); i >= 0 {
		text = text[i+len("request send failed, "):]
	}
	return &said{text, err}
}
