package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"keysweep/internal/atomicfile"
	"keysweep/internal/openssh"
	"keysweep/internal/terminal"
	"keysweep/keys"
	"keysweep/keys/sshconfig"
	"keysweep/rotation"
)

// openCA opens the authority's key.
func (p *generatePlan) openCA(ctx context.Context) error {
	if p.opts.ca == "" {
		return nil
	}
	data, err := os.ReadFile(absolute(p.env, p.opts.ca))
	if err != nil {
		return usagef("", "--ca: %w", err)
	}
	defer clear(data)
	file, err := keys.Parse(data)
	if err != nil {
		return usagef("it must be the private key", "--ca %s: %w", p.opts.ca, err)
	}
	for try := 1; ; try++ {
		var pass []byte
		if file.Protected() {
			if pass, err = p.opts.caPass.existing(ctx, p.env, "Passphrase of "+p.opts.ca); err != nil {
				return err
			}
		}
		p.ca, err = file.Open(pass)
		clear(pass)
		if err == nil {
			return nil
		}
		if !errors.Is(err, keys.ErrPassphrase) || p.opts.caPass.given() || try == passphraseTries {
			return fmt.Errorf("--ca %s: %w", p.opts.ca, err)
		}
		if _, err := fmt.Fprintln(p.env.Stderr, "That is not the passphrase of the authority's key."); err != nil {
			return err
		}
	}
}

// checkCertificate has the authority certify itself, for a trial: whatever it would refuse is refused before there is a key.
func (p *generatePlan) checkCertificate(context.Context) error {
	if p.ca == nil {
		return nil
	}
	own, err := p.ca.Public()
	if err == nil {
		_, err = p.certify(own)
	}
	if err != nil {
		return usagef(hintOf(err), "--ca %s: %w", p.opts.ca, err)
	}
	return nil
}

// certify signs a certificate as the flags say.
func (p *generatePlan) certify(key keys.Public) (keys.Public, error) {
	now := p.env.Now()
	return keys.SignCertificate(p.ca, key, keys.CertificateOptions{
		ID: cmp.Or(p.opts.certID, p.name), Principals: p.opts.principals, ValidAfter: now.Add(-clockSkew), ValidBefore: now.Add(p.validFor),
	})
}

// openLedger opens the ledger and makes sure that the name is free.
func (p *generatePlan) openLedger(ctx context.Context) (err error) {
	if p.ledger, err = p.opts.ledger.open(ctx, p.env); err != nil || p.ledger == nil {
		return err
	}
	records, err := p.ledger.Records(ctx)
	if err != nil {
		return err
	}
	for _, r := range records {
		if r.Name == p.name && r.Status.Live() {
			return usagef("choose another with --name; see: keysweep key list", "%w", &rotation.DuplicateError{Existing: r, Field: "name"})
		}
	}
	return nil
}

// checkConfig makes sure that the block can be added.
func (p *generatePlan) checkConfig(context.Context) error {
	if p.opts.sshConfig == "" {
		return nil
	}
	if p.env.Home == "" {
		return usagef("", "--ssh-config: there is no home directory")
	}
	file := p.path
	if rest, ok := strings.CutPrefix(p.path, p.env.Home+string(filepath.Separator)); ok {
		file = "~/" + filepath.ToSlash(rest)
	}
	p.host = sshconfig.Host{Alias: p.opts.sshConfig, IdentityFile: file, Home: p.env.Home}
	if len(p.opts.hosts) == 1 {
		p.host.User, p.host.HostName, p.host.Port = splitTarget(p.opts.hosts[0])
		if p.host.HostName == p.host.Alias {
			p.host.HostName = ""
		}
	}
	_, _, err := p.newConfig()
	return err
}

// splitTarget reads [USER@]HOST[:PORT].
func splitTarget(target string) (user, host string, port int) {
	if at := strings.LastIndexByte(target, '@'); at >= 0 {
		user, target = target[:at], target[at+1:]
	}
	// More than one colon outside brackets is an IPv6 address without a port.
	if i := strings.LastIndexByte(target, ':'); i >= 0 && (strings.Count(target, ":") == 1 || strings.HasSuffix(target[:i], "]")) {
		if n, err := strconv.Atoi(target[i+1:]); err == nil {
			target, port = target[:i], n
		}
	}
	return user, strings.Trim(target, "[]"), port
}

func (p *generatePlan) configPath() string { return filepath.Join(p.env.Home, ".ssh", "config") }

// newConfig returns ~/.ssh/config with the block, and the mode it has.
func (p *generatePlan) newConfig() (config []byte, mode fs.FileMode, err error) {
	mode = keyFileMode
	old, err := os.ReadFile(p.configPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fmt.Errorf("--ssh-config: %w", err)
	}
	if info, err := os.Stat(p.configPath()); err == nil {
		mode = info.Mode().Perm()
	}
	if config, err = sshconfig.AddHost(old, p.host); err != nil {
		return nil, 0, usagef(hintOf(err), "--ssh-config %s: %w", p.host.Alias, err)
	}
	return config, mode, nil
}

// make makes the key and protects it. Nothing is written yet.
func (p *generatePlan) make(ctx context.Context) (err error) {
	if !p.opts.noPassphrase {
		p.pass, err = p.opts.pass.fresh(ctx, p.env, freshQuestion{
			Prompt:  "New passphrase for " + p.path,
			Known:   append([]string{p.env.LoginName(), p.env.Hostname, p.opts.service, p.opts.env, p.opts.owner, p.comment, p.name, filepath.Base(p.path)}, p.opts.hosts...),
			Instead: `let it be made: --generate-passphrase; or, for a key that nobody can unlock: --no-passphrase --reason "..."`,
		})
		if err != nil {
			return err
		}
	}
	if p.private, err = p.newPrivate(ctx); err != nil {
		return err
	}
	if p.public, err = p.private.Public(); err != nil {
		return err
	}
	stop := terminal.Spinner(p.env.Stderr, "protecting the key", p.env.StderrTerminal)
	p.text, err = p.private.MarshalOpenSSH(p.pass, p.opts.rounds)
	stop()
	return err
}

func (p *generatePlan) newPrivate(ctx context.Context) (*keys.Private, error) {
	for _, kind := range openssh.SecurityKeyKinds() {
		if p.opts.kind == kind {
			return p.onDevice(ctx)
		}
	}
	stop := terminal.Spinner(p.env.Stderr, "making the key", p.env.StderrTerminal)
	defer stop()
	return keys.Generate(ctx, p.opts.kind, p.comment)
}

// onDevice has a security key make the key; the file gets only the handle that the device needs to use it.
func (p *generatePlan) onDevice(ctx context.Context) (*keys.Private, error) {
	tools := &openssh.Tools{Environ: p.env.Environ}
	data, err := tools.GenerateSecurityKey(ctx, p.opts.kind, filepath.Dir(p.path), p.env.Stderr)
	if err != nil {
		return nil, err
	}
	defer clear(data)
	file, err := keys.Parse(data)
	if err != nil {
		return nil, err
	}
	private, err := file.Open(nil)
	if err != nil {
		return nil, err
	}
	private.Comment = p.comment
	return private, nil
}

// sign makes the certificate and writes it beside the key.
func (p *generatePlan) sign() error {
	certificate, err := p.certify(p.public)
	if err == nil {
		err = atomicfile.Create(p.certificatePath(), certificate.Line(p.comment), pubFileMode)
	}
	if err == nil {
		p.certificate = &certificate
	}
	return err
}
