// Package inflate decompresses zlib streams (RFC 1950, RFC 1951) that lie whole in memory into memory of known size.
// It is made for git: a pack holds hundreds of thousands of small streams, each with its size written beside it.
//
// A [Decoder] holds the tables, so that nothing is allocated; [Decoder.Zlib] is where to start. It never reads outside of the
// source and never writes outside of the destination. Data that is not a zlib stream of exactly the said size gives an
// [Error] that says what is wrong; what was written until then is of no use.
//
// What compress/zlib accepts is accepted and gives the same bytes, what it refuses is refused. One exception: a stream
// that wants a preset dictionary is refused always, as git does; compress/zlib takes it if the wanted dictionary is empty.
// As there and in zlib, a code must be complete; only a code of one single symbol of one bit may leave its other bit
// unused (using it is an error), and a block without any matches needs no code for distances.
package inflate
