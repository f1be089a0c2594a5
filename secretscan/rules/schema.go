package rules

// The tables of a configuration file as they stand there: types checked, nothing else.

type fileTable struct {
	at         place
	title      text
	minVersion text
	extend     extendTable
	rules      []ruleTable
	allowlist  *allowlistTable // the deprecated single one
	allowlists []allowlistTable
	scan       scanTable
}

type extendTable struct {
	at            place
	path          text
	url           text
	useDefault    bool
	useDefaultAt  place
	disabledRules []text
}

type ruleTable struct {
	at          place
	id          text
	description text
	path        text
	regex       text
	secretGroup int
	groupAt     place
	entropy     float64
	keywords    []text
	tags        []text
	skipReport  bool
	allowlist   *allowlistTable // the deprecated single one
	allowlists  []allowlistTable
	required    []requiredTable
}

type allowlistTable struct {
	at          place
	description text
	condition   text
	regexTarget text
	commits     []text
	paths       []text
	regexes     []text
	stopWords   []text
	targetRules []text // of the file's allowlists only
}

type requiredTable struct {
	id            text
	withinLines   *int
	withinColumns *int
}

// scanTable is [scan] of .keysweep.toml.
type scanTable struct {
	exclude       []text
	include       []text
	maxSize       text
	failOn        text
	minConfidence text
	gitleaksRules *bool
	keysweepRules *bool
	archives      archiveTable
}

// file reads a whole file. own says that it is a .keysweep.toml.
func (d decoder) file(root *node, own bool) fileTable {
	f := fileTable{at: root.at}
	fields := []field{
		{"title", func(n *node) { f.title = d.text(n) }},
		{"description", func(n *node) { d.text(n) }},
		{"minVersion", func(n *node) { f.minVersion = d.text(n) }},
		{"extend", func(n *node) { f.extend = d.extend(n) }},
		{"rules", func(n *node) { f.rules = d.rules(n) }},
		{"allowlist", func(n *node) {
			if n.kind == kindTable && len(n.entries) == 0 {
				return // to gitleaks too, an empty table of the file is none
			}
			a := d.allowlist(n, true)
			f.allowlist = &a
		}},
		{"allowlists", func(n *node) { f.allowlists = d.allowlists(n, true) }},
	}
	if own {
		fields = append(fields, field{"scan", func(n *node) { f.scan = d.scan(n) }}, field{"waive", func(*node) {}}) // waivers are for audits, which read them
	}
	d.table(root, fields)
	return f
}

func (d decoder) extend(n *node) extendTable {
	e := extendTable{at: n.at}
	d.table(n, []field{
		{"path", func(n *node) { e.path = d.text(n) }},
		{"url", func(n *node) { e.url = d.text(n) }},
		{"useDefault", func(n *node) { e.useDefault, e.useDefaultAt = d.boolean(n), n.at }},
		{"disabledRules", func(n *node) { e.disabledRules = d.texts(n) }},
	})
	return e
}

func (d decoder) rules(n *node) []ruleTable {
	var out []ruleTable
	for _, item := range d.tables(n) {
		out = append(out, d.rule(item))
	}
	return out
}

func (d decoder) rule(n *node) ruleTable {
	r := ruleTable{at: n.at}
	d.table(n, []field{
		{"id", func(n *node) { r.id = d.text(n) }},
		{"description", func(n *node) { r.description = d.text(n) }},
		{"path", func(n *node) { r.path = d.text(n) }},
		{"regex", func(n *node) { r.regex = d.text(n) }},
		{"secretGroup", func(n *node) { r.secretGroup, r.groupAt = d.integer(n), n.at }},
		{"entropy", func(n *node) { r.entropy = d.float(n) }},
		{"keywords", func(n *node) { r.keywords = d.texts(n) }},
		{"tags", func(n *node) { r.tags = d.texts(n) }},
		{"skipReport", func(n *node) { r.skipReport = d.boolean(n) }},
		{"allowlist", func(n *node) {
			a := d.allowlist(n, false)
			r.allowlist = &a
		}},
		{"allowlists", func(n *node) { r.allowlists = d.allowlists(n, false) }},
		{"required", func(n *node) { r.required = d.required(n) }},
	})
	return r
}

func (d decoder) allowlists(n *node, global bool) []allowlistTable {
	var out []allowlistTable
	for _, item := range d.tables(n) {
		out = append(out, d.allowlist(item, global))
	}
	return out
}

// allowlist reads a rule's allowlist, or the file's, which may have targetRules.
func (d decoder) allowlist(n *node, global bool) allowlistTable {
	a := allowlistTable{at: n.at}
	fields := []field{
		{"description", func(n *node) { a.description = d.text(n) }},
		{"condition", func(n *node) { a.condition = d.text(n) }},
		{"regexTarget", func(n *node) { a.regexTarget = d.text(n) }},
		{"commits", func(n *node) { a.commits = d.texts(n) }},
		{"paths", func(n *node) { a.paths = d.texts(n) }},
		{"regexes", func(n *node) { a.regexes = d.texts(n) }},
		{"stopwords", func(n *node) { a.stopWords = d.texts(n) }},
	}
	if global {
		fields = append(fields, field{"targetRules", func(n *node) { a.targetRules = d.texts(n) }})
	}
	d.table(n, fields)
	return a
}

func (d decoder) required(n *node) []requiredTable {
	var out []requiredTable
	for _, item := range d.tables(n) {
		r := requiredTable{id: text{at: item.at}}
		within := func(to **int) func(*node) {
			return func(n *node) { *to = new(d.integer(n)) }
		}
		d.table(item, []field{
			{"id", func(n *node) { r.id = d.text(n) }},
			{"withinLines", within(&r.withinLines)},
			{"withinColumns", within(&r.withinColumns)},
		})
		out = append(out, r)
	}
	return out
}

func (d decoder) scan(n *node) scanTable {
	var s scanTable
	d.table(n, append(d.archiveFields(&s.archives), []field{
		{"exclude", func(n *node) { s.exclude = d.texts(n) }},
		{"include", func(n *node) { s.include = d.texts(n) }},
		{"max-size", func(n *node) { s.maxSize = d.size(n) }},
		{"fail-on", func(n *node) { s.failOn = d.text(n) }},
		{"min-confidence", func(n *node) { s.minConfidence = d.text(n) }},
		{"gitleaks-rules", func(n *node) { s.gitleaksRules = new(d.boolean(n)) }},
		{"keysweep-rules", func(n *node) { s.keysweepRules = new(d.boolean(n)) }},
	}...))
	return s
}

// size reads a size: a string with a unit, or a plain number of bytes.
func (d decoder) size(n *node) text {
	if n.kind == kindInteger {
		return text{d.numberText(n), n.at}
	}
	return d.text(n)
}
