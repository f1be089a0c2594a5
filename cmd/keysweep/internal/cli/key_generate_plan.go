package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
	"unicode"

	"keysweep/internal/git"
	"keysweep/keys"
	"keysweep/keys/agent"
	"keysweep/keys/inventory"
	"keysweep/keys/sshconfig"
	"keysweep/rotation"
)

// generatePlan is what is to be made, with everything looked up that could stand in the way.
type generatePlan struct {
	env      *Env
	opts     *generateOptions
	path     string // of the private key, absolute
	name     string
	comment  string
	lifetime time.Duration // in the agent
	validFor time.Duration // of the certificate
	host     sshconfig.Host
	ca       *keys.Private
	ledger   *rotation.Ledger

	pass        []byte
	private     *keys.Private
	public      keys.Public
	text        []byte // of the private key file
	certificate *keys.Public
	recorded    bool
	agentHas    bool
	configHas   bool
}

// clear overwrites what is secret.
func (p *generatePlan) clear() {
	clear(p.pass)
	clear(p.text)
	p.private.Clear()
	p.ca.Clear()
}

// planGenerate refuses all that can be refused. Of secrets it asks for those that exist: of the authority's key and the ledger.
func planGenerate(ctx context.Context, env *Env, o *generateOptions) (*generatePlan, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	p := &generatePlan{env: env, opts: o}
	for _, step := range []func(context.Context) error{
		p.choosePath, p.checkPlace, p.chooseWords, p.checkPassphrase, p.checkTimes, p.checkAgent, p.checkConfig, p.openCA, p.checkCertificate, p.openLedger,
	} {
		if err := step(ctx); err != nil {
			p.clear()
			return nil, err
		}
	}
	return p, nil
}

func (p *generatePlan) choosePath(context.Context) error {
	o := p.opts
	if o.file != "" {
		if strings.HasSuffix(o.file, ".pub") {
			return usagef("leave off .pub", "%s is the name of a public key", o.file)
		}
		p.path = absolute(p.env, o.file)
		return nil
	}
	if !filepath.IsAbs(p.env.Home) {
		return usagef("name the file: keysweep key generate FILE", "there is no home directory")
	}
	base := map[string]string{keys.KindEd25519: "id_ed25519", keys.KindRSA4096: "id_rsa"}[o.kind]
	if base == "" {
		base = "id_" + strings.ReplaceAll(o.kind, "-", "_")
	}
	for _, word := range []string{o.service, o.env} {
		if strings.ContainsFunc(word, unfitForName) || strings.HasPrefix(word, ".") {
			return usagef("name the file: keysweep key generate --service "+strconv.Quote(o.service)+" FILE", "%q cannot be part of a file name", word)
		}
		if word != "" {
			base += "_" + word
		}
	}
	p.path = filepath.Join(p.env.Home, ".ssh", base)
	return nil
}

func unfitForName(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-@+", r)
}

func isControl(r rune) bool { return unicode.IsControl(r) }

// checkPlace makes sure that the files can be made, and that it is a place for a private key.
func (p *generatePlan) checkPlace(ctx context.Context) error {
	if err := freeForKey(p.path); err != nil {
		if p.opts.file == "" && isUsage(err) {
			return usagef(alsoHint(err, "tell keys apart by what they are for: --service NAME"), "%w", err)
		}
		return err
	}
	if p.opts.ca != "" {
		if _, err := os.Lstat(p.certificatePath()); err == nil {
			return usagef("choose another name, or move it away", "%s is there already, and is never overwritten", p.certificatePath())
		}
	}
	around, err := inventory.Surroundings(ctx, p.path, inventory.Env{Home: p.env.Home, Environ: p.env.Environ, Now: p.env.Now()})
	if err != nil && !errors.Is(err, git.ErrNoGit) {
		return err
	}
	if !p.opts.force && !around.Safe() {
		where := "a folder that is synchronised"
		if around.Repository != nil {
			where = "the repository " + around.Repository.Root
		}
		return usagef("name another file, or add --force", "%s lies in %s, where a private key does not belong", p.path, where)
	}
	dir := filepath.Dir(p.path)
	if err := makeKeyDir(dir); err != nil {
		return err
	}
	if info, err := os.Stat(dir); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o002 != 0 {
		if _, err := fmt.Fprintf(p.env.Stderr, "warning: everybody may put files into %s; to keep them out: chmod o-w %s\n", git.Printable(dir), shellWord(dir)); err != nil {
			return err
		}
	}
	probe, err := os.CreateTemp(dir, ".keysweep.*.tmp")
	if err != nil {
		return fmt.Errorf("no file can be made in %s: %w", dir, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

func (p *generatePlan) certificatePath() string { return p.path + "-cert.pub" }

// chooseWords fills in name and comment.
func (p *generatePlan) chooseWords(context.Context) error {
	o := p.opts
	p.name, p.comment = o.name, o.comment
	if p.name == "" {
		p.name = strings.Trim(o.service+"-"+o.env, "-")
	}
	if p.name == "" {
		p.name = filepath.Base(p.path)
	}
	if err := rotation.CheckName(p.name); err != nil {
		return usagef("choose one with --name", "%w", err)
	}
	if p.comment == "" {
		user, host := p.env.LoginName(), p.env.Hostname
		if user == "" {
			user = "user"
		}
		if host == "" {
			host = "localhost"
		}
		p.comment = strings.TrimSpace(user + "@" + host + " " + strings.Trim(o.service+" "+o.env, " "))
	}
	return nil
}

// checkPassphrase makes sure that there is a way to get one.
func (p *generatePlan) checkPassphrase(context.Context) error {
	if p.opts.noPassphrase {
		return nil
	}
	err := p.opts.pass.check(p.env)
	if hint := hintOf(err); err != nil && hint != "" && !p.opts.pass.generate {
		return usagef(hint+`; or, for a key that nobody can unlock: --no-passphrase --reason "..."`, "%w", err)
	}
	return err
}

func (p *generatePlan) checkTimes(context.Context) (err error) {
	if p.lifetime, err = flagSpan("agent-lifetime", p.opts.agentLifetime); err != nil {
		return err
	}
	p.validFor, err = flagSpan("valid-for", p.opts.validFor)
	return err
}

// flagSpan reads a span of time, of a second at least.
func flagSpan(flag, text string) (time.Duration, error) {
	span, err := parseSpan(text)
	if err != nil {
		return 0, usagef("for example: 8h, 90d, 52w", "--%s: %w", flag, err)
	}
	if span < time.Second {
		return 0, usagef("for example: 8h, 90d, 52w", "--%s: %s is too short", flag, text)
	}
	return span, nil
}

// checkAgent makes sure that there is an agent.
func (p *generatePlan) checkAgent(ctx context.Context) error {
	if !p.opts.addToAgent {
		return nil
	}
	client, err := agent.Dial(ctx, p.env.Getenv("SSH_AUTH_SOCK"))
	if err != nil {
		return err
	}
	return client.Close()
}
