package keys

import (
	"crypto/sha512"
	"encoding/binary"
	"sync"

	//lint:ignore SA1019 bcrypt is built on it
	"golang.org/x/crypto/blowfish"
)

// bcryptBlock is how many bytes of key one run of the hash yields.
const bcryptBlock = 32

// bcryptPBKDF is bcrypt_pbkdf(3) of OpenBSD: PBKDF2 with bcrypt in place of HMAC, whose blocks are spread over the key, so that
// whoever wants a part of the key has to compute all of them. Its cost grows with rounds; blocks are computed side by side.
//
// The key takes its bytes from the blocks in turn. For a key of 48 bytes, which needs 2 blocks of 32:
//
//	key byte   0     1     2     3     ...  46     47
//	is         1[0]  2[0]  1[1]  2[1]  ...  1[23]  2[23]
func bcryptPBKDF(passphrase, salt []byte, rounds, length int) []byte {
	hashed := sha512.Sum512(passphrase)
	defer clear(hashed[:])
	key := make([]byte, length)
	blocks := (length + bcryptBlock - 1) / bcryptBlock
	var running sync.WaitGroup
	for n := range blocks {
		running.Go(func() {
			block := bcryptBlockOf(&hashed, salt, rounds, uint32(n+1))
			for i := 0; i*blocks+n < length; i++ {
				key[i*blocks+n] = block[i]
			}
			clear(block[:])
		})
	}
	running.Wait()
	return key
}

// bcryptBlockOf computes block number n, counted from 1: the sum, without carry, of a chain of hashes. Each one's salt is made
// of the hash before.
func bcryptBlockOf(passphrase *[sha512.Size]byte, salt []byte, rounds int, n uint32) [bcryptBlock]byte {
	hashedSalt := sha512.Sum512(appendUint32(salt[:len(salt):len(salt)], n))
	last := bcryptHash(passphrase, &hashedSalt)
	sum := last
	for range rounds - 1 {
		hashedSalt = sha512.Sum512(last[:])
		last = bcryptHash(passphrase, &hashedSalt)
		for i := range sum {
			sum[i] ^= last[i]
		}
	}
	clear(last[:])
	clear(hashedSalt[:])
	return sum
}

// bcryptHash is bcrypt with cost 6, both inputs hashed before, and a longer text to encrypt. The cipher's words come out
// little-endian.
func bcryptHash(passphrase, salt *[sha512.Size]byte) [bcryptBlock]byte {
	hash := [bcryptBlock]byte([]byte("OxychromaticBlowfishSwatDynamite"))
	c, err := blowfish.NewSaltedCipher(passphrase[:], salt[:])
	if err != nil {
		return hash // only for an empty key, and this one has 64 bytes
	}
	for range 64 {
		blowfish.ExpandKey(salt[:], c)
		blowfish.ExpandKey(passphrase[:], c)
	}
	for range 64 {
		for i := 0; i < len(hash); i += blowfish.BlockSize {
			c.Encrypt(hash[i:], hash[i:])
		}
	}
	for i := 0; i < len(hash); i += 4 {
		binary.LittleEndian.PutUint32(hash[i:], binary.BigEndian.Uint32(hash[i:]))
	}
	*c = blowfish.Cipher{}
	return hash
}
