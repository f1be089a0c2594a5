// Package git runs the git program on repositories that nobody vouches for.
//
// Start at Open, which finds a repository, and Repo.Command, Repo.Output and Repo.Stream, which run git in it. CatFile reads
// objects. Git 2.31 or newer is needed.
//
// What is promised: git is started by its absolute path and never through a shell; the system's and the user's configuration
// have no say except for safe.directory and core.excludesFile; nothing in the repository's own configuration makes git start
// a program, and git neither fetches anything nor takes a lock. A repository that belongs to someone else is refused by git as
// always; that refusal is an OwnershipError. The package reads neither the process's environment nor its working directory.
package git
