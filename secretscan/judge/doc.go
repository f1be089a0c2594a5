// Package judge decides whether a value is a credential by where it stands and what it looks like.
//
// Start at Find, which takes the place of a word such as "password" in a text and returns the Claim that stands there: a key and the value that is
// beside it. Judge gives the claim a score: a sum of weights of the Features that hold for it, each of which can be named to a person. The weights are trained by
// package train from labelled lines; nothing here knows a value, a file or a repository of those.
//
// Everything is a pure function of a few hundred bytes around the word, and may be called concurrently.
package judge
