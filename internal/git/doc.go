// Package git reads repositories that nobody vouches for, and runs the git program on them.
//
// Start at Open, which finds a repository, and Repo.Command, Repo.Output and Repo.Stream, which run git in it. CatFile reads
// objects. Git 2.31 or newer is needed. Open, Repo.Head and CatFile do without git where everything is as git usually makes it,
// and give git's answer; wherever something is out of the ordinary, or belongs to somebody else, git itself is asked.
//
// What is promised: git is started by its absolute path and never through a shell; the system's and the user's configuration
// have no say except for safe.directory and core.excludesFile; nothing in the repository's own configuration makes git start
// a program, and git neither fetches anything nor takes a lock. A repository that belongs to someone else is refused by git as
// always; that refusal is an OwnershipError. The package reads neither the process's environment nor its working directory.
package git
