package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/bundle"
	"keysweep/host/collect"
	"keysweep/host/folder"
	"keysweep/host/image"
	"keysweep/host/live"
	"keysweep/host/observe"
	"keysweep/host/setting"
	"keysweep/internal/atomicfile"
	"keysweep/internal/openssh"
	"keysweep/policy/audit"
	"keysweep/policy/practice"
)

// auditHostOptions are the flags of audit host.
type auditHostOptions struct {
	auditOptions
	where machineOptions
	save  string
}

// machineOptions say which machine is looked at: this one, if nothing is said.
type machineOptions struct {
	root, bundle, host string
	noSudo             bool
	ssh                hostOptions
}

func (o *machineOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.root, "root", "", "the machine whose files are mounted at `DIR`: nothing is run, and nothing outside of it is read")
	f.StringVar(&o.bundle, "bundle", "", "a machine that was collected before, with --save `FILE`")
	f.StringVar(&o.host, "host", "", "another machine, `USER@HOST`, over ssh: nothing is installed or written there")
	f.BoolVar(&o.noSudo, "no-sudo", false, "with --host: do not try sudo -n there")
	o.ssh.addFlags(f)
	f.Lookup("via").Usage = "with --host: log in with this private `KEY` (default: as ssh would)"
	f.Lookup("jobs").Hidden = true // one machine at a time
}

func newAuditHostCommand(env *Env) *cobra.Command {
	o := &auditHostOptions{}
	c := &cobra.Command{
		Use:   "host",
		Short: "Check a machine: sshd, firewall, open ports, updates, services, logs",
		Long: "Looks at files of the machine and at what its own programs say; changes nothing, and connects to nothing. Each result names the value\n" +
			"that was found and where it is set, the value that is wanted, the line of the guide, and the fix. Without the rights of root some facts\n" +
			"stay unknown: they are named, and the exit code is 3.\n\n" +
			"What is collected of a machine (--host, --save) holds no private key and no hash of a password.",
		Example: `  sudo keysweep audit host                    all of it
  keysweep audit host --host admin@web1       another machine, over ssh
  keysweep audit host --root /mnt             a mounted image
  sudo keysweep audit host --save web1.bundle for somewhere else: keysweep audit host --bundle web1.bundle
  keysweep audit host --diff last             what changed since the last time`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runAuditHost(c.Context(), env, o) },
	}
	f := c.Flags()
	o.where.addFlags(f)
	f.StringVar(&o.save, "save", "", "keep what was collected in `FILE` (mode 0600)")
	o.addFlags(f)
	return c
}

func runAuditHost(ctx context.Context, env *Env, o *auditHostOptions) error {
	if err := o.validate(env); err != nil {
		return err
	}
	source, of, err := o.where.open(ctx, env)
	if err != nil {
		return err
	}
	if o.save != "" {
		if err := saveBundle(ctx, env, source, o.save); err != nil {
			return err
		}
	}
	a, err := auditHost(ctx, env, source)
	if err != nil {
		return err
	}
	return o.finish(ctx, env, a, of)
}

// auditHost judges a machine. What a person attests of machines is told of this one only.
func auditHost(ctx context.Context, env *Env, source host.Source) (*finding.Audit, error) {
	rules, switched, err := auditRules(env)
	if err != nil {
		return nil, err
	}
	a := newAudit(env, machineWords(source))
	a.Notices = ofChecks(switched, rules.MachineChecks())
	a.Profile = rules.Profile
	if source.Kind() == host.Bundle {
		a.AsOf = source.Time()
	}
	now := env.Now()
	found := observe.Look(ctx, source)
	found.Settings = setting.Read(source, rules.Queries())
	found.Versions = versions(ctx, source, rules)
	found.Folders = map[string]*folder.Facts{}
	for _, path := range rules.Clients.Paths {
		found.Folders[path] = folder.LookInside(source, path)
	}
	a.Results = audit.Host(found, rules, now)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if source.Kind() == host.Live {
		if err := addAttested(ctx, env, a, practice.Host); err != nil {
			return nil, err
		}
	}
	audit.Settle(a, rules.WaiversOf(rules.MachineChecks()), audit.Site{Host: source.Name()}, now)
	a.Programs = programsOf(source)
	return a, nil
}

// addAttested adds what people attested of some scopes, and have not.
func addAttested(ctx context.Context, env *Env, a *finding.Audit, scopes ...practice.Scope) error {
	results, problems, notices, err := attestedResults(ctx, env, scopes...)
	a.Results, a.Problems, a.Notices = append(a.Results, results...), append(a.Problems, problems...), append(a.Notices, notices...)
	return err
}

