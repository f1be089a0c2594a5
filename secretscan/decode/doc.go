// Package decode finds the stretches of a text that stand for another text, and decodes them: base64, hex, percent-encoding, escapes of
// programming languages, HTML entities and quoted-printable.
//
// Start at Finder.Find, which hands over Runs; Run.Append decodes one, and Run.Source tells where in the text a decoded byte comes from. Only
// runs that can matter are handed over: long enough, and what they decode to is text, or a private key in its binary form, which is given
// the PEM armour that it has in files.
//
// That there is nothing to decode must cost next to nothing, since nearly always that is so. The gate (gate.go) goes once over the text,
// 64 bytes at a time, and stops where sixteen letters and digits stand together or an escape may start. Of such a word the first four
// characters are decoded: of one word in twenty they give text, of the rest most fail at the next four. So no run of an image, a hash
// or a long name is decoded at all.
//
// Whether and where there is a run depends on the bytes of its Reach alone, so that a part of a text can be looked at again by itself.
// Time is linear in the text. A run is handed over in pieces of at most Most decoded bytes that overlap.
package decode
