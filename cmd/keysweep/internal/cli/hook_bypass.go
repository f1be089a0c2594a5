package cli

import (
	"context"
	"fmt"
	"os/user"
	"strconv"
	"strings"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/internal/hook"
)

// bypassVariable holds the reason for which a commit or push may pass.
const bypassVariable = "KEYSWEEP_BYPASS"

// bypassOption is the push option with the reason, where the server allows it.
const bypassOption = "keysweep.bypass="

// bypassReason returns the reason that was given to let the commit or push through; "" is none.
func (r *hookRun) bypassReason(ctx context.Context) string {
	if r.name != "pre-receive" {
		return strings.TrimSpace(r.env.Getenv(bypassVariable))
	}
	if !r.serverSays(ctx, "keysweep.allowBypass") {
		return ""
	}
	count, _ := strconv.Atoi(r.env.Getenv("GIT_PUSH_OPTION_COUNT")) // none is given as none or 0
	for i := range min(count, 1000) {
		if reason, ok := strings.CutPrefix(r.env.Getenv(fmt.Sprintf("GIT_PUSH_OPTION_%d", i)), bypassOption); ok {
			return strings.TrimSpace(reason)
		}
	}
	return ""
}

// bypassHow is what to type to let it through.
func (r *hookRun) bypassHow(ctx context.Context) string {
	switch {
	case r.name == "pre-commit":
		return bypassVariable + `="the reason" git commit ...`
	case r.name == "pre-push":
		return bypassVariable + `="the reason" git push ...`
	case r.serverSays(ctx, "keysweep.allowBypass"):
		return `git push -o ` + bypassOption + `"the reason" ...`
	}
	return ""
}

// serverSays reads a switch of the configuration of the repository that is pushed to, of its user or of its system. Settings
// of the command line do not count, since who pushes to a local path chooses those.
func (r *hookRun) serverSays(ctx context.Context, key string) bool {
	var environ []string
	for _, entry := range r.env.Environ {
		name, _, _ := strings.Cut(entry, "=")
		if name != "GIT_CONFIG_PARAMETERS" && name != "GIT_CONFIG_COUNT" {
			environ = append(environ, entry)
		}
	}
	value, _, err := hook.Git{Environ: environ}.Config(ctx, r.env.Dir, "bool", key)
	return err == nil && value == "true"
}

// recordBypass writes down that the hook was told to let it through, and says so. What cannot be recorded is refused.
func (r *hookRun) recordBypass(ctx context.Context, report *finding.Report, reason string, code int) error {
	b := hook.Bypass{Time: r.env.Now(), User: r.user(), Hook: r.name, Refs: r.refs, Reason: reason, Exit: code}
	if report != nil {
		b.Findings = len(report.Findings)
	}
	repo, err := git.Open(ctx, git.Options{Dir: r.env.Dir, Environ: r.env.Environ, Cwd: r.env.Dir})
	var file string
	if err == nil {
		if head, err := repo.Output(ctx, "rev-parse", "--verify", "--quiet", "HEAD"); err == nil {
			b.Head = strings.TrimSpace(string(head))
		}
		file, err = hook.RecordBypass(repo.CommonDir(), b)
	}
	if err != nil {
		tell(r.env.Stderr, "%s: the bypass could not be recorded\n", hook.Refusal(r.name))
		return err
	}
	tell(r.env.Stderr, "keysweep: BYPASSED: %s goes through with %s, for the reason %q\nkeysweep: recorded in %s\n",
		strings.TrimPrefix(r.name, "pre-"), bypassed(b), reason, file)
	return nil
}

func bypassed(b hook.Bypass) string {
	text := fmt.Sprintf("%d findings", b.Findings)
	if b.Findings == 1 {
		text = "1 finding"
	}
	if b.Exit != exitOK && b.Exit != exitFindings {
		text += fmt.Sprintf(", not looked at in full (exit code %d)", b.Exit)
	}
	return text
}

// user names who commits or pushes: as the forge or the web server tells, or the account.
func (r *hookRun) user() string {
	names := []string{"USER", "LOGNAME", "USERNAME"}
	if r.name == "pre-receive" {
		names = append([]string{"GL_USERNAME", "GL_USER", "REMOTE_USER"}, names...)
	}
	for _, name := range names {
		if value := r.env.Getenv(name); value != "" {
			return value
		}
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}
