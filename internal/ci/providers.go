package ci

import "strings"

// provider is one CI service: how it is known, and how its variables fill a Run that has a name, a head and a format.
type provider struct {
	name string
	here func(v *vars) bool
	fill func(v *vars, r *Run)
}

// providers lists the services, those first that others imitate less: Woodpecker began as Drone, and several set CI=true.
func providers() []provider {
	return []provider{
		{"GitHub Actions", isTrue("GITHUB_ACTIONS"), github},
		{"GitLab CI", isTrue("GITLAB_CI"), gitlab},
		{"CircleCI", isTrue("CIRCLECI"), circle},
		{"Azure Pipelines", isTrue("TF_BUILD"), azure},
		{"Bitbucket Pipelines", isSet("BITBUCKET_BUILD_NUMBER"), bitbucket},
		{"Woodpecker", func(v *vars) bool { return v.get("CI") == "woodpecker" }, woodpecker},
		{"Drone", isTrue("DRONE"), drone},
		{"Jenkins", isSet("JENKINS_URL", "JENKINS_HOME"), jenkins},
	}
}

func isTrue(name string) func(*vars) bool {
	return func(v *vars) bool { return strings.EqualFold(v.get(name), "true") }
}

func isSet(names ...string) func(*vars) bool {
	return func(v *vars) bool {
		for _, name := range names {
			if v.get(name) != "" {
				return true
			}
		}
		return false
	}
}

