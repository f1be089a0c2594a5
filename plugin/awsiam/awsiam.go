// Package awsiam replaces access keys of IAM users at AWS, with the key that is to be replaced. Start at Plugin.
//
// A user has two access keys at most (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html), so that the
// second place must be free: if it is not, nothing is done. What IAM is told takes effect after seconds
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html, eventual consistency), so that a new key is tried until
// it is accepted. An old key that is still used by something else than this program is not taken away.
//
// The secret is the secret access key, the account the access key id: AWS_SECRET_ACCESS_KEY and AWS_ACCESS_KEY_ID belong together.
package awsiam

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"keysweep/plugin"
	"keysweep/plugin/internal/rest"
)

// settings are those of [plugins.NAME.settings].
type settings struct {
	Region    string `json:"region"`
	URL       string `json:"url"`
	IgnoreUse bool   `json:"ignore_use"`
}

// Plugin is AWS IAM.
type Plugin struct {
	Now func() time.Time
	// Patience is how long a new key that is not accepted yet is tried; 0 is defaultPatience.
	Patience time.Duration
}

// defaultPatience is above the 10 to 15 seconds that a new key usually takes; it fits into a plugin's minute.
const defaultPatience = 30 * time.Second

// Describe is plugin.Plugin's.
func (Plugin) Describe() plugin.Description {
	return plugin.Description{
		Name: "awsiam", About: "access keys of IAM users at AWS", Phases: plugin.Dual,
		Settings: []plugin.Setting{
			{Name: "region", About: "decides the partition: us-east-1 (if it is not set), cn-north-1, us-gov-west-1"},
			{Name: "url", About: "of the IAM endpoint, if it is not AWS's own"},
			{Name: "ignore_use", About: "true: revoke the old key even if something has used it since the new one was made"},
		},
	}
}

// user is IAM as one key of the user may use it.
type user struct {
	api      *iam.Client
	settings settings
}

func open(req *plugin.Request, key *plugin.Credential) (*user, error) {
	s := settings{Region: "us-east-1"}
	if err := req.DecodeSettings(&s); err != nil {
		return nil, err
	}
	if key.Account == "" {
		return nil, errors.New("the access key id is not known: it is the account of the credential")
	}
	options := iam.Options{
		Region: s.Region, HTTPClient: rest.HTTPClient(),
		Credentials: credentials.NewStaticCredentialsProvider(key.Account, string(key.Secret), ""),
		Retryer:     aws.NopRetryer{}, // a CreateAccessKey that is sent twice makes two keys
	}
	if s.URL != "" {
		if _, err := rest.CheckURL(s.URL); err != nil {
			return nil, err
		}
		options.BaseEndpoint = aws.String(s.URL)
	}
	return &user{iam.New(options), s}, nil
}

// maxPages bounds the list of a user's keys, of which there are two.
const maxPages = 10

func (u *user) keys(ctx context.Context) (keys []types.AccessKeyMetadata, err error) {
	pages := iam.NewListAccessKeysPaginator(u.api, &iam.ListAccessKeysInput{})
	for n := 0; pages.HasMorePages(); n++ {
		if n == maxPages {
			return nil, errors.New("ListAccessKeys: the list has no end")
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, explain("ListAccessKeys", err)
		}
		keys = append(keys, page.AccessKeyMetadata...)
	}
	return keys, nil
}

// Create is plugin.Plugin's.
func (p Plugin) Create(ctx context.Context, req *plugin.Request) (plugin.Reply, error) {
	u, err := open(req, req.Current)
	if err != nil {
		return plugin.Reply{}, err
	}
	keys, err := u.keys(ctx)
	if err != nil {
		return plugin.Reply{}, err
	}
	if err := u.room(ctx, req, keys); err != nil {
		return plugin.Reply{}, err
	}
	out, err := u.api.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{})
	if code(err) == "LimitExceeded" {
		return plugin.Reply{}, fullError(keys, req.Current.Account)
	}
	if err != nil {
		return plugin.Reply{}, explain("CreateAccessKey", err)
	}
	k := out.AccessKey
	if k == nil || aws.ToString(k.SecretAccessKey) == "" || aws.ToString(k.AccessKeyId) == "" {
		return plugin.Reply{}, &plugin.RetryError{Err: errors.New("CreateAccessKey: the answer holds no key")}
	}
	reply := plugin.Reply{Secret: plugin.Secret(*k.SecretAccessKey), Account: *k.AccessKeyId, CreatedAt: aws.ToTime(k.CreateDate)}
	if name := aws.ToString(k.UserName); name != "" {
		reply.Meta = map[string]string{"user": name}
	}
	return reply, nil
}

// skew is how far the clock of this machine may be off from AWS's, which refuses requests that are off by more
// (RequestTimeTooSkewed, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html).
const skew = 15 * time.Minute

// room sees that there is a place for a new key. On another try it frees the place of a key that an earlier one made and whose
// secret was lost: there was none before this rotation began nor long after the last try, and it was never used.
func (u *user) room(ctx context.Context, req *plugin.Request, keys []types.AccessKeyMetadata) error {
	for _, k := range keys {
		id := aws.ToString(k.AccessKeyId)
		if id == req.Current.Account {
			continue
		}
		made := aws.ToTime(k.CreateDate)
		others := made.Before(req.StartedAt.Add(-skew)) || !req.TriedAt.IsZero() && made.After(req.TriedAt.Add(skew))
		if req.Attempt <= 1 || req.StartedAt.IsZero() || others {
			return fullError(keys, req.Current.Account)
		}
		used, err := u.lastUsed(ctx, id)
		if err != nil {
			return err
		}
		if !aws.ToTime(used.LastUsedDate).IsZero() {
			return fullError(keys, req.Current.Account)
		}
		_, err = u.api.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{AccessKeyId: aws.String(id)})
		if err != nil && code(err) != "NoSuchEntity" {
			return explain("DeleteAccessKey", err)
		}
	}
	return nil
}

func fullError(keys []types.AccessKeyMetadata, current string) error {
	var others []string
	for _, k := range keys {
		if id := aws.ToString(k.AccessKeyId); id != current {
			others = append(others, fmt.Sprintf("%s (%s, made %s)", id, strings.ToLower(string(k.Status)), aws.ToTime(k.CreateDate).UTC().Format(time.DateOnly)))
		}
	}
	return fmt.Errorf("the user has two access keys, and AWS allows no third: besides this one %s; "+
		"see whether it is still used, and delete it: aws iam get-access-key-last-used --access-key-id ID, aws iam delete-access-key --access-key-id ID",
		strings.Join(others, ", "))
}

func (u *user) lastUsed(ctx context.Context, id string) (*types.AccessKeyLastUsed, error) {
	out, err := u.api.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: aws.String(id)})
	if err != nil {
		return nil, explain("GetAccessKeyLastUsed", err)
	}
	if out.AccessKeyLastUsed == nil {
		return &types.AccessKeyLastUsed{}, nil
	}
	return out.AccessKeyLastUsed, nil
}
