package ci

import (
	"errors"
	"io"
	"io/fs"
	"reflect"
	"strings"
	"testing"
)

var (
	idA  = strings.Repeat("a1", 20)
	idB  = strings.Repeat("b2", 20)
	idC  = strings.Repeat("c3", 32) // SHA-256
	zero = strings.Repeat("0", 40)
)

// env makes an Env of "NAME=value" words; event is the content of the file that GITHUB_EVENT_PATH names.
func env(words []string, event string) Env {
	values := map[string]string{}
	for _, w := range words {
		name, value, _ := strings.Cut(w, "=")
		values[name] = value
	}
	return Env{
		Getenv: func(name string) string { return values[name] },
		Open: func(path string) (io.ReadCloser, error) {
			if path != "event.json" {
				return nil, fs.ErrNotExist
			}
			return io.NopCloser(strings.NewReader(event)), nil
		},
	}
}

type testCase struct {
	name  string
	env   []string
	event string
	want  Run // Name, Format, Report and Summary are checked only if they are set; Why never
}

func check(t *testing.T, provider string, common []string, tests []testCase) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Detect(env(append(common, tt.env...), tt.event))
			if !ok || got.Name != provider || got.Why == "" {
				t.Fatalf("%v, name %q, why %q; want %q", ok, got.Name, got.Why, provider)
			}
			if got.Whole && got.Base != "" {
				t.Errorf("whole history and a base: %+v", got)
			}
			want := tt.want
			want.Name, want.Why = got.Name, got.Why
			want.Format, want.Report, want.ReportFile, want.Summary = got.Format, got.Report, got.ReportFile, got.Summary
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestGitHub(t *testing.T) {
	common := []string{"GITHUB_ACTIONS=true", "CI=true", "GITHUB_EVENT_PATH=event.json", "GITHUB_SHA=" + idA}
	repo := `"repository":{"default_branch":"main"}`
	pull := `{"pull_request":{"base":{"ref":"main","sha":"` + idB + `"},"head":{"ref":"x","sha":"` + idC + `"}}}`
	check(t, "GitHub Actions", common, []testCase{
		{"push", []string{"GITHUB_EVENT_NAME=push"},
			`{"ref":"refs/heads/topic","before":"` + idB + `","after":"` + idA + `",` + repo + `,"commits":[{"id":1}]}`,
			Run{Event: "push", Base: idB, Head: idA, BaseBranch: "main"}},
		{"push to the default branch", []string{"GITHUB_EVENT_NAME=push"},
			`{"ref":"refs/heads/main","before":"` + idB + `","after":"` + idA + `",` + repo + `}`,
			Run{Event: "push", Base: idB, Head: idA}},
		{"forced push", []string{"GITHUB_EVENT_NAME=push"},
			`{"ref":"refs/heads/topic","before":"` + idB + `","after":"` + idA + `","forced":true,` + repo + `}`,
			Run{Event: "push", Base: idB, Head: idA, BaseBranch: "main"}},
		{"new branch", []string{"GITHUB_EVENT_NAME=push"},
			`{"ref":"refs/heads/topic","before":"` + zero + `","after":"` + idA + `","created":true,` + repo + `}`,
			Run{Event: "push", Head: idA, BaseBranch: "main"}},
		{"first push of the default branch", []string{"GITHUB_EVENT_NAME=push"},
			`{"ref":"refs/heads/main","before":"` + zero + `","after":"` + idA + `","created":true,` + repo + `}`,
			Run{Event: "push", Head: idA, Whole: true}},
		{"new tag", []string{"GITHUB_EVENT_NAME=push"},
			`{"ref":"refs/tags/v1","before":"` + zero + `","after":"` + idB + `",` + repo + `}`,
			Run{Event: "push", Head: idB, BaseBranch: "main"}},
		{"deleted branch", []string{"GITHUB_EVENT_NAME=push"},
			`{"ref":"refs/heads/topic","before":"` + idB + `","after":"` + zero + `","deleted":true,` + repo + `}`,
			Run{Event: "push", Head: idA, Nothing: true}},
		{"delete event", []string{"GITHUB_EVENT_NAME=delete"}, `{"ref":"topic"}`, Run{Event: "delete", Head: idA, Nothing: true}},
		{"pull request", []string{"GITHUB_EVENT_NAME=pull_request", "GITHUB_BASE_REF=main"}, pull,
			Run{Event: "pull_request", Base: idB, Head: idC, BaseBranch: "main", PullRequest: true, Trusted: idB}},
		{"pull request target", []string{"GITHUB_EVENT_NAME=pull_request_target"}, pull,
			Run{Event: "pull_request_target", Base: idB, Head: idC, BaseBranch: "main", PullRequest: true, Trusted: idB}},
		{"pull request without a payload", []string{"GITHUB_EVENT_NAME=pull_request", "GITHUB_BASE_REF=release/2"}, `{}`,
			Run{Event: "pull_request", Head: idA, BaseBranch: "release/2", PullRequest: true}},
		{"merge queue", []string{"GITHUB_EVENT_NAME=merge_group"},
			`{"merge_group":{"base_sha":"` + idB + `","base_ref":"refs/heads/main","head_sha":"` + idC + `"}}`,
			Run{Event: "merge_group", Base: idB, Head: idC, BaseBranch: "main", PullRequest: true, Trusted: idB}},
		{"schedule", []string{"GITHUB_EVENT_NAME=schedule"}, `{` + repo + `}`, Run{Event: "schedule", Head: idA, Whole: true}},
		{"by hand", []string{"GITHUB_EVENT_NAME=workflow_dispatch"}, `{}`, Run{Event: "workflow_dispatch", Head: idA, Whole: true}},
		{"hostile names", []string{"GITHUB_EVENT_NAME=pull_request", "GITHUB_BASE_REF=--upload-pack=x"},
			`{"pull_request":{"base":{"sha":"-` + idB[1:] + `","ref":"a b"},"head":{"sha":"HEAD"}}}`,
			Run{Event: "pull_request", Head: idA, PullRequest: true, Whole: true, Ignored: []string{
				"GITHUB_BASE_REF", "event.pull_request.head.sha", "event.pull_request.base.sha", "event.pull_request.base.ref"}}},
		{"broken payload", []string{"GITHUB_EVENT_NAME=push"}, `{"before":"` + idB + `","after":7}`,
			Run{Event: "push", Head: idA, Whole: true, Ignored: []string{
				"GITHUB_EVENT_PATH (the event is not the JSON that was expected)"}}},
		{"no payload", []string{"GITHUB_EVENT_NAME=push", "GITHUB_EVENT_PATH=gone"}, ``,
			Run{Event: "push", Head: idA, Whole: true, Ignored: []string{"GITHUB_EVENT_PATH (file does not exist)"}}},
		{"nothing but the flag", []string{"GITHUB_EVENT_PATH=", "GITHUB_SHA="}, ``, Run{Head: "HEAD", Whole: true}},
	})
	run, _ := Detect(env(append(common, "GITHUB_STEP_SUMMARY=/tmp/s"), "{}"))
	if run.Format != "github" || run.Summary != "/tmp/s" {
		t.Errorf("format %q, summary %q", run.Format, run.Summary)
	}
}

