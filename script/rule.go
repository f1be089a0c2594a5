package script

import "keysweep/finding"

// Rule is something that a script should not do.
type Rule struct {
	ID       string // "script.pipe-to-shell"
	Severity finding.Severity
	Title    string // what is wrong, in a few words
	Why      string // one sentence: why it matters
	Fix      string // what to do instead
	Quiet    string // what the rule does not report
}

// The ids of the rules.
const (
	pipeToShell        = "script.pipe-to-shell"
	unverifiedDownload = "script.unverified-download"
	httpDownload       = "script.http-download"
	tlsVerifyOff       = "script.tls-verify-off"
	xtraceSecret       = "script.xtrace-secret"
	secretInArgv       = "script.secret-in-argv"
	secretToFile       = "script.secret-to-file"
	worldWritable      = "script.world-writable"
	sshdWeakened       = "script.sshd-weakened"
	firewallOff        = "script.firewall-off"
	passwordLiteral    = "script.password-literal"
	sudoNopasswd       = "script.sudo-nopasswd"
	hostKeyCheckOff    = "script.host-key-check-off"
	privilegedBox      = "script.privileged-container"
	publicPort         = "script.public-port"
	credentialsInURL   = "script.credentials-in-url"
	authorizedKeys     = "script.authorized-keys"
	secretExport       = "script.secret-export"
	unsignedPackages   = "script.unsigned-packages"
	noStrictMode       = "script.no-strict-mode"
	rmVariable         = "script.rm-variable"
	metadataToFile     = "script.metadata-credentials"
	keyTransfer        = "script.key-transfer"
	hardcodedSecret    = "script.hardcoded-secret"
	secretLiteral      = "script.secret-source"
	parses             = "script.parses"
)

// Rules returns all rules, in the order in which the reference lists them.
func Rules() []Rule {
	return append(append(append([]Rule(nil), secretRules()...), fetchRules()...), hostRules()...)
}

func secretRules() []Rule {
	return []Rule{
		{hardcodedSecret, finding.Critical, "a secret stands in the script",
			"Whoever can read the script, an image that holds it, or the machine's metadata has the secret.",
			"Read it at run time from a secret manager, a systemd credential or a file with mode 0600, and replace the secret that stood here.",
			"what `keysweep scan` does not report either"},
		{credentialsInURL, finding.Critical, "a user name and password stand in a URL",
			"A URL ends up in process lists, logs, shell history and the configuration of git.",
			"Use a credential helper, a netrc file with mode 0600, or a token that is read at run time.",
			"placeholders, and passwords that are variables: those count as script.secret-in-argv"},
		{passwordLiteral, finding.Critical, "an account gets a password that stands in the script",
			"Everybody who can read the script can log in, on every machine that was set up with it.",
			"Lock the password and use keys, or set a random one that is read from a secret manager.",
			"passwords that are variables, locked accounts, and passwords that cloud-init makes up"},
		{secretLiteral, finding.Medium, "a secret is given as a literal in the environment",
			"The environment of a container or a unit is shown by docker inspect, systemctl show and /proc.",
			"Use secrets of the build (RUN --mount=type=secret), of compose or Kubernetes, LoadCredential= of systemd, or keysweep run.",
			"variables, empty values, placeholders, and values that are no secret (paths, switches, numbers)"},
		{secretExport, finding.High, "a secret is exported as a literal",
			"It stays in the file or in the shell's history, and every program that is started inherits it.",
			"Start the one program that needs it with keysweep run, or export what a secret manager returns.",
			"variables, placeholders, and values that are no secret"},
		{secretInArgv, finding.Medium, "a secret is an argument of a program",
			"Every user of the machine sees the arguments of programs, and audit logs keep them.",
			"Give it on standard input, in a file with mode 0600 or in the environment: --password-stdin, --netrc-file, -H @FILE, MYSQL_PWD.",
			"builtins of the shell and functions of the script, which have no process; session tokens of the metadata service"},
		{secretToFile, finding.High, "a secret is written to a file that others may read",
			"A new file is readable by every user unless umask or its mode says otherwise, and chmod afterwards comes too late.",
			"umask 077 before, or make the file first: install -m 600 /dev/null FILE.",
			"files below umask 077, made by mktemp, or given a mode before; devices, and the files of CI services"},
		{xtraceSecret, finding.High, "a secret is used while set -x prints every command",
			"The value is printed, and ends up in the log of the boot, of the CI job or of the service.",
			"set +x before the secret is used, or leave set -x out.",
			"set -x that depends on a switch such as DEBUG"},
		{metadataToFile, finding.Medium, "credentials of the metadata service are written to a file",
			"The file outlives the credentials' purpose, is copied with images and backups, and is readable by other programs.",
			"Let the provider's SDK fetch them when they are needed.",
			"metadata that are no credentials"},
		{keyTransfer, finding.High, "a private key is copied to another place",
			"A private key that leaves its machine has one more copy to protect, and whoever sees it on the way has it.",
			"Make a key on each machine and deploy its public half: keysweep key deploy.",
			"public halves, certificates, and keys that a program only logs in with (-i)"},
		{parses, finding.Low, "the script cannot be parsed",
			"What stands behind the mistake can only be looked at line by line; a shell that does not understand it either will fail there.",
			"bash -n FILE shows the mistake in a script; one in YAML stands in the line that is named.",
			"templates, whose placeholders are taken for variables, and what stands behind exit or exec; of zsh it is only information"},
	}
}
