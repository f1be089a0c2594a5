package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/internal/openssh"
	"keysweep/keys"
	"keysweep/rotation"
)

// generateOptions are what the user typed.
type generateOptions struct {
	file            string // "" for the usual one
	kind            string
	rounds          int
	comment         string
	name            string
	service         string
	env             string
	owner           string
	hosts           []string
	force           bool
	format          string
	pass            passphraseOptions
	storePassphrase bool
	noPassphrase    bool
	reason          string
	ledger          ledgerOptions

	addToAgent    bool
	agentLifetime string
	agentConfirm  bool
	sshConfig     string

	ca         string
	caPass     passphraseOptions
	certID     string
	principals []string
	validFor   string
}

// generateKinds are the types of key that can be made. Nothing weaker is offered.
func generateKinds() []string {
	return append([]string{keys.KindEd25519, keys.KindRSA4096}, openssh.SecurityKeyKinds()...)
}

func newKeyGenerateCommand(env *Env) *cobra.Command {
	o := &generateOptions{}
	c := &cobra.Command{
		Use:   "generate [FILE]",
		Short: "Make an SSH key with a passphrase, and remember it",
		Long: "Make a key pair in OpenSSH's format. The private key gets mode 0600, and a passphrase: asked for on the terminal, made of six\n" +
			"random words (--generate-passphrase), or read from a file or descriptor; never from the command line or the environment.\n" +
			"No file is ever overwritten. The key is recorded in the ledger, so that its age and its places are known.",
		Example: `  keysweep key generate --service github                 ~/.ssh/id_ed25519_github
  keysweep key generate --service shop --env prod --host deploy@shop.example.org --ssh-config shop
  keysweep key generate --type rsa-4096 ~/.ssh/id_rsa_old     for what does not know ed25519
  keysweep key generate --generate-passphrase --add-to-agent --agent-lifetime 8h
  keysweep key generate --no-passphrase --reason "cron job on backup1" /etc/backup/key`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.file = args[0]
			}
			return runGenerate(c.Context(), env, o)
		},
	}
	o.pass.fromLedger = func(ctx context.Context, name string) ([]byte, error) { return o.keptPassphrase(ctx, env, name) }
	o.addFlags(c.Flags())
	return c
}

func (o *generateOptions) addFlags(f *pflag.FlagSet) {
	f.StringVarP(&o.kind, "type", "t", keys.KindEd25519, "`TYPE` of key: "+strings.Join(generateKinds(), ", "))
	f.IntVar(&o.rounds, "kdf-rounds", keys.DefaultRounds, "rounds of bcrypt between passphrase and key, 16 to 1024: about 10 ms each to open it")
	f.StringVarP(&o.comment, "comment", "C", "", "comment in the key (default USER@HOST SERVICE)")
	f.StringVar(&o.name, "name", "", "what the ledger calls the key (default the service and environment, or the file's name)")
	f.StringVar(&o.service, "service", "", "what the key is for: github, backup; one key for each")
	f.StringVar(&o.env, "env", "", "environment that it is for: prod, staging")
	f.StringArrayVar(&o.hosts, "host", nil, "where it is meant to be used: `[USER@]HOST[:PORT]` (repeatable)")
	f.StringVar(&o.owner, "owner", "", "person or team that the key belongs to")
	f.BoolVar(&o.force, "force", false, "write the key even into a repository or a folder that is synchronised")
	f.StringVarP(&o.format, "format", "f", "text", "format of the result: text, json")
	o.pass.addFlags(f, "", "the key's passphrase")
	o.pass.addGenerateFlag(f)
	f.BoolVar(&o.storePassphrase, "store-passphrase", false, "keep the passphrase in the ledger, too")
	f.BoolVar(&o.noPassphrase, "no-passphrase", false, "make a key that whoever gets the file can use; needs --reason")
	f.StringVar(&o.reason, "reason", "", "why there is no passphrase: it is recorded and stays in every report")
	f.BoolVar(&o.addToAgent, "add-to-agent", false, "add the key to ssh-agent")
	f.StringVar(&o.agentLifetime, "agent-lifetime", "8h", "how long the agent keeps it: 30m, 8h, 2d")
	f.BoolVar(&o.agentConfirm, "agent-confirm", false, "have the agent ask at every use")
	f.StringVar(&o.sshConfig, "ssh-config", "", "write a block for host `ALIAS` to ~/.ssh/config that uses this key alone")
	f.StringVar(&o.ca, "ca", "", "sign a certificate for the key with the private key `FILE` of a certificate authority")
	o.caPass.addFlags(f, "ca-", "the passphrase of the certificate authority's key")
	f.StringVar(&o.certID, "cert-id", "", "who the certificate is for, as servers log it (default the name)")
	f.StringSliceVar(&o.principals, "principals", nil, "users that the certificate may log in as")
	f.StringVar(&o.validFor, "valid-for", "90d", "how long the certificate is good: 12h, 90d, 52w")
	o.ledger.addFlags(f)
}