func TestGitLab(t *testing.T) {
	common := []string{"GITLAB_CI=true", "CI=true", "CI_COMMIT_SHA=" + idA, "CI_DEFAULT_BRANCH=main"}
	check(t, "GitLab CI", common, []testCase{
		{"push", []string{"CI_PIPELINE_SOURCE=push", "CI_COMMIT_BRANCH=topic", "CI_COMMIT_BEFORE_SHA=" + idB}, "",
			Run{Event: "push", Base: idB, Head: idA, BaseBranch: "main"}},
		{"new branch", []string{"CI_PIPELINE_SOURCE=push", "CI_COMMIT_BRANCH=topic", "CI_COMMIT_BEFORE_SHA=" + zero}, "",
			Run{Event: "push", Head: idA, BaseBranch: "main"}},
		{"first push", []string{"CI_PIPELINE_SOURCE=push", "CI_COMMIT_BRANCH=main", "CI_COMMIT_BEFORE_SHA=" + zero}, "",
			Run{Event: "push", Head: idA, Whole: true}},
		{"schedule", []string{"CI_PIPELINE_SOURCE=schedule", "CI_COMMIT_BRANCH=topic", "CI_COMMIT_BEFORE_SHA=" + zero}, "",
			Run{Event: "schedule", Head: idA, Whole: true}},
		{"merge request", []string{"CI_PIPELINE_SOURCE=merge_request_event", "CI_COMMIT_BEFORE_SHA=" + zero,
			"CI_MERGE_REQUEST_DIFF_BASE_SHA=" + idB, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main"}, "",
			Run{Event: "merge_request_event", Base: idB, Head: idA, BaseBranch: "main", PullRequest: true, Trusted: idB}},
		{"merged results", []string{"CI_PIPELINE_SOURCE=merge_request_event", "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA=" + idC,
			"CI_MERGE_REQUEST_DIFF_BASE_SHA=" + idB, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA=" + idA}, "",
			Run{Event: "merge_request_event", Base: idB, Head: idC, PullRequest: true, Trusted: idA}},
		{"merge request without base", []string{"CI_MERGE_REQUEST_IID=3", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main"}, "",
			Run{Head: idA, BaseBranch: "main", PullRequest: true}},
		{"external pull request", []string{"CI_PIPELINE_SOURCE=external_pull_request_event",
			"CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA=" + idC, "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA=" + idB,
			"CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME=main"}, "",
			Run{Event: "external_pull_request_event", Base: idB, Head: idC, BaseBranch: "main", PullRequest: true, Trusted: idB}},
		{"garbage", []string{"CI_COMMIT_SHA=$(id)", "CI_COMMIT_BEFORE_SHA=main", "CI_DEFAULT_BRANCH=a..b", "CI_PIPELINE_SOURCE=\x1b[2J"}, "",
			Run{Head: "HEAD", Whole: true, Ignored: []string{
				"CI_PIPELINE_SOURCE", "CI_COMMIT_SHA", "CI_COMMIT_BEFORE_SHA", "CI_DEFAULT_BRANCH"}}},
	})
	if run, _ := Detect(env(common, "")); run.Format != "text" || run.Report != "gitlab" || run.ReportFile != "gl-secret-detection-report.json" {
		t.Errorf("output %+v", run)
	}
}

func TestJenkins(t *testing.T) {
	common := []string{"JENKINS_URL=http://ci.example/", "GIT_COMMIT=" + idA}
	check(t, "Jenkins", common, []testCase{
		{"after a success", []string{"GIT_PREVIOUS_SUCCESSFUL_COMMIT=" + idB, "GIT_PREVIOUS_COMMIT=" + idC, "BRANCH_NAME=main"}, "",
			Run{Base: idB, Head: idA}},
		{"never a success", []string{"GIT_PREVIOUS_COMMIT=" + idC}, "", Run{Base: idC, Head: idA}},
		{"first build", nil, "", Run{Head: idA, Whole: true}},
		{"change request", []string{"CHANGE_ID=7", "CHANGE_TARGET=main", "BRANCH_NAME=PR-7", "GIT_PREVIOUS_COMMIT=" + idC}, "",
			Run{Head: idA, BaseBranch: "main", PullRequest: true}},
		{"change request without target", []string{"CHANGE_ID=7", "CHANGE_TARGET=-x", "GIT_PREVIOUS_COMMIT=" + idC}, "",
			Run{Head: idA, PullRequest: true, Whole: true, Ignored: []string{"CHANGE_TARGET"}}},
	})
}

func TestCircleCI(t *testing.T) {
	check(t, "CircleCI", []string{"CIRCLECI=true", "CIRCLE_SHA1=" + idA, "CIRCLE_BRANCH=topic"}, []testCase{
		{"no base", nil, "", Run{Head: idA, Whole: true}},
		{"base handed in", []string{"CIRCLE_BASE_REVISION=" + idB}, "", Run{Base: idB, Head: idA}},
		{"pull request's own base is not trusted", []string{"CIRCLE_BASE_REVISION=" + idB, "CIRCLE_PULL_REQUEST=https://x/1"}, "",
			Run{Base: idB, Head: idA, PullRequest: true}},
		{"value not filled in", []string{"CIRCLE_BASE_REVISION=<< pipeline.git.base_revision >>"}, "",
			Run{Head: idA, Whole: true, Ignored: []string{"CIRCLE_BASE_REVISION"}}},
	})
}

func TestAzure(t *testing.T) {
	check(t, "Azure Pipelines", []string{"TF_BUILD=True", "BUILD_SOURCEVERSION=" + idA}, []testCase{
		{"push", []string{"BUILD_REASON=IndividualCI"}, "", Run{Event: "IndividualCI", Head: idA, Whole: true}},
		{"schedule", []string{"BUILD_REASON=Schedule"}, "", Run{Event: "Schedule", Head: idA, Whole: true}},
		{"pull request", []string{"BUILD_REASON=PullRequest", "SYSTEM_PULLREQUEST_TARGETBRANCH=refs/heads/main",
			"SYSTEM_PULLREQUEST_SOURCECOMMITID=" + idB}, "",
			Run{Event: "PullRequest", Head: idB, BaseBranch: "main", PullRequest: true}},
		{"pull request from GitHub", []string{"SYSTEM_PULLREQUEST_PULLREQUESTID=5", "SYSTEM_PULLREQUEST_TARGETBRANCH=main"}, "",
			Run{Head: idA, BaseBranch: "main", PullRequest: true}},
		{"not git", []string{"BUILD_SOURCEVERSION=C1234"}, "", Run{Head: "HEAD", Whole: true, Ignored: []string{"BUILD_SOURCEVERSION"}}},
	})
}

func TestBitbucket(t *testing.T) {
	check(t, "Bitbucket Pipelines", []string{"BITBUCKET_BUILD_NUMBER=4", "BITBUCKET_COMMIT=" + idA}, []testCase{
		{"push", []string{"BITBUCKET_BRANCH=topic"}, "", Run{Head: idA, Whole: true}},
		{"pull request", []string{"BITBUCKET_PR_ID=9", "BITBUCKET_PR_DESTINATION_COMMIT=" + idB[:12], "BITBUCKET_PR_DESTINATION_BRANCH=main"}, "",
			Run{Base: idB[:12], Head: idA, BaseBranch: "main", PullRequest: true, Trusted: idB[:12]}},
		{"garbage", []string{"BITBUCKET_PR_ID=9", "BITBUCKET_PR_DESTINATION_COMMIT=b2", "BITBUCKET_PR_DESTINATION_BRANCH=main"}, "",
			Run{Head: idA, BaseBranch: "main", PullRequest: true, Ignored: []string{"BITBUCKET_PR_DESTINATION_COMMIT"}}},
	})
}

func TestDrone(t *testing.T) {
	common := []string{"DRONE=true", "CI=true", "DRONE_COMMIT_SHA=" + idA, "DRONE_REPO_BRANCH=main", "DRONE_COMMIT_BEFORE=" + idB}
	check(t, "Drone", common, []testCase{
		{"push", []string{"DRONE_BUILD_EVENT=push", "DRONE_COMMIT_BRANCH=topic", "DRONE_COMMIT_AFTER=" + idC}, "",
			Run{Event: "push", Base: idB, Head: idC, BaseBranch: "main"}},
		{"new branch", []string{"DRONE_BUILD_EVENT=push", "DRONE_COMMIT_BRANCH=topic", "DRONE_COMMIT_BEFORE=" + zero}, "",
			Run{Event: "push", Head: idA, BaseBranch: "main"}},
		{"cron", []string{"DRONE_BUILD_EVENT=cron"}, "", Run{Event: "cron", Head: idA, Whole: true}},
		{"pull request", []string{"DRONE_BUILD_EVENT=pull_request", "DRONE_TARGET_BRANCH=release", "DRONE_COMMIT_BRANCH=release"}, "",
			Run{Event: "pull_request", Head: idA, BaseBranch: "release", PullRequest: true}},
	})
}

func TestWoodpecker(t *testing.T) {
	common := []string{"CI=woodpecker", "CI_COMMIT_SHA=" + idA, "CI_REPO_DEFAULT_BRANCH=main", "CI_PREV_COMMIT_SHA=" + idB,
		"CI_PREV_COMMIT_BRANCH=topic", "CI_PREV_PIPELINE_EVENT=push", "CI_COMMIT_BRANCH=topic"}
	check(t, "Woodpecker", common, []testCase{
		{"push", []string{"CI_PIPELINE_EVENT=push"}, "", Run{Event: "push", Base: idB, Head: idA, BaseBranch: "main"}},
		{"after a push to another branch", []string{"CI_PIPELINE_EVENT=push", "CI_PREV_COMMIT_BRANCH=main"}, "",
			Run{Event: "push", Head: idA, BaseBranch: "main"}},
		{"after a pull request", []string{"CI_PIPELINE_EVENT=push", "CI_PREV_PIPELINE_EVENT=pull_request"}, "",
			Run{Event: "push", Head: idA, BaseBranch: "main"}},
		{"pull request", []string{"CI_PIPELINE_EVENT=pull_request", "CI_COMMIT_TARGET_BRANCH=main"}, "",
			Run{Event: "pull_request", Head: idA, BaseBranch: "main", PullRequest: true}},
		{"cron", []string{"CI_PIPELINE_EVENT=cron"}, "", Run{Event: "cron", Head: idA, Whole: true}},
	})
}

func TestPreCommit(t *testing.T) {
	check(t, "pre-commit", nil, []testCase{
		{"refs", []string{"PRE_COMMIT_FROM_REF=origin/main", "PRE_COMMIT_TO_REF=HEAD"}, "", Run{Base: "origin/main", Head: "HEAD"}},
		{"ids", []string{"PRE_COMMIT_FROM_REF=" + idA, "PRE_COMMIT_TO_REF=" + idB}, "", Run{Base: idA, Head: idB}},
		{"suffixes", []string{"PRE_COMMIT_FROM_REF=HEAD~2", "PRE_COMMIT_TO_REF=@{upstream}"}, "", Run{Base: "HEAD~2", Head: "@{upstream}"}},
	})
	github := []string{"GITHUB_ACTIONS=true", "GITHUB_EVENT_NAME=pull_request", "GITHUB_EVENT_PATH=event.json"}
	event := `{"pull_request":{"base":{"ref":"main","sha":"` + idB + `"},"head":{"sha":"` + idC + `"}}}`
	check(t, "GitHub Actions", github, []testCase{
		{"under a provider", []string{"PRE_COMMIT_FROM_REF=" + idA, "PRE_COMMIT_TO_REF=HEAD"}, event,
			Run{Event: "pull_request", Base: idA, Head: "HEAD", BaseBranch: "main", PullRequest: true, Trusted: idB}},
	})
}

func TestNotDetected(t *testing.T) {
	for _, words := range [][]string{
		nil, {"CI=true"}, {"GITHUB_ACTIONS="}, {"GITLAB_CI=false"},
		{"PRE_COMMIT_FROM_REF=--exec=x", "PRE_COMMIT_TO_REF=HEAD"},
		{"PRE_COMMIT_FROM_REF=a..b", "PRE_COMMIT_TO_REF=HEAD"},
		{"PRE_COMMIT_FROM_REF=^main", "PRE_COMMIT_TO_REF=HEAD"},
		{"PRE_COMMIT_FROM_REF=" + zero, "PRE_COMMIT_TO_REF=" + idA},
		{"PRE_COMMIT_FROM_REF=main"},
	} {
		if run, ok := Detect(env(words, "")); ok {
			t.Errorf("%q was taken for %+v", words, run)
		}
	}
}

func TestEventIsBounded(t *testing.T) {
	endless := io.MultiReader(strings.NewReader(`{"before":"`), zeros{})
	if _, err := parseEvent(endless); err == nil || !strings.Contains(err.Error(), "over") {
		t.Errorf("error %v", err)
	}
	if e, err := parseEvent(io.MultiReader(strings.NewReader("{"), broken{})); err == nil || !reflect.DeepEqual(e, githubEvent{}) {
		t.Errorf("%+v, %v", e, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("broken") }

// FuzzDetect wants that nothing in a Run could be an option to git, whatever a payload or a variable holds.
func FuzzDetect(f *testing.F) {
	f.Add("push", `{"ref":"refs/heads/x","before":"`+idA+`","after":"`+idB+`","repository":{"default_branch":"main"}}`, "main")
	f.Add("pull_request", `{"pull_request":{"base":{"ref":"-x","sha":"`+idA+`"},"head":{"sha":"`+zero+`"}}}`, "a/b")
	f.Add("merge_group", `{"merge_group":{"base_ref":"refs/heads/--x"}}`, "HEAD~1")
	f.Fuzz(func(t *testing.T, name, event, value string) {
		words := []string{"GITHUB_ACTIONS=true", "GITHUB_EVENT_PATH=event.json", "GITHUB_EVENT_NAME=" + name,
			"GITHUB_SHA=" + value, "GITHUB_BASE_REF=" + value}
		if strings.HasSuffix(value, "1") {
			words = append(words, "PRE_COMMIT_FROM_REF="+value, "PRE_COMMIT_TO_REF="+name)
		}
		run, ok := Detect(env(words, event))
		if !ok || run.Head == "" || run.Why == "" {
			t.Fatalf("%v %+v", ok, run)
		}
		for _, rev := range []string{run.Base, run.Head, run.BaseBranch, run.Trusted, run.Event} {
			if strings.HasPrefix(rev, "-") && rev != run.Event || strings.ContainsAny(rev, " \n\x00:\x1b") || strings.Contains(rev, "..") {
				t.Fatalf("%q would reach git: %+v", rev, run)
			}
		}
		if !run.Nothing && !run.Whole && run.Base == "" && run.BaseBranch == "" {
			t.Fatalf("nobody could say what to scan: %+v", run)
		}
	})
}
