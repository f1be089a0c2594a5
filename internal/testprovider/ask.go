package testprovider

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"keysweep/plugin"
)

// Ask has a plugin answer one request as a program would, and returns the reply and the exit code. A message that shows a secret
// of the request is an error.
func Ask(ctx context.Context, p plugin.Plugin, settings any, req plugin.Request) (plugin.Reply, int, error) {
	var in, out bytes.Buffer
	var err error
	req.Protocol = plugin.Version
	if req.Settings, err = json.Marshal(settings); err != nil {
		return plugin.Reply{}, 0, err
	}
	if err := plugin.Encode(&in, &req); err != nil {
		return plugin.Reply{}, 0, err
	}
	code := plugin.Serve(ctx, &in, &out, p)
	reply, err := plugin.ReadReply(out.Bytes())
	for _, c := range []*plugin.Credential{req.Current, req.Pending} {
		if c != nil && len(c.Secret) > 0 && strings.Contains(reply.Message, string(c.Secret)) {
			return reply, code, fmt.Errorf("the message shows a secret")
		}
	}
	return reply, code, err
}