// validate holds the rules that need nothing but the flags.
func (o *generateOptions) validate() error {
	switch {
	case !slices.Contains(generateKinds(), o.kind):
		return usagef("one of: "+strings.Join(generateKinds(), ", "), "--type: %q keys are not made", o.kind)
	case o.rounds < keys.MinRounds || o.rounds > keys.MaxRounds:
		return usagef("", "--kdf-rounds %d: it must be %d to %d", o.rounds, keys.MinRounds, keys.MaxRounds)
	case o.format != "text" && o.format != "json":
		return usagef("one of: text, json", "--format: there is no format %q", o.format)
	case o.noPassphrase && strings.TrimSpace(o.reason) == "":
		return usagef(`for example: --no-passphrase --reason "used by cron on backup1"`, "--no-passphrase needs a --reason")
	case o.reason != "" && !o.noPassphrase:
		return usagef("", "--reason goes with --no-passphrase")
	case o.noPassphrase && (o.pass.given() || o.pass.generate || o.storePassphrase):
		return usagef("", "--no-passphrase and a passphrase cannot be combined")
	case o.storePassphrase && o.ledger.none:
		return usagef("", "--store-passphrase and --no-ledger cannot be combined")
	case o.pass.stored != "" && o.ledger.none:
		return usagef("", "--passphrase-ledger and --no-ledger cannot be combined")
	case o.agentConfirm && !o.addToAgent:
		return usagef("", "--agent-confirm goes with --add-to-agent")
	case o.ca == "" && (o.certID != "" || len(o.principals) > 0 || o.caPass.given()):
		return usagef("", "--cert-id, --principals and --ca-passphrase-... go with --ca")
	case o.ca != "" && len(o.principals) == 0:
		return usagef("for example: --principals deploy", "--ca needs --principals: without one the certificate would be good for every user")
	}
	if err := o.validateWords(); err != nil {
		return err
	}
	return o.pass.validate()
}

// validateWords looks at what is written down somewhere: in the key, the certificate, the ledger, reports and commands to copy.
func (o *generateOptions) validateWords() error {
	for _, flag := range []struct{ name, text string }{{"comment", o.comment}, {"reason", o.reason}, {"service", o.service}, {"env", o.env}, {"owner", o.owner}, {"cert-id", o.certID}} {
		if strings.ContainsFunc(flag.text, isControl) {
			return usagef("", "--%s: it must be one line of text", flag.name)
		}
	}
	for _, host := range o.hosts {
		if _, err := openssh.ParseTarget(host); err != nil {
			return usagef("for example: --host deploy@shop.example.org, or --host shop.example.org:2222", "--host: %w", err)
		}
	}
	for i, name := range o.principals {
		if o.principals[i] = strings.TrimSpace(name); o.principals[i] == "" {
			return usagef("for example: --principals deploy,backup", "--principals: one of them is empty")
		}
	}
	return nil
}

// keptPassphrase gets the passphrase that the ledger keeps for a key.
func (o *generateOptions) keptPassphrase(ctx context.Context, env *Env, name string) ([]byte, error) {
	ledger, err := o.ledger.existing(ctx, env)
	if err != nil {
		return nil, err
	}
	if ledger == nil {
		return nil, usagef("", "there is no ledger yet, and so no passphrase in it")
	}
	r, err := findRecord(ctx, env, ledger, name)
	if err != nil {
		return nil, err
	}
	return ledger.Secret(ctx, r.ID)
}

// runGenerate makes the key. What can be refused is refused before a passphrase is asked for, and nothing is lost after the key
// is there: what then fails is said with the way to go on.
func runGenerate(ctx context.Context, env *Env, o *generateOptions) error {
	p, err := planGenerate(ctx, env, o)
	if err != nil {
		return err
	}
	defer p.clear()
	if err := p.make(ctx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := writeNewKey(p.path, p.text, p.public.Line(p.comment)); err != nil {
		return err
	}
	// From here on Ctrl-C would only lose track of a key that exists. What follows is quick; a second Ctrl-C ends it anyway.
	after, stop := context.WithTimeout(context.WithoutCancel(ctx), finishWithin)
	defer stop()
	missing := p.finish(after)
	if err := p.report(); err != nil {
		return err
	}
	return missing
}

// finishWithin bounds what is done after the key is written: the ledger's lock and the agent may make it wait.
const finishWithin = time.Minute

// record is what the ledger gets to know.
func (p *generatePlan) record() rotation.Record {
	now := p.env.Now().UTC()
	r := rotation.Record{
		Kind: rotation.KindSSH, Name: p.name, Service: p.opts.service, Env: p.opts.env, Owner: p.opts.owner, Hosts: p.opts.hosts,
		Fingerprint: p.public.SHA256(), Type: p.public.Type, Bits: p.public.Bits, Path: p.path,
		Evidence: []rotation.Evidence{{Source: rotation.MadeHere, At: now}},
		History:  []rotation.Event{{What: "generated"}},
	}
	if p.opts.noPassphrase {
		r.Unprotected = &rotation.Exception{Reason: strings.TrimSpace(p.opts.reason), At: now}
	}
	return r
}
