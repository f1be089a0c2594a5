// Package judge decides whether a value is a credential by where it stands and what it looks like.
//
// Start at Find, which takes the place of one of Words in a text and returns the Claim that stands there: a key and the value that is beside it;
// FindHeader and FindURL do the same for Schemes and URLMark. FeaturesOf tells what holds for a claim, and Model.Score adds up the
// weights of that: from MediumScore on nine of ten claims are credentials. Model.Reasons names to a person what decided.
// Dismiss says quickly that there is nothing to find, and Reach which part of a text any of this goes by.
//
// The weights in force are those of Default. Package train fits them to labelled lines; nothing here knows a value, a file or a
// repository of those.
//
// Everything is a pure function of two lines around the word at most, returns the same each time, and may be called concurrently. Illustrates
// alone looks further: at the paragraphs around a value, for signs that it was made up.
package judge
