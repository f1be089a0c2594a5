package ci

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxEvent bounds the event file, in bytes. GitHub delivers no event above 25 MB
// (https://docs.github.com/webhooks/webhook-events-and-payloads).
const maxEvent = 32 << 20

// githubEvent is what is read of an event's payload.
type githubEvent struct {
	Ref         string
	Before      string
	After       string
	Forced      bool
	Deleted     bool
	PullRequest *struct {
		Base, Head struct{ Ref, SHA string }
	} `json:"pull_request"`
	MergeGroup *struct {
		BaseSHA string `json:"base_sha"`
		BaseRef string `json:"base_ref"`
		HeadSHA string `json:"head_sha"`
	} `json:"merge_group"`
	Repository struct {
		DefaultBranch string `json:"default_branch"`
	}
}

// github: https://docs.github.com/actions/reference/workflows-and-actions/variables for the environment and .../events for
// GITHUB_SHA, which in a pull request is a merge that GitHub made and the proposed commits are in the payload.
func github(v *vars, r *Run) {
	r.Event = v.word("GITHUB_EVENT_NAME")
	r.Format, r.Summary = "github", v.get("GITHUB_STEP_SUMMARY")
	r.head(v.id("GITHUB_SHA"))
	event, err := readEvent(v)
	if err != nil {
		v.drop("GITHUB_EVENT_PATH (" + err.Error() + ")")
	}
	switch {
	case r.Event == "push":
		r.githubPush(v, event)
	case r.Event == "merge_group":
		r.githubMergeGroup(v, event)
	case strings.HasPrefix(r.Event, "pull_request") || event.PullRequest != nil: // ..._target, ..._review, ...
		r.githubPullRequest(v, event)
	case r.Event == "schedule":
		r.everything("scheduled workflow")
	case r.Event == "delete":
		r.nothing()
	default:
		r.everything("started by " + orUnknown(r.Event))
	}
}

func (r *Run) githubPush(v *vars, e githubEvent) {
	if e.Deleted || e.After != "" && allZero(e.After) {
		r.nothing()
		return
	}
	r.head(v.checkID("event.after", e.After))
	r.Base = v.checkID("event.before", e.Before)
	r.BaseBranch = v.checkBranch("event.repository.default_branch", e.Repository.DefaultBranch)
	branch, _ := strings.CutPrefix(e.Ref, "refs/heads/")
	r.settle(branch)
	if e.Forced && r.Base != "" {
		r.Why = "forced push: the commits that were not in " + r.Base
	}
}

func (r *Run) githubPullRequest(v *vars, e githubEvent) {
	r.PullRequest = true
	r.BaseBranch = v.branch("GITHUB_BASE_REF")
	if pr := e.PullRequest; pr != nil {
		r.head(v.checkID("event.pull_request.head.sha", pr.Head.SHA))
		r.Base = v.checkID("event.pull_request.base.sha", pr.Base.SHA)
		if r.BaseBranch == "" {
			r.BaseBranch = v.checkBranch("event.pull_request.base.ref", pr.Base.Ref)
		}
	}
	r.Trusted = r.Base
	r.settle("")
}

func (r *Run) nothing() { r.Nothing, r.Why = true, "a branch or tag was deleted: nothing to scan" }

// githubMergeGroup treats a merge queue like a pull request: what it holds is proposed, and its base is accepted.
func (r *Run) githubMergeGroup(v *vars, e githubEvent) {
	r.PullRequest = true
	if g := e.MergeGroup; g != nil {
		r.head(v.checkID("event.merge_group.head_sha", g.HeadSHA))
		r.Base = v.checkID("event.merge_group.base_sha", g.BaseSHA)
		r.BaseBranch = v.checkBranch("event.merge_group.base_ref", g.BaseRef)
	}
	r.Trusted = r.Base
	r.settle("")
}

func orUnknown(event string) string {
	if event == "" {
		return "an event without a name"
	}
	return event
}

// readEvent reads the payload; the zero event if there is none.
func readEvent(v *vars) (event githubEvent, err error) {
	path := v.get("GITHUB_EVENT_PATH")
	if path == "" || v.open == nil {
		return event, nil
	}
	f, err := v.open(path)
	if err != nil {
		return event, err
	}
	defer func() { _ = f.Close() }()
	return parseEvent(f)
}

// parseEvent reads a payload of at most maxEvent bytes. An error leaves the zero event, never a part of one.
func parseEvent(r io.Reader) (githubEvent, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxEvent+1))
	if err != nil {
		return githubEvent{}, fmt.Errorf("read the event: %w", err)
	}
	if len(data) > maxEvent {
		return githubEvent{}, fmt.Errorf("the event is over %d bytes", maxEvent)
	}
	var event githubEvent
	if err := json.Unmarshal(data, &event); err != nil {
		return githubEvent{}, errors.New("the event is not the JSON that was expected")
	}
	return event, nil
}
