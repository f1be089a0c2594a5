package cli

import (
	"context"
	"strings"

	"keysweep/finding"
	"keysweep/secretscan"
	"keysweep/secretscan/rules"
)

// issuer is who issued a credential, as far as its form tells.
type issuer struct {
	provider string // "github"
	title    string // "GitHub personal access token"
	url      string // where it is replaced
}

// recognise tells by the scanner's rules who issued a value. The zero value says that no rule knows it.
func recognise(ctx context.Context, name string, value []byte) (issuer, error) {
	text := make([]byte, 0, len(name)+len(value)+len("=\"\"\n"))
	text = append(append(append(append(text, name...), `="`...), value...), "\"\n"...)
	found, err := scanText(ctx, ".env", text)
	if err != nil {
		return issuer{}, err
	}
	for _, f := range found {
		if f.Provider != "" {
			return issuer{providerName(f.Provider), f.Title, f.RotateURL}, nil
		}
	}
	return issuer{}, nil
}

// providerName makes of "Alibaba Cloud" what people type: "alibaba-cloud".
func providerName(provider string) string {
	return strings.ReplaceAll(strings.ToLower(provider), " ", "-")
}

// providerPage is where a provider's credentials are replaced, as far as the rules know; "" if they do not.
func providerPage(provider string) string {
	for _, r := range rules.Default().Rules {
		if provider != "" && r.RotateURL != "" && providerName(r.Provider) == providerName(provider) {
			return r.RotateURL
		}
	}
	return ""
}

// scanText runs the scanner's rules over a text, which it overwrites at the end.
func scanText(ctx context.Context, path string, text []byte) ([]finding.Finding, error) {
	defer clear(text)
	engine, err := secretscan.Compile(rules.Default())
	if err != nil {
		return nil, err
	}
	result, err := secretscan.Run(ctx, engine, oneText{secretscan.Blob{Kind: finding.KindFile, Path: path, Size: int64(len(text)), Data: text}}, secretscan.Options{Workers: 1})
	return result.Findings, err
}

// oneText is a source of a single blob.
type oneText struct{ blob secretscan.Blob }

// Walk is secretscan.Source's.
func (o oneText) Walk(_ context.Context, sink secretscan.Sink) error { return sink.Blob(o.blob) }
