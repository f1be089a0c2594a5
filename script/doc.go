// Package script audits what machines run when they are set up and when they start: shell scripts, cloud-init's user data, units of
// systemd, crontabs, Dockerfiles, compose files, and the user data in Terraform and CloudFormation.
//
// Start at Read, which takes a file apart, finds the scripts in it and judges each by the rules of Rules; Audit does it for every file
// of a source and lets the scanner's engine look for secrets at the same time. Every place that is reported is one of the outer file, by line
// and column, however deep a script is wrapped. Nothing is run and nothing is fetched. Hostile input costs bounded time and memory.
package script
