package backup

import (
	"bytes"
	_ "embed"
	"fmt"
	"html"
	"strings"
)

//go:embed sheet.css
var sheetStyle string

// page is what a sheet says.
type page struct {
	Label
	ID         string
	Words      bool
	Sealed     bool
	LockedBy   string
	Identities bool
	Pad        string // what base32 -d wants behind the letters
	Codes      []figure
	Typed      string
}

type figure struct {
	Caption, Path string
	Size, Width   int
}

// wordsHere is where the words go. They are put in last, so that they stand in no string.
const wordsHere = `<p id="words"></p>`

// hypertext is HTML that is being written. It is put together without html/template: a program with a template in it is larger, and
// later to start, whatever it is started for.
type hypertext struct{ bytes.Buffer }

// put appends HTML. What stands for a verb is text, and escaped.
func (h *hypertext) put(format string, args ...any) {
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = html.EscapeString(strings.ReplaceAll(text, "\x00", "\ufffd")) // HTML has no way to write a NUL
		}
	}
	_, _ = fmt.Fprintf(h, format, args...) // memory
}

// either is a if the condition holds, else b.
func either(condition bool, a, b string) string {
	if condition {
		return a
	}
	return b
}

func (p page) render() []byte {
	var h hypertext
	p.putHead(&h)
	p.putAbout(&h)
	if p.Words {
		p.putWords(&h)
	} else {
		p.putContent(&h)
		p.putManual(&h)
		p.putCodes(&h)
	}
	h.put(`<h2>Kept at, and last tested on</h2>
<table class="kept"><tr><td>Kept at</td><td>Tested on</td><td>Tested on</td></tr><tr><td></td><td>Tested on</td><td>Tested on</td></tr></table>
</body>
</html>
`)
	return h.Bytes()
}

func (p page) putHead(h *hypertext) {
	h.put(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="%s">
<meta name="keysweep-sheet" content="1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="robots" content="noindex">
<title>Backup of the SSH key %s</title>
<style>
`, p.Tool, p.Name)
	h.WriteString(sheetStyle)
	h.put(`</style>
</head>
<body>
<h1>Backup of the SSH key %s</h1>
`, p.Name)
}

func (p page) putAbout(h *hypertext) {
	h.put("<table class=\"about\">\n")
	if p.Type != "" {
		h.put("<tr><th>Type</th><td>%s</td></tr>\n", p.Type)
	}
	h.put("<tr><th>Fingerprint</th><td><code class=\"fingerprint\">%s</code></td></tr>\n", p.Fingerprint)
	if p.Comment != "" {
		h.put("<tr><th>Comment</th><td>%s</td></tr>\n", p.Comment)
	}
	h.put("<tr><th>Backup</th><td>%s, made %s by %s</td></tr>\n</table>\n", p.ID, p.Made.UTC().Format("2006-01-02 15:04 UTC"), p.Tool)
}

func (p page) putWords(h *hypertext) {
	h.put(`<p class="warning">Whoever reads this page has the key: the words below are the key itself, and no passphrase protects them. Keep the page where you would keep cash, and destroy it when the key is retired.</p>
<h2>What this is</h2>
<p>The secret of an Ed25519 key as 24 words (BIP-39, the English list; they stand for the 32 bytes of the key's seed). The comment and the passphrase of the key file are not in them.</p>
<h2>The words</h2>
<p id="words"></p>
<h2>To get the key back</h2>
<ol>
<li>On a computer that you trust, run the command below. It asks for the words: the first four letters of each are enough. Then it asks for a new passphrase for the key file.
<code class="command">keysweep key restore -o %s --fingerprint %s</code></li>
<li>It refuses wrong words, and words of another key. If it says nothing wrong, the key is back.</li>
</ol>
`, p.Target, p.Fingerprint)
}

func (p page) putContent(h *hypertext) {
	h.put("<h2>What this is</h2>\n")
	if p.Sealed {
		h.put("<p>The private key file as it was on the day of the backup, encrypted with <code>age</code> %s. Inside, the key file %s.</p>\n", p.LockedBy,
			either(p.Inner, "is still under its own passphrase, the one it had on that day: both are needed. Neither stands on this page",
				"has no passphrase of its own. What opens the backup does not stand on this page"))
	} else {
		h.put("<p>The private key file as it was on the day of the backup, under the passphrase that it had on that day. The passphrase does not stand on this page.</p>\n")
	}
	h.put(`<h2>To get the key back</h2>
<ol>
<li>Scan the codes with any QR scanner and put each text on a line of its own into a file <code>parts.txt</code>, in any order. Pictures of the page (PNG, JPEG) do as well, and so does typing the lines at the end of this page into a file.</li>
<li>Run this with the file or the pictures. Parts that are missing, damaged or of another backup are named.
<code class="command">keysweep key restore parts.txt -o %s --fingerprint %s%s</code></li>
<li>To look without restoring: <code>keysweep key backup verify %s parts.txt</code></li>
</ol>
`, p.Target, p.Fingerprint, either(p.Identities, " --identity FILE", ""), p.Target)
}

// putManual says how the key is restored with nothing but age, base32 and ssh-keygen.
func (p page) putManual(h *hypertext) {
	h.put(`<h2>Without keysweep</h2>
<ol>
<li>The last field of each part is base32 (RFC 4648). Together they are %s:
<code class="command">{ sort -V -k2 parts.txt | cut -d' ' -f5- | tr -d ' \n'; `, either(p.Sealed, "an age file", "the key file"))
	if p.Pad != "" {
		h.put("printf '%s'; ", p.Pad)
	}
	h.put(`} | base32 -d &gt; %s</code></li>
`, either(p.Sealed, "backup.age", "key"))
	if p.Sealed {
		h.put(`<li>Decrypt it (<code>age</code> is at age-encryption.org). The line behind the key that starts with <code># keysweep</code> may stay.
<code class="command">(umask 077; age -d %s-o key backup.age)</code></li>
`, either(p.Identities, "-i IDENTITY ", ""))
	}
	h.put(`<li>The result must have the fingerprint above: <code>chmod 600 key; ssh-keygen -y -f key | ssh-keygen -l -f -</code></li>
</ol>
`)
}

func (p page) putCodes(h *hypertext) {
	h.put("<h2>The codes</h2>\n<div class=\"codes\">\n")
	for _, c := range p.Codes {
		h.put(`<figure><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s"><path class="qr" data-size="%d" d="%s"/></svg>`,
			c.Width, c.Width, c.Caption, c.Size, c.Path)
		h.put("<figcaption>%s</figcaption></figure>\n", c.Caption)
	}
	h.put(`</div>
<h2>The same to type</h2>
<p>Only if the codes cannot be scanned. Type all lines, the first one too; the last four letters of a line are its checksum, and wrong lines are named. Letters and the digits 2 to 7 only: there is no zero and no one.</p>
<pre class="typed">
%s</pre>
`, p.Typed)
}
