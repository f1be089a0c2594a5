package report

import (
	"fmt"
	"sort"
	"strings"

	"keysweep/finding"
)

// guide is what to do about many findings, said once for each situation that occurs. Findings refer to it by number.
type guide struct {
	v       *view
	number  [situations]int // 0: does not occur
	count   [situations]int // findings in the situation
	rotates map[string]string
}

// newGuide numbers the situations in which the report's findings are.
func (v *view) newGuide() *guide {
	g := &guide{v: v, rotates: map[string]string{}}
	for i := range v.Findings {
		f := &v.Findings[i]
		for s, where := range bySituation(f) {
			if len(where) > 0 {
				g.count[s]++
			}
		}
		if f.RotateURL != "" {
			g.rotates[v.shown(f.RotateURL)] = v.shown(f.Provider)
		}
	}
	next := 1
	for s, n := range g.count {
		if n > 0 {
			g.number[s] = next
			next++
		}
	}
	return g
}

// refer names the steps that apply to a finding.
func (g *guide) refer(f *finding.Finding) string {
	var refs []string
	for s, where := range bySituation(f) {
		if len(where) > 0 {
			refs = append(refs, fmt.Sprintf("[%d]", g.number[s]))
		}
	}
	return strings.Join(refs, " ")
}

// steps are those for any finding in a situation: the commands name what is to be put in.
func steps(s situation) step {
	any, t := []finding.Place{{Kind: finding.KindBlob}}, target{rotate: "rotate it"}
	if s != unpushed {
		return stepsFor(s, any, t)
	}
	one := finding.Place{Kind: finding.KindBlob, InHead: finding.Yes, Commit: &finding.Commit{ID: "COMMIT"}}
	todo := stepsFor(s, []finding.Place{one}, t)
	todo.say = strings.TrimSuffix(todo.say, ":") + "; or, if several commits have it, git filter-repo, where " + replaceFile + ":"
	todo.run = append(todo.run, filterRepo(any, "COMMIT^..HEAD", t)...)
	return todo
}

// String is the section at the report's end.
func (g *guide) String() string {
	var b strings.Builder
	b.WriteString(g.v.paint(bold, "what to do") + "\n")
	for s, n := range g.count {
		if n == 0 {
			continue
		}
		todo := steps(situation(s))
		first := fmt.Sprintf("  [%d] ", g.number[s])
		b.WriteString(wrap(first, strings.Repeat(" ", len(first)), todo.name+" ("+plural(n, "finding", "findings")+"): "+todo.say, g.v.width()))
		b.WriteString(g.v.commands(todo.run))
	}
	b.WriteString(g.rotate())
	b.WriteString(g.v.allow("RULE", "FINGERPRINT", false) + "\n")
	return b.String()
}

// rotate lists the pages where the found secrets are rotated.
func (g *guide) rotate() string {
	if len(g.rotates) == 0 {
		return ""
	}
	urls := make([]string, 0, len(g.rotates))
	for url := range g.rotates {
		urls = append(urls, url)
	}
	sort.Slice(urls, func(i, j int) bool {
		a, b := urls[i], urls[j]
		if g.rotates[a] != g.rotates[b] {
			return g.rotates[a] < g.rotates[b]
		}
		return a < b
	})
	var b strings.Builder
	b.WriteString("  rotate at\n")
	for _, url := range urls {
		fmt.Fprintf(&b, "      %-12s %s\n", g.rotates[url], url)
	}
	return b.String()
}