// gitlab: https://docs.gitlab.com/ci/variables/predefined_variables/. CI_COMMIT_BEFORE_SHA is all zeros in merge request
// pipelines, for the first pipeline of a branch, and for manual and scheduled ones. In a merged results pipeline
// CI_COMMIT_SHA is the merge, and the head of the request is CI_MERGE_REQUEST_SOURCE_BRANCH_SHA. The report's file name is
// the one in GitLab's own template for secret detection.
func gitlab(v *vars, r *Run) {
	r.Event = v.word("CI_PIPELINE_SOURCE")
	r.head(v.id("CI_COMMIT_SHA"))
	r.Report, r.ReportFile = "gitlab", "gl-secret-detection-report.json"
	switch {
	case r.Event == "merge_request_event" || v.get("CI_MERGE_REQUEST_IID") != "":
		r.PullRequest = true
		r.head(v.id("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"))
		r.Base = v.id("CI_MERGE_REQUEST_DIFF_BASE_SHA")
		r.BaseBranch = v.branch("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
		if r.Trusted = v.id("CI_MERGE_REQUEST_TARGET_BRANCH_SHA"); r.Trusted == "" { // only merged results pipelines have it
			r.Trusted = r.Base
		}
	case r.Event == "external_pull_request_event":
		r.PullRequest = true
		r.head(v.id("CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA"))
		r.Base = v.id("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA")
		r.BaseBranch = v.branch("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME")
		r.Trusted = r.Base
	case r.Event == "schedule":
		r.everything("scheduled pipeline")
		return
	default:
		r.Base = v.id("CI_COMMIT_BEFORE_SHA")
		r.BaseBranch = v.branch("CI_DEFAULT_BRANCH")
	}
	r.settle(v.branch("CI_COMMIT_BRANCH"))
}

// jenkins: the Git plugin (https://plugins.jenkins.io/git/) sets GIT_*, multibranch projects CHANGE_* and BRANCH_NAME (the
// server's /env-vars.html). The last successful commit goes before the last one, so that a failed run's commits are
// scanned again. Jenkins names no base commit of a change request.
func jenkins(v *vars, r *Run) {
	r.head(v.id("GIT_COMMIT"))
	if target := v.branch("CHANGE_TARGET"); target != "" || v.get("CHANGE_ID") != "" {
		r.PullRequest, r.BaseBranch = true, target
	} else if r.Base = v.id("GIT_PREVIOUS_SUCCESSFUL_COMMIT"); r.Base == "" {
		r.Base = v.id("GIT_PREVIOUS_COMMIT")
	}
	r.settle(v.branch("BRANCH_NAME"))
}

// circle: https://circleci.com/docs/reference/variables/. There is no variable with the commit before; a job can pass one:
//
//	environment:
//	  CIRCLE_BASE_REVISION: << pipeline.git.base_revision >>
//
// which is empty for the first run of a branch. It is an earlier commit of the same branch, so in a pull request it is no
// source of configuration to trust.
func circle(v *vars, r *Run) {
	r.head(v.id("CIRCLE_SHA1"))
	r.PullRequest = v.get("CIRCLE_PULL_REQUEST") != "" || v.get("CIRCLE_PR_NUMBER") != ""
	r.Base = v.id("CIRCLE_BASE_REVISION")
	r.settle(v.branch("CIRCLE_BRANCH"))
	if r.PullRequest && r.Base != "" {
		r.Why = "pull request: the commits after " + r.Base
	}
}

// azure: https://learn.microsoft.com/azure/devops/pipelines/build/variables. In a pull request BUILD_SOURCEVERSION is the
// merge of both sides and SYSTEM_PULLREQUEST_SOURCECOMMITID the proposed commit. The target branch comes with or without
// refs/heads/. There is no variable with the commit before a push.
func azure(v *vars, r *Run) {
	r.Event = v.word("BUILD_REASON")
	r.head(v.id("BUILD_SOURCEVERSION"))
	switch {
	case r.Event == "PullRequest" || v.get("SYSTEM_PULLREQUEST_PULLREQUESTID") != "":
		r.PullRequest = true
		r.head(v.id("SYSTEM_PULLREQUEST_SOURCECOMMITID"))
		r.BaseBranch = v.branch("SYSTEM_PULLREQUEST_TARGETBRANCH")
	case r.Event == "Schedule":
		r.everything("scheduled run")
		return
	}
	r.settle("")
}

// bitbucket: https://support.atlassian.com/bitbucket-cloud/docs/variables-in-pipelines/. BITBUCKET_PR_DESTINATION_COMMIT is
// abbreviated to 12 digits. There is no variable with the commit before a push.
func bitbucket(v *vars, r *Run) {
	r.head(v.id("BITBUCKET_COMMIT"))
	if v.get("BITBUCKET_PR_ID") != "" {
		r.PullRequest = true
		r.Base = v.shortID("BITBUCKET_PR_DESTINATION_COMMIT")
		r.BaseBranch = v.branch("BITBUCKET_PR_DESTINATION_BRANCH")
		r.Trusted = r.Base
	}
	r.settle("")
}

// drone: https://docs.drone.io/pipeline/environment/reference/. What DRONE_COMMIT_BEFORE is in a pull request depends on the
// forge (the target's tip, or the request's own last commit), so only the target branch counts there.
func drone(v *vars, r *Run) {
	r.Event = v.word("DRONE_BUILD_EVENT")
	r.head(v.id("DRONE_COMMIT_SHA"))
	r.head(v.id("DRONE_COMMIT_AFTER"))
	switch r.Event {
	case "pull_request":
		r.PullRequest, r.BaseBranch = true, v.branch("DRONE_TARGET_BRANCH")
	case "cron":
		r.everything("scheduled build")
		return
	default:
		r.Base = v.id("DRONE_COMMIT_BEFORE")
		r.BaseBranch = v.branch("DRONE_REPO_BRANCH")
	}
	r.settle(v.branch("DRONE_COMMIT_BRANCH"))
}

// woodpecker: https://woodpecker-ci.org/docs/usage/environment. CI_PREV_* is about the pipeline before, which is the commit
// before only if that was a push to the same branch.
func woodpecker(v *vars, r *Run) {
	r.Event = v.word("CI_PIPELINE_EVENT")
	r.head(v.id("CI_COMMIT_SHA"))
	branch := v.branch("CI_COMMIT_BRANCH")
	switch {
	case strings.HasPrefix(r.Event, "pull_request"):
		r.PullRequest, r.BaseBranch = true, v.branch("CI_COMMIT_TARGET_BRANCH")
	case r.Event == "cron":
		r.everything("scheduled pipeline")
		return
	default:
		previous := v.branch("CI_PREV_COMMIT_BRANCH")
		if event := v.get("CI_PREV_PIPELINE_EVENT"); (event == "" || event == "push") && (previous == "" || previous == branch) {
			r.Base = v.id("CI_PREV_COMMIT_SHA")
		}
		r.BaseBranch = v.branch("CI_REPO_DEFAULT_BRANCH")
	}
	r.settle(branch)
}

// head takes an object id as the head if it is one.
func (r *Run) head(id string) {
	if id != "" {
		r.Head = id
	}
}

// word reads one of a provider's fixed words; anything else would not be fit to print.
func (v *vars) word(name string) string {
	const longest = 64
	value := v.get(name)
	if len(value) > longest || strings.Trim(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
		return v.drop(name)
	}
	return value
}
