package keys

import (
	"errors"
	"fmt"

	"golang.org/x/crypto/ssh"
)

// Signer returns the key as golang.org/x/crypto/ssh signs with it. With an RSA key its Sign makes SHA-1 signatures, which
// servers refuse today: ask for an algorithm by ssh.AlgorithmSigner. A security key cannot sign without its device, and is an
// error, as are RSA keys that crypto/rsa finds too short, when they sign. The signer shares its numbers with p: it is of no
// use once p is cleared. An agent is given p.Key itself (agent.AddedKey of golang.org/x/crypto/ssh/agent).
func (p *Private) Signer() (ssh.Signer, error) {
	if _, ok := p.Key.(*SecurityKey); ok {
		return nil, errors.New("a security key signs only with its device: use ssh or ssh-keygen for it")
	}
	if p.Key == nil {
		return nil, errNoPrivate(p.Key)
	}
	signer, err := ssh.NewSignerFromKey(p.Key)
	if err != nil {
		return nil, fmt.Errorf("sign with %T: %w", p.Key, err)
	}
	return signer, nil
}
