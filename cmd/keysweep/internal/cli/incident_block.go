package cli

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/incident"
)

// incidentBlockOptions are the flags of incident block.
type incidentBlockOptions struct {
	who      whoOptions
	id       string
	firewall string
}

func newIncidentBlockCommand(env *Env) *cobra.Command {
	o := &incidentBlockOptions{}
	c := &cobra.Command{
		Use:   "block INC ADDRESS...",
		Short: "Print the commands that block addresses, for each firewall",
		Long: "Takes addresses and prefixes of IPv4 and IPv6. Runs nothing: the commands are for root on each host, before any other rule of its firewall.\n" +
			"It is written down that they were asked for; that they were run says keysweep incident step INC isolate done. The address from which you are\n" +
			"logged in over ssh is refused.",
		Example: `  keysweep incident block INC-2026-001 203.0.113.7
  keysweep incident block INC-2026-001 203.0.113.0/24 2001:db8:bad::/48 --firewall nftables`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			return runIncidentBlock(c.Context(), env, o, args[1:])
		},
	}
	c.Flags().StringVar(&o.firewall, "firewall", "", "only the commands for this `FIREWALL`: "+strings.Join(incident.Firewalls(), ", "))
	o.who.addFlags(c.Flags())
	return c
}

func runIncidentBlock(ctx context.Context, env *Env, o *incidentBlockOptions, addresses []string) error {
	if o.firewall != "" && !slices.Contains(incident.Firewalls(), o.firewall) {
		return usagef("one of: "+strings.Join(incident.Firewalls(), ", "), "--firewall: there are no commands for %q", o.firewall)
	}
	prefixes, err := parseAddresses(env, addresses)
	if err != nil {
		return err
	}
	book, i, err := openIncident(env, o.id)
	if err != nil {
		return err
	}
	e, err := o.who.event(ctx, env, incident.Blocking)
	if err != nil {
		return err
	}
	e.Addresses = incident.AddressTexts(prefixes)
	if i, err = book.Append(ctx, i.ID, e); err != nil {
		return incidentError(env, book, o.id, err)
	}
	return writeAll(env.Stdout, func(w *bytes.Buffer) error {
		(&incidentSight{Incident: i, env: env}).head(w)
		fmt.Fprintln(w, "as root on each host, with the firewall that is in use there (keysweep audit host says which).")
		fmt.Fprintln(w, "first see there that none of these is where you come from: echo $SSH_CONNECTION (sudo hides it); and keep a second way in, such as a console")
		for _, f := range incident.Block(prefixes) {
			if o.firewall != "" && o.firewall != f.Name {
				continue
			}
			fmt.Fprintf(w, "\n# %s\n%s\n", f.Name, strings.Join(f.Commands, "\n"))
		}
		fmt.Fprintln(w, "\nports that Docker publishes pass ufw's rules: there, nftables' or iptables' commands block them, too; in a cloud, the security group does.")
		fmt.Fprintln(w, "what ufw and firewalld block does not come in; programs on the host can still connect out to it, until it is cut off or built anew.")
		fmt.Fprintln(w, "nftables' and iptables' commands last until the next boot: run them again then; ufw's and firewalld's stay.")
		if i.Step("incident.isolate").State == incident.Open {
			fmt.Fprintf(w, "when they are run: keysweep incident step %s isolate done --note \"...\"\n", i.ID)
		}
		return nil
	})
}

// parseAddresses reads what is to be blocked, and refuses what would lock somebody out.
func parseAddresses(env *Env, texts []string) (list []netip.Prefix, err error) {
	from, _, _ := strings.Cut(env.Getenv("SSH_CONNECTION"), " ")
	own, ownErr := netip.ParseAddr(from)
	for _, text := range texts {
		p, err := incident.ParseAddress(text)
		if err != nil {
			return nil, usagef("for example: 203.0.113.7, 203.0.113.0/24, 2001:db8::/64", "%q: %w", text, err)
		}
		if ownErr == nil && p.Contains(own.Unmap().WithZone("")) {
			return nil, usagef("log in from another address first", "%s: you are logged in from %s yourself, and would be locked out", text, own)
		}
		if p.Addr().IsPrivate() || p.Addr().IsLinkLocalUnicast() {
			if _, err := fmt.Fprintf(env.Stderr, "note: %s is an address of a local network: whoever uses it is inside, or behind a translation that others share\n", text); err != nil {
				return nil, err
			}
		}
		if !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list, nil
}
