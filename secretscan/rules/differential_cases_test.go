package rules

// likeCase is a configuration that gitleaks is asked about too.
type likeCase struct {
	name    string
	files   string // .gitleaks.toml, then "-- name --" and other files
	fails   bool   // it is refused
	differs bool   // gitleaks does otherwise; doc.go says why
}

// likeGitleaks returns the cases of TestLikeGitleaks; they seed the fuzz test too.
func likeGitleaks() []likeCase {
	return []likeCase{
		{"empty", `
`, false, false},
		{"only a title", `title = "x"
description = "y"
`, false, false},
		{"one rule", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
`, false, false},
		{"all keys of a rule", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
secretGroup = 2
entropy = 3
keywords = ["ACME", "acme", "Straße"]
tags = ["a", "B"]
skipReport = true
path = "x$"
`, false, false},
		{"keys in other letters", `Title = "x"
[[RULES]]
ID = "a"
Regex = "(a)"
SECRETGROUP = 1
KeyWords = ["A"]
[[RULES.AllowLists]]
STOPWORDS = ["x"]
RegexTarget = "line"
REGEXES = ["y"]
CONDITION = "and"
[ALLOWLIST]
PATHS = ["q"]
`, false, false},
		{"path only", `[[rules]]
id = "p"
path = "\\.p12$"
`, false, false},
		{"order of the file", `[[rules]]
id = "z"
regex = "z"
[[rules]]
id = "a"
regex = "a"
[[rules]]
id = "m"
regex = "m"
`, false, false},
		{"same id twice", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[[rules]]
id = "z"
regex = "z"
[[rules]]
id = "acme"
regex = "second"
`, false, false},
		{"unknown keys", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
colour = "red"
[colours]
x = 1
[[rules.things]]
y = 2
`, false, false},
		{"rule allowlists", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[[rules.allowlists]]
description = "one"
condition = "AND"
commits = [" ABCdef ", "abcdef", "123"]
paths = ["a", "b"]
regexTarget = "match"
regexes = ["(?i)x|y", "z"]
stopwords = ["Foo", "foo", "bar"]
[[rules.allowlists]]
condition = "&&"
stopwords = ["x"]
[[rules.allowlists]]
condition = "||"
regexTarget = "line"
regexes = ["x"]
[[rules.allowlists]]
condition = "or"
regexTarget = "secret"
regexes = ["x"]
`, false, false},
		{"old rule allowlist", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[rules.allowlist]
regexes = ["x"]
stopWords = ["Y"]
`, false, false},
		{"old and new rule allowlist", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[rules.allowlist]
regexes = ["x"]
[[rules.allowlists]]
regexes = ["y"]
`, true, false},
		{"empty rule allowlist", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[[rules.allowlists]]
`, true, false},
		{"empty old rule allowlist", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[rules.allowlist]
`, true, false},
		{"rule allowlist with empty lists", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[[rules.allowlists]]
paths = []
regexes = []
`, true, false},
		{"rule allowlist as a table", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[rules.allowlists]
paths = ["x"]
`, false, false},
		{"old rule allowlist as an array", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[[rules.allowlist]]
paths = ["x"]
`, true, false},
		{"global allowlist", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[allowlist]
paths = ["x"]
regexTarget = "line"
regexes = ["y"]
`, false, false},
		{"global allowlists", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[[allowlists]]
paths = ["x"]
[[allowlists]]
commits = ["AA"]
`, false, false},
		{"old and new global allowlist", `[allowlist]
paths = ["x"]
[[allowlists]]
paths = ["y"]
`, true, false},
		{"empty global allowlists", `[[allowlists]]
`, true, false},
		{"empty old global allowlist", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[allowlist]
`, false, false},
		{"old global allowlist with a description only", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[allowlist]
description = "x"
`, true, false},
		{"global allowlists as a table", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[allowlists]
paths = ["x"]
`, false, false},
		{"global allowlists as an empty table", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[allowlists]
`, false, false},
		{"target rules", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[[rules]]
id = "b"
regex = "b"
[[allowlists]]
targetRules = ["acme", "b"]
paths = ["x"]
[[allowlists]]
targetRules = ["b"]
stopwords = ["y"]
`, false, false},
		{"target rules of the old allowlist", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[allowlist]
targetRules = ["acme"]
paths = ["x"]
`, false, false},
		{"target rule unknown", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[[allowlists]]
targetRules = ["acmee"]
paths = ["x"]
`, true, false},
		{"target rules of the base", `[extend]
path = "base.toml"
[[allowlists]]
targetRules = ["other"]
paths = ["x"]
-- base.toml --
title = "base"
[[rules]]
id = "acme"
description = "base"
regex = '''(acme)_([a-z]{4})'''
path = "base"
entropy = 2.5
secretGroup = 2
keywords = ["acme", "base"]
tags = ["b"]
skipReport = true
[[rules.allowlists]]
stopwords = ["base"]
[[rules.required]]
id = "other"
withinLines = 3
[[rules]]
id = "other"
regex = "other"
[[rules]]
id = "Third"
path = "third$"
[[allowlists]]
description = "of base"
paths = ["base"]
`, false, false},
		{"condition unknown", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[[rules.allowlists]]
condition = "xor"
paths = ["x"]
`, true, false},
		{"regexTarget unknown", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[[rules.allowlists]]
regexTarget = "mtach"
regexes = ["x"]
`, true, false},
		{"regexTarget in capitals", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[[rules.allowlists]]
regexTarget = "LINE"
regexes = ["x"]
`, true, false},
		{"no id", `[[rules]]
regex = "x"
`, true, false},
		{"blank id", `[[rules]]
id = "  "
regex = "x"
`, true, false},
		{"neither regex nor path", `[[rules]]
id = "x"
`, true, false},
		{"secretGroup too high", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
secretGroup = 3
`, true, false},
		{"secretGroup without groups", `[[rules]]
id="a"
regex="a"
secretGroup = 1
`, true, false},
		{"secretGroup of a path rule", `[[rules]]
id="a"
path="a"
secretGroup = 1
`, false, false},
		{"secretGroup negative", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
secretGroup = -1
`, true, true},
		{"bad regex", `[[rules]]
id="a"
regex="a(?=b)"
`, true, false},
		{"bad path", `[[rules]]
id="a"
path="a["
`, true, false},
		{"bad allowlist regex", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[[rules.allowlists]]
regexes=["("]
`, true, false},
		{"bad allowlist path", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[allowlist]
paths=["*"]
`, true, false},
		{"required", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[[rules.required]]
id = "b"
withinLines = 2
[[rules.required]]
id = "c"
withinColumns = 0
[[rules]]
id = "b"
regex = "b"
[[rules]]
id = "c"
regex = "c"
`, false, false},
		{"required as a table", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[rules.required]
id = "acme"
`, false, false},
		{"required without id", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[[rules.required]]
withinLines = 2
`, true, false},
		{"required missing", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[[rules.required]]
id = "b"
`, true, false},
		{"required of the base", `[extend]
path = "base.toml"
[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[[rules.required]]
id = "other"
-- base.toml --
title = "base"
[[rules]]
id = "acme"
description = "base"
regex = '''(acme)_([a-z]{4})'''
path = "base"
entropy = 2.5
secretGroup = 2
keywords = ["acme", "base"]
tags = ["b"]
skipReport = true
[[rules.allowlists]]
stopwords = ["base"]
[[rules.required]]
id = "other"
withinLines = 3
[[rules]]
id = "other"
regex = "other"
[[rules]]
id = "Third"
path = "third$"
[[allowlists]]
description = "of base"
paths = ["base"]
`, true, false},
		{"required disabled", `[extend]
path = "base.toml"
disabledRules = ["other"]
-- base.toml --
title = "base"
[[rules]]
id = "acme"
description = "base"
regex = '''(acme)_([a-z]{4})'''
path = "base"
entropy = 2.5
secretGroup = 2
keywords = ["acme", "base"]
tags = ["b"]
skipReport = true
[[rules.allowlists]]
stopwords = ["base"]
[[rules.required]]
id = "other"
withinLines = 3
[[rules]]
id = "other"
regex = "other"
[[rules]]
id = "Third"
path = "third$"
[[allowlists]]
description = "of base"
paths = ["base"]
`, false, false},
		{"extend a file", `title = "child"
[extend]
path = "base.toml"
[[rules]]
id = "new"
regex = "n"
[[allowlists]]
paths = ["child"]
-- base.toml --
title = "base"
[[rules]]
id = "acme"
description = "base"
regex = '''(acme)_([a-z]{4})'''
path = "base"
entropy = 2.5
secretGroup = 2
keywords = ["acme", "base"]
tags = ["b"]
skipReport = true
[[rules.allowlists]]
stopwords = ["base"]
[[rules.required]]
id = "other"
withinLines = 3
[[rules]]
id = "other"
regex = "other"
[[rules]]
id = "Third"
path = "third$"
[[allowlists]]
description = "of base"
paths = ["base"]
`, false, false},
		{"extend and override everything", `[extend]
path = "base.toml"
[[rules]]
id = "acme"
description = "child"
regex = "(a)(b)(c)"
path = "child"
entropy = 1
secretGroup = 3
keywords = ["CHILD"]
tags = ["c"]
skipReport = false
[[rules.allowlists]]
paths = ["child"]
-- base.toml --
title = "base"
[[rules]]
id = "acme"
description = "base"
regex = '''(acme)_([a-z]{4})'''
path = "base"
entropy = 2.5
secretGroup = 2
keywords = ["acme", "base"]
tags = ["b"]
skipReport = true
[[rules.allowlists]]
stopwords = ["base"]
[[rules.required]]
id = "other"
withinLines = 3
[[rules]]
id = "other"
regex = "other"
[[rules]]
id = "Third"
path = "third$"
[[allowlists]]
description = "of base"
paths = ["base"]
`, false, false},
		{"extend and override nothing", `[extend]
path = "base.toml"
[[rules]]
id = "acme"
-- base.toml --
title = "base"
[[rules]]
id = "acme"
description = "base"
regex = '''(acme)_([a-z]{4})'''
path = "base"
entropy = 2.5
secretGroup = 2
keywords = ["acme", "base"]
tags = ["b"]
skipReport = true
[[rules.allowlists]]
stopwords = ["base"]
[[rules.required]]
id = "other"
withinLines = 3
[[rules]]
id = "other"
regex = "other"
[[rules]]
id = "Third"
path = "third$"
[[allowlists]]
description = "of base"
paths = ["base"]
`, false, false},
		{"extend with skipReport", `[extend]
path = "base.toml"
[[rules]]
id = "other"
skipReport = true
-- base.toml --
title = "base"
[[rules]]
id = "acme"
description = "base"
regex = '''(acme)_([a-z]{4})'''
path = "base"
entropy = 2.5
secretGroup = 2
keywords = ["acme", "base"]
tags = ["b"]
skipReport = true
[[rules.allowlists]]
stopwords = ["base"]
[[rules.required]]
id = "other"
withinLines = 3
[[rules]]
id = "other"
regex = "other"
[[rules]]
id = "Third"
path = "third$"
[[allowlists]]
description = "of base"
paths = ["base"]
`, false, false},
		{"extend with a regex of fewer groups", `[extend]
path = "base.toml"
[[rules]]
id = "acme"
regex = "(a)"
-- base.toml --
title = "base"
[[rules]]
id = "acme"
description = "base"
regex = '''(acme)_([a-z]{4})'''
path = "base"
entropy = 2.5
secretGroup = 2
keywords = ["acme", "base"]
tags = ["b"]
skipReport = true
[[rules.allowlists]]
stopwords = ["base"]
[[rules.required]]
id = "other"
withinLines = 3
[[rules]]
id = "other"
regex = "other"
[[rules]]
id = "Third"
path = "third$"
[[allowlists]]
description = "of base"
paths = ["base"]
`, true, false},
		{"extend, rule without regex", `[extend]
path = "base.toml"
[[rules]]
id = "nobody"
keywords = ["x"]
-- base.toml --
title = "base"
[[rules]]
id = "acme"
description = "base"
regex = '''(acme)_([a-z]{4})'''
path = "base"
entropy = 2.5
secretGroup = 2
keywords = ["acme", "base"]
tags = ["b"]
skipReport = true
[[rules.allowlists]]
stopwords = ["base"]
[[rules.required]]
id = "other"
withinLines = 3
[[rules]]
id = "other"
regex = "other"
[[rules]]
id = "Third"
path = "third$"
[[allowlists]]
description = "of base"
paths = ["base"]
`, true, false},
		{"extend, base rule without regex", `[extend]
path = "base.toml"
[[rules]]
id = "x"
regex = "r"
-- base.toml --
[[rules]]
id = "x"
entropy = 2.0
`, false, false},
		{"extend and disable", `[extend]
path = "base.toml"
disabledRules = ["acme", "nobody"]
-- base.toml --
title = "base"
[[rules]]
id = "acme"
description = "base"
regex = '''(acme)_([a-z]{4})'''
path = "base"
entropy = 2.5
secretGroup = 2
keywords = ["acme", "base"]
tags = ["b"]
skipReport = true
[[rules.allowlists]]
stopwords = ["base"]
[[rules.required]]
id = "other"
withinLines = 3
[[rules]]
id = "other"
regex = "other"
[[rules]]
id = "Third"
path = "third$"
[[allowlists]]
description = "of base"
paths = ["base"]
`, false, false},
		{"extend and disable an own rule", `[extend]
path = "base.toml"
disabledRules = ["acme"]
[[rules]]
id = "acme"
regex = "mine"
-- base.toml --
title = "base"
[[rules]]
id = "acme"
description = "base"
regex = '''(acme)_([a-z]{4})'''
path = "base"
entropy = 2.5
secretGroup = 2
keywords = ["acme", "base"]
tags = ["b"]
skipReport = true
[[rules.allowlists]]
stopwords = ["base"]
[[rules.required]]
id = "other"
withinLines = 3
[[rules]]
id = "other"
regex = "other"
[[rules]]
id = "Third"
path = "third$"
[[allowlists]]
description = "of base"
paths = ["base"]
`, false, false},
		{"extend three deep", `[extend]
path = "one.toml"
-- one.toml --
[extend]
path = "two.toml"
disabledRules = ["off"]
[[rules]]
id = "one"
regex = "1"
-- two.toml --
[extend]
path = "three.toml"
[[rules]]
id = "two"
regex = "2"
[[rules]]
id = "off"
regex = "0"
-- three.toml --
[[rules]]
id = "three"
regex = "3"
`, false, false},
		{"extend three deep, the last one missing", `[extend]
path = "one.toml"
-- one.toml --
[extend]
path = "two.toml"
-- two.toml --
[extend]
path = "three.toml"
`, false, false},
		{"extend with the last one asking for too much", `[extend]
path = "one.toml"
-- one.toml --
[extend]
path = "two.toml"
-- two.toml --
[extend]
path = "three.toml"
useDefault = true
`, false, false},
		{"extend default by way of a file", `[extend]
path = "one.toml"
-- one.toml --
[extend]
useDefault = true
`, false, false},
		{"extend default two files down", `[extend]
path = "one.toml"
-- one.toml --
[extend]
path = "two.toml"
-- two.toml --
[extend]
useDefault = true
`, false, false},
		{"extend with target rules in the base", `[extend]
path = "base.toml"
-- base.toml --
title = "base"
[[rules]]
id = "acme"
description = "base"
regex = '''(acme)_([a-z]{4})'''
path = "base"
entropy = 2.5
secretGroup = 2
keywords = ["acme", "base"]
tags = ["b"]
skipReport = true
[[rules.allowlists]]
stopwords = ["base"]
[[rules.required]]
id = "other"
withinLines = 3
[[rules]]
id = "other"
regex = "other"
[[rules]]
id = "Third"
path = "third$"
[[allowlists]]
description = "of base"
paths = ["base"]
[[allowlists]]
targetRules = ["other"]
paths = ["x"]
`, false, false},
		{"extend with an unknown target rule in the base", `[extend]
path = "base.toml"
-- base.toml --
title = "base"
[[rules]]
id = "acme"
description = "base"
regex = '''(acme)_([a-z]{4})'''
path = "base"
entropy = 2.5
secretGroup = 2
keywords = ["acme", "base"]
tags = ["b"]
skipReport = true
[[rules.allowlists]]
stopwords = ["base"]
[[rules.required]]
id = "other"
withinLines = 3
[[rules]]
id = "other"
regex = "other"
[[rules]]
id = "Third"
path = "third$"
[[allowlists]]
description = "of base"
paths = ["base"]
[[allowlists]]
targetRules = ["nobody"]
paths = ["x"]
`, false, false},
		{"extend a missing file", `[extend]
path = "nowhere.toml"
`, true, false},
		{"extend a bad file", `[extend]
path = "base.toml"
-- base.toml --
x = 
`, true, false},
		{"extend a file in a folder", `[extend]
path = "conf/base.toml"
-- conf/base.toml --
title = "base"
[[rules]]
id = "acme"
description = "base"
regex = '''(acme)_([a-z]{4})'''
path = "base"
entropy = 2.5
secretGroup = 2
keywords = ["acme", "base"]
tags = ["b"]
skipReport = true
[[rules.allowlists]]
stopwords = ["base"]
[[rules.required]]
id = "other"
withinLines = 3
[[rules]]
id = "other"
regex = "other"
[[rules]]
id = "Third"
path = "third$"
[[allowlists]]
description = "of base"
paths = ["base"]
`, false, false},
		{"extend itself", `[extend]
path = ".gitleaks.toml"
[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
`, true, true},
		{"extend a file and default", `[extend]
path = "base.toml"
useDefault = true
-- base.toml --
title = "base"
[[rules]]
id = "acme"
description = "base"
regex = '''(acme)_([a-z]{4})'''
path = "base"
entropy = 2.5
secretGroup = 2
keywords = ["acme", "base"]
tags = ["b"]
skipReport = true
[[rules.allowlists]]
stopwords = ["base"]
[[rules.required]]
id = "other"
withinLines = 3
[[rules]]
id = "other"
regex = "other"
[[rules]]
id = "Third"
path = "third$"
[[allowlists]]
description = "of base"
paths = ["base"]
`, true, false},
		{"extend a url", `[extend]
url = "https://example.com/x.toml"
[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
`, false, false},
		{"extend default", `[extend]
useDefault = true
`, false, false},
		{"extend default and change it", `[extend]
useDefault = true
disabledRules = ["generic-api-key", "no-such-rule"]
[[rules]]
id = "aws-access-token"
tags = ["mine"]
keywords = ["mine"]
[[rules.allowlists]]
paths = ["fixtures"]
[[rules]]
id = "acme"
regex = "acme"
[[allowlists]]
targetRules = ["jwt", "acme"]
stopwords = ["x"]
`, false, false},
		{"default not used", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[extend]
useDefault = false
`, false, false},
		{"minVersion", `minVersion = "v8.25.0"
[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
`, false, false},
		{"minVersion too new", `minVersion = "v99.0.0"
[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
`, false, false},
		{"minVersion short", `minVersion = "8"
[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
`, false, false},
		{"minVersion with a suffix", `minVersion = "8.30.1-rc.1+x"
[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
`, false, false},
		{"minVersion bad", `minVersion = "latest"
[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
`, true, false},
		{"syntax error", `title = "x
[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
`, true, false},
		{"key twice", `title = "x"
title = "y"
`, true, false},
		{"table twice", `[allowlist]
paths = ["x"]
[allowlist]
paths = ["y"]
`, true, false},
		{"inline tables", `rules = [{id = "a", regex = "a", allowlists = [{paths = ["x"]}]}, {id = "b", path = "b"}]
allowlists = [{stopwords = ["y"]}]
`, false, false},
		{"dotted keys", `allowlist.paths = ["x"]
extend.useDefault = false
[[rules]]
id = "a"
regex = "b"
allowlist.paths = ["y"]
`, false, false},
		{"rules as a table", `[rules]
id = "a"
regex = "a"
`, false, false},
		{"strings in every writing", `[[rules]]
id = 'a'
regex = """
a\
   b"""
description = '''
x'''
path = "\u0061\t"
`, false, false},
		{"numbers for strings", `[[rules]]
id = 1_0
regex = 0x1F
description = 1.50
path = true
keywords = [1, 2.5, false]
`, false, false},
		{"strings for numbers", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
entropy = "3.5"
secretGroup = "0x2"
`, false, false},
		{"empty strings for numbers", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
entropy = ""
secretGroup = ""
`, false, false},
		{"words for numbers", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
entropy = "high"
`, true, false},
		{"words for integers", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
secretGroup = "one"
`, true, false},
		{"a float for an integer", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
secretGroup = 1.9
`, false, false},
		{"booleans for numbers", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
secretGroup = true
entropy = true
`, false, false},
		{"words for booleans", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
skipReport = "true"
`, false, false},
		{"numbers for booleans", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
skipReport = 2
[extend]
useDefault = 0.0
`, false, false},
		{"a bad word for a boolean", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
skipReport = "yes"
`, true, false},
		{"an empty word for a boolean", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
skipReport = ""
`, false, false},
		{"commas for a list", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
keywords = "a, B,c"
tags = ""
`, false, false},
		{"a number for a list", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
keywords = 5
tags = true
`, false, false},
		{"a list for a string", `[[rules]]
id = "a"
regex = ["a"]
`, true, false},
		{"a table for a string", `[[rules]]
id = "a"
regex = {a = 1}
`, true, false},
		{"a date for a string", `[[rules]]
id = "a"
regex = 2020-01-01
`, true, false},
		{"an array in a list", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
keywords = [["a"]]
`, true, false},
		{"a table for a list of strings", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
keywords = {a = 1}
`, true, false},
		{"an empty table for a list of strings", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
keywords = {}
`, false, false},
		{"a string for rules", `rules = "a"
`, true, false},
		{"a number for rules", `rules = 1
`, true, false},
		{"an empty string for rules", `rules = ""
`, false, false},
		{"an array for extend", `extend = ["x"]
`, true, false},
		{"a string for an allowlist", `allowlist = "x"
`, true, false},
		{"big entropy", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
entropy = 1e3
`, false, false},
		{"binary and octal", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
secretGroup = 0b10
entropy = 0o7
`, false, false},
		{"tables in arrays of arrays", `[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
[[rules.required]]
id = "acme"
[[rules.allowlists]]
paths = ["a"]
[[rules]]
id = "b"
regex = "b"
[[rules.allowlists]]
paths = ["b"]
`, false, false},
		{"windows line ends", "[[rules]]\r\nid = \"acme\"\r\ndescription = \"Acme\"\r\nregex = '''(acme)_([a-z]{4})'''\r\n", false, false},
		{"one group name twice in an allowlist", `[[rules]]
id = "acme"
regex = "acme"
[[rules.allowlists]]
regexes = ["(?P<x>a)", "(?P<x>b)"]
`, false, true},
		{"comments", `# one
[[rules]]
id = "acme"
description = "Acme"
regex = '''(acme)_([a-z]{4})'''
keywords = [ # two
 'a', # three
 # four
 'b',
]
`, false, false},
	}
}
