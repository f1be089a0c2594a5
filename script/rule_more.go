package script

import "keysweep/finding"

func fetchRules() []Rule {
	return []Rule{
		{pipeToShell, finding.High, "what is downloaded is run at once",
			"Nobody sees or checks what is run: whoever controls the server, its name or its account controls this machine.",
			"Download it to a file, compare its sha256 with a pinned one, then run it.",
			"programs that only read data, such as python3 -c or jq"},
		{unverifiedDownload, finding.High, "what is downloaded is installed without being checked",
			"A file that was exchanged on the server or on the way is run with the rights of the script.",
			"Pin its sha256 and check it first: echo \"$SHA256  $FILE\" | sha256sum -c -, or gpg --verify, cosign verify-blob, minisign -V.",
			"files whose checksum or signature is checked before they are used; files that are only read"},
		{httpDownload, finding.High, "a file is fetched without encryption",
			"Anybody between here and the server can exchange it.",
			"Use https://.",
			"this machine, metadata services, names without a dot, and files whose checksum or signature is checked"},
		{tlsVerifyOff, finding.High, "certificates are not checked",
			"Without the check, encryption protects against nobody who sits in between.",
			"Install the certificate of the authority (--cacert, SSL_CERT_FILE) and leave the option out.",
			"connections to this machine"},
		{unsignedPackages, finding.Medium, "packages are installed without proof of where they come from",
			"A mirror, or somebody on the way to it, can put any program into the package, and it is installed as root.",
			"Put the key into /etc/apt/keyrings and name it with signed-by=; keep gpgcheck=1.",
			"repositories with signed-by, a key or a fingerprint"},
	}
}

func hostRules() []Rule {
	return []Rule{
		{sshdWeakened, finding.High, "logging in by SSH is made weaker",
			"Passwords are guessed all day long on every public address, and root is the name that everybody knows.",
			"PermitRootLogin no, PasswordAuthentication no, PubkeyAuthentication yes.",
			"lines that make it stronger, and the pattern that sed replaces"},
		{firewallOff, finding.High, "a firewall or a guard of the system is switched off",
			"Every port that listens is open to everybody who can reach the machine.",
			"Open the port that is needed, and leave the rest as it is.",
			"rules that are flushed and then set anew in the same script"},
		{sudoNopasswd, finding.Medium, "sudo asks for no password for any command",
			"Whoever takes over a program of that user is root.",
			"Name the commands that are needed: user ALL=(root) NOPASSWD: /usr/bin/systemctl restart app.",
			"rules that name commands"},
		{hostKeyCheckOff, finding.Medium, "SSH does not check which machine it talks to",
			"Anybody in between can pretend to be the server, and gets what is sent.",
			"Put the server's key into known_hosts, or use StrictHostKeyChecking=accept-new.",
			"accept-new"},
		{authorizedKeys, finding.Medium, "keys that may log in are replaced, or come from elsewhere",
			"Replacing the file locks others out; a key from the net or in the script lets somebody in whom nobody checks.",
			"Add (>>) a key whose owner you know, and keep the list in one place: keysweep key deploy.",
			"keys that are variables, ssh_authorized_keys of cloud-config, and the file of an account that the script makes"},
		{worldWritable, finding.Medium, "every user may change the file",
			"Any program on the machine can put something else there, and it is run or believed.",
			"chmod 755 for programs and directories, 640 or 600 for the rest; 1777 for a shared directory.",
			"directories with the sticky bit, and devices"},
		{privilegedBox, finding.High, "a container has the rights of the machine",
			"A privileged container, or one that has Docker's socket, is root on the machine.",
			"Give it the one capability or device that it needs (--cap-add, --device), or a proxy in front of the socket.",
			"mounts of other directories"},
		{publicPort, finding.High, "a container's port is open to everybody",
			"Docker's own rules come before those of ufw and firewalld: a published port is open even if the firewall denies it.",
			"Publish it on this machine only: -p 127.0.0.1:5432:5432.",
			"ports on 127.0.0.1 or another address, and 80 and 443, which are public by purpose"},
		{rmVariable, finding.Medium, "rm -r starts at a variable that may be empty",
			"If the variable is empty, it is the root directory that is removed.",
			"rm -rf \"${DIR:?}/\": the shell stops if it is empty.",
			"variables that have a value in the script, or ${DIR:?}"},
		{noStrictMode, finding.Low, "a script that sets a machine up goes on after mistakes",
			"What follows a step that failed leaves a machine half set up: without its firewall, its keys, its updates.",
			"set -euo pipefail at the top (set -eu for sh).",
			"scripts that install nothing, and single commands of cloud-config"},
	}
}

// ruleOf returns the rule of an id.
func ruleOf(id string) Rule {
	for _, r := range Rules() {
		if r.ID == id {
			return r
		}
	}
	return Rule{ID: id}
}
