package keys

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// maxPrincipals is how many OpenSSH reads (sshkey.h).
const maxPrincipals = 256

// check refuses what ssh-keygen refuses, what OpenSSH would not read, and a certificate that is good for everyone.
func (o *CertificateOptions) check() error {
	switch {
	case o.ID == "" || !printable(o.ID):
		return errors.New("it needs an identity, of printable characters: it is what servers log")
	case len(o.Principals) == 0:
		return errors.New("it needs principals, the user or host names that it is good for: without any it is good for all")
	case len(o.Principals) > maxPrincipals:
		return fmt.Errorf("%d principals are more than the %d that OpenSSH reads", len(o.Principals), maxPrincipals)
	}
	for _, name := range o.Principals {
		if name == "" || !printable(name) || strings.Contains(name, ",") {
			return fmt.Errorf("principal %q: it is empty, or holds a comma or what cannot be printed", name)
		}
	}
	if err := o.checkValidity(); err != nil {
		return err
	}
	return o.checkRestrictions()
}

func (o *CertificateOptions) checkValidity() error {
	for _, bound := range []struct {
		what    string
		seconds int64
		none    bool
	}{
		{"start", o.ValidAfter.Unix(), o.ValidAfter.IsZero()},
		{"end", o.ValidBefore.Unix(), o.ValidBefore.IsZero()},
	} {
		if !bound.none && bound.seconds < 0 {
			return fmt.Errorf("the %s of its validity is before 1970", bound.what)
		}
	}
	if after, before := o.validity(); after >= before {
		return errors.New("its validity ends before it starts")
	}
	return nil
}

func (o *CertificateOptions) checkRestrictions() error {
	if o.Host && (o.ForceCommand != "" || len(o.SourceAddress) > 0 || o.VerifyRequired || len(o.Extensions) > 0) {
		return errors.New("forced commands, source addresses, verification and extensions are for users' certificates, not for hosts'")
	}
	if strings.ContainsRune(o.ForceCommand, 0) {
		return errors.New("the forced command holds a zero byte")
	}
	for _, source := range o.SourceAddress {
		if err := checkSource(source); err != nil {
			return err
		}
	}
	for _, name := range o.Extensions {
		if !plausibleName(name) {
			return fmt.Errorf("extension %q is not a name", name)
		}
	}
	return nil
}

// checkSource wants what OpenSSH reads there (addr_match_cidr_list): an address, or a network without bits set after its mask.
func checkSource(source string) error {
	if address, err := netip.ParseAddr(source); err == nil && address.Zone() == "" {
		return nil
	}
	network, err := netip.ParsePrefix(source)
	if err != nil {
		return fmt.Errorf("source address %q: it is neither an address nor a network like 192.0.2.0/24", source)
	}
	if masked := network.Masked(); masked != network {
		return fmt.Errorf("source address %q: a network is written as %s", source, masked)
	}
	return nil
}

func printable(s string) bool {
	for _, c := range []byte(s) {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return true
}

// criticalOptions and extensions stand in the order of their names, each once.

func (o *CertificateOptions) criticalOptions() (options []byte) {
	if o.ForceCommand != "" {
		options = appendString(appendString(options, "force-command"), appendString(nil, o.ForceCommand))
	}
	if len(o.SourceAddress) > 0 {
		options = appendString(appendString(options, "source-address"), appendString(nil, strings.Join(o.SourceAddress, ",")))
	}
	if o.VerifyRequired {
		options = appendString(appendString(options, "verify-required"), "")
	}
	return options
}

func (o *CertificateOptions) extensions() (extensions []byte) {
	names := slices.Clone(o.Extensions)
	if o.Extensions == nil && !o.Host {
		names = DefaultExtensions()
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		extensions = appendString(appendString(extensions, name), "")
	}
	return extensions
}