// open opens the machine that the flags name; of names it for the next audit of the same.
func (o *machineOptions) open(ctx context.Context, env *Env) (s host.Source, of string, err error) {
	chosen := 0
	for _, on := range []bool{o.root != "", o.bundle != "", o.host != ""} {
		if on {
			chosen++
		}
	}
	switch {
	case chosen > 1:
		return nil, "", usagef("one at a time", "--root, --host and --bundle cannot be combined")
	case o.root != "":
		dir := absolute(env, o.root)
		s, err = openImage(dir, o.root)
		return s, "root " + dir, err
	case o.bundle != "":
		s, err = openBundle(absolute(env, o.bundle), o.bundle)
		return s, "bundle " + absolute(env, o.bundle), err
	case o.host != "":
		s, err = o.over(ctx, env)
		return s, "host " + o.host, err
	case runtime.GOOS != "linux":
		return nil, "", fmt.Errorf("audit host: %w\nhint: audit one that runs Linux from here: keysweep audit host --host USER@HOST", live.ErrOtherSystem)
	}
	return live.New(live.Options{Now: env.Now}), "host", nil
}

// over collects from another machine.
func (o *machineOptions) over(ctx context.Context, env *Env) (host.Source, error) {
	if err := o.ssh.validate(); err != nil {
		return nil, err
	}
	target, err := openssh.ParseTarget(o.host)
	if err != nil {
		return nil, usagef("for example: --host admin@web1", "--host: %w", err)
	}
	via, err := o.ssh.viaKey(ctx, env)
	if err != nil {
		return nil, err
	}
	return collect.Over(ctx, o.ssh.tools(env), target, collect.Options{Version: env.Version, NoSudo: o.noSudo, Timeout: o.ssh.timeout, Via: via})
}

// openImage opens the files of a machine below a directory. name is what the user calls it.
func openImage(dir, name string) (host.Source, error) {
	const hint = "--root DIR is the directory that holds etc, usr and var of a machine"
	s, err := image.Open(dir)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("--root %s: %w\nhint: as root it can be looked at: sudo keysweep audit host --root %[1]s", name, fs.ErrPermission)
	case err != nil:
		return nil, usagef(hint, "--root %s: %w", name, plainError(errors.Unwrap(err)))
	}
	for _, part := range []string{"etc", "usr", "var", "bin", "lib"} {
		if _, err := os.Lstat(filepath.Join(dir, part)); !errors.Is(err, fs.ErrNotExist) {
			return s, nil
		}
	}
	return nil, usagef(hint, "--root %s: there is nothing of a machine in it: no etc, no usr, no var", name)
}

// openBundle reads a collection. name is what the user calls it.
func openBundle(file, name string) (host.Source, error) {
	const hint = "one is made by: keysweep audit host --save FILE"
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("--bundle %s: %w\nhint: read it as the user who saved it", name, fs.ErrPermission)
	case err != nil:
		return nil, usagef(hint, "--bundle %s: %w", name, plainError(err))
	case !info.Mode().IsRegular():
		return nil, usagef(hint, "--bundle %s: it is no file", name)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("--bundle %s: %w\nhint: read it as the user who saved it", name, plainError(err))
	}
	defer func() { _ = f.Close() }()
	b, err := bundle.Open(f)
	if err != nil {
		return nil, fmt.Errorf("--bundle %s: %w\nhint: it is no whole collection; %s", name, err, hint)
	}
	return b, nil
}

// saveBundle keeps what is to be known of a machine in a file.
func saveBundle(ctx context.Context, env *Env, s host.Source, file string) error {
	path := absolute(env, file)
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return usagef("make it first: mkdir -p "+filepath.Dir(file), "--save %s: there is no directory %s", file, filepath.Dir(file))
	}
	var data []byte
	if b, ok := s.(*bundle.Bundle); ok {
		var buf bytes.Buffer
		if err := b.Write(&buf); err != nil {
			return err
		}
		data = buf.Bytes()
	} else {
		var err error
		if data, err = collect.Local(ctx, s, env.Version, os.Getuid()); err != nil {
			return err
		}
	}
	if err := atomicfile.Write(path, data, 0o600); err != nil {
		return fmt.Errorf("--save: %w", err)
	}
	return nil
}

// machineWords says what is looked at.
func machineWords(s host.Source) string {
	switch s.Kind() {
	case host.Image:
		return "the tree " + s.Name()
	case host.Bundle:
		return "what was collected on " + s.Name()
	}
	return "this machine (" + s.Name() + ")"
}

// programsOf lists what a source ran.
func programsOf(s host.Source) (list []finding.Program) {
	ran, ok := s.(interface{ Programs() []host.Output })
	if !ok {
		return nil
	}
	for _, p := range ran.Programs() {
		list = append(list, finding.Program{Command: strings.Join(p.Argv, " "), Exit: p.Exit, CPU: p.CPU, Elapsed: p.Elapsed})
	}
	return list
}
