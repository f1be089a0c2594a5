// Package rules holds the scanner's rules as data: gitleaks' default configuration as a Go table, and a loader for gitleaks'
// TOML format and for keysweep's own .keysweep.toml, which speaks the same language.
//
// Start at Default, Load, or Effective, which finds out what is in force for a repository. A file means here what it means to
// gitleaks v8.30.1 (tests compare the two), with these differences, all on purpose:
//
//   - whatever is wrong is reported with file, line and key, all of it at once, and nothing panics;
//   - keys that mean nothing are reported too; gitleaks passes over them in silence;
//   - a file that extends itself, in one step or in several, is refused; gitleaks reads it again until its limit of two levels;
//   - a negative secretGroup is refused; gitleaks takes it for 0;
//   - extend.path is looked up beside the file as well, if it is not found in the working directory;
//   - an allowlist with targetRules in an extended file is reported; it has no effect, as in gitleaks;
//   - a rule id that stands twice in one file is reported; the last one counts, as in gitleaks;
//   - two expressions of an allowlist may name their groups alike; gitleaks panics;
//   - at most 200 errors and 200 diagnostics are reported of one configuration;
//   - files of more than 8 MiB, and keys of more than 32 parts, are refused.
//
// Nothing here compiles an expression; package secretscan does. All functions may be called concurrently.
package rules
