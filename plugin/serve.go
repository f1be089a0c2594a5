package plugin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Plugin replaces credentials at one provider. An error may be a *RetryError, or, from Test, ErrRefused; texts of errors must
// not hold secrets. What a method returns besides an error is sent all the same, above all the secret that was made.
type Plugin interface {
	// Describe says what the plugin can do. Serve fills in Protocol and Steps.
	Describe() Description
	// Create makes a new credential with the help of req.Current. It must be safe to repeat with the same RequestID. An error
	// that is no *RetryError says that nothing was made.
	Create(ctx context.Context, req *Request) (Reply, error)
	// Test asks the provider whether it accepts the credential that req.Subject names.
	Test(ctx context.Context, req *Request) (Reply, error)
}

// Deployer is a Plugin that must put a new credential somewhere at the provider before it is valid.
type Deployer interface {
	// Deploy is told the new credential in req.Pending. It must be safe to repeat.
	Deploy(ctx context.Context, req *Request) (Reply, error)
}

// Revoker is a Plugin whose credentials are ended by a call of their own.
type Revoker interface {
	// Revoke ends the credential that req.Subject names. One that is ended already is no error.
	Revoke(ctx context.Context, req *Request) (Reply, error)
}

// ErrRefused is returned by Plugin.Test if the provider does not accept the credential.
var ErrRefused = errors.New("the provider refuses the credential")

// RetryError says that a step may succeed later, or that nobody knows whether it was done.
type RetryError struct {
	Err   error
	After time.Duration // when another try makes sense; 0 if unknown
}

// Error is that of Err.
func (e *RetryError) Error() string { return e.Err.Error() }

// Unwrap is for errors.Is.
func (e *RetryError) Unwrap() error { return e.Err }

// Serve answers the one request on in and returns the exit code of the program: os.Exit(plugin.Serve(ctx, os.Stdin, os.Stdout, p)).
func Serve(ctx context.Context, in io.Reader, out io.Writer, p Plugin) int {
	reply, err := serve(ctx, in, p)
	code := OK
	var retry *RetryError
	switch {
	case err == nil:
		reply.OK = true
	case errors.Is(err, ErrRefused):
		reply.Refused = true
	case errors.As(err, &retry), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		code = Retry
		if retry != nil {
			reply.RetryAfter = int(retry.After / time.Second)
		}
	default:
		code = Failed
	}
	if err != nil {
		reply.Message = strings.Join(strings.Fields(err.Error()), " ")
	}
	defer clear(reply.Secret)
	if err := Encode(out, &reply); err != nil {
		return Failed
	}
	return code
}

func serve(ctx context.Context, in io.Reader, p Plugin) (Reply, error) {
	req, err := ReadRequest(in)
	if err != nil {
		return Reply{}, err
	}
	defer req.Clear()
	subject, _ := req.Subjects()
	switch {
	case req.Step == StepDescribe:
		return describe(p), nil
	case req.Current == nil || len(req.Current.Secret) == 0:
		return Reply{}, fmt.Errorf("step %s: there is no current credential", req.Step)
	case req.Step == StepCreate:
		return p.Create(ctx, req)
	case subject == nil || len(subject.Secret) == 0:
		return Reply{}, fmt.Errorf("step %s: there is no %s credential", req.Step, req.Subject)
	case req.Step == StepTest:
		return p.Test(ctx, req)
	}
	if d, ok := p.(Deployer); ok && req.Step == StepDeploy {
		return d.Deploy(ctx, req)
	}
	if r, ok := p.(Revoker); ok && req.Step == StepRevoke {
		return r.Revoke(ctx, req)
	}
	return Reply{}, fmt.Errorf("there is no step %q", req.Step)
}

func describe(p Plugin) Reply {
	d := p.Describe()
	d.Protocol, d.Steps = Version, []string{StepCreate, StepTest}
	if _, ok := p.(Deployer); ok {
		d.Steps = append(d.Steps, StepDeploy)
	}
	if _, ok := p.(Revoker); ok {
		d.Steps = append(d.Steps, StepRevoke)
	}
	return Reply{Description: &d}
}
