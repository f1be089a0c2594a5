package schedule

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// AgentLabel is the name of the job for launchd; its file is AgentLabel + ".plist".
const AgentLabel = "org.keysweep.rotate-due"

// Agent returns the property list that makes launchd run the plan, as launchd.plist(5) has it. A run that was missed while the
// machine slept is made up for when it wakes.
func Agent(p Plan) ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString(xml.Header + `<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">` +
		"\n<plist version=\"1.0\">\n<dict>\n")
	fmt.Fprintf(&b, "\t<key>Label</key>\n\t%s\n\t<key>ProgramArguments</key>\n\t<array>\n", xmlString(AgentLabel))
	for _, w := range p.words() {
		fmt.Fprintf(&b, "\t\t%s\n", xmlString(w))
	}
	b.WriteString("\t</array>\n")
	if len(p.Environ) > 0 {
		b.WriteString("\t<key>EnvironmentVariables</key>\n\t<dict>\n")
		for _, e := range p.Environ {
			name, value, _ := strings.Cut(e, "=")
			fmt.Fprintf(&b, "\t\t<key>%s</key>\n\t\t%s\n", xmlText(name), xmlString(value))
		}
		b.WriteString("\t</dict>\n")
	}
	fmt.Fprintf(&b, "\t<key>StartCalendarInterval</key>\n\t<dict>\n\t\t<key>Hour</key>\n\t\t<integer>%d</integer>\n"+
		"\t\t<key>Minute</key>\n\t\t<integer>%d</integer>\n\t</dict>\n\t<key>ProcessType</key>\n\t<string>Background</string>\n</dict>\n</plist>\n", p.Hour, p.Minute)
	return []byte(b.String()), nil
}

func xmlString(text string) string { return "<string>" + xmlText(text) + "</string>" }

func xmlText(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a buffer takes everything
	return b.String()
}
