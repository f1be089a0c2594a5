package cli

import (
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// policyPlaces knows where the tables of a policy file begin, so that a mistake can be shown where it is.
type policyPlaces struct {
	file  string
	lines map[string][]int // by the table's name, "rotation.exempt"; of several of one name each
}

// findPlaces reads the headers of a file's tables. What is no TOML has been refused before.
func findPlaces(file string, data []byte) policyPlaces {
	p := policyPlaces{file, map[string][]int{}}
	var parser unstable.Parser
	parser.Reset(data)
	for parser.NextExpression() {
		e := parser.Expression()
		if e.Kind != unstable.Table && e.Kind != unstable.ArrayTable {
			continue
		}
		var names []string
		line := 0
		for key := e.Key(); key.Next(); {
			names = append(names, string(key.Node().Data))
			line = parser.Shape(key.Node().Raw).Start.Line
		}
		name := strings.Join(names, ".")
		p.lines[name] = append(p.lines[name], line)
	}
	return p
}

// of returns where the nth table of a name begins, counted from 0: "FILE:LINE", or FILE if it has no header of its own.
func (p policyPlaces) of(name string, nth int) string {
	if lines := p.lines[name]; nth < len(lines) {
		return fmt.Sprintf("%s:%d", p.file, lines[nth])
	}
	return p.file
}
