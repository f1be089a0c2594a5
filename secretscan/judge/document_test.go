package judge_test

import (
	"strings"
	"testing"

	"keysweep/secretscan/judge"
)

// illustrates asks as a scan does.
func illustrates(text []byte, from, to int) (inProse, inCode bool) {
	if !judge.SpeaksOfExamples(judge.Surroundings(text, from, to)) {
		return false, false
	}
	return judge.Illustrates(text, from, to)
}

// TestIllustrates reads texts in which ¤ is the value: one sign of an example is not enough, and in code it has to stand in documentation.
func TestIllustrates(t *testing.T) {
	for name, c := range map[string]struct {
		text          string
		prose, inCode bool
	}{
		"nothing":                  {"key: ¤\n", false, false},
		"called an example":        {"For example:\n\n    key: ¤\n", false, false},
		"invented names":           {"config :my_app, key: \"¤\"\n", false, false},
		"both":                     {"For example:\n\n    config :my_app,\n      key: \"¤\"\n", true, false},
		"both below":               {"key: ¤ at https://api.example.com\n\nThis is only for example.\n", true, false},
		"far away":                 {"For example:\n" + strings.Repeat("\n", 12) + "    config :my_app, key: \"¤\"\n", false, false},
		"warned":                   {"$ gen\n¤\n\nDon't use this value.\n", false, false},
		"warned, and used":         {"$ gen\n¤\n\nDon't use this value.\n\n$ set KEY=¤\n", true, false},
		"used without a warning":   {"For example:\n$ set KEY=¤\n$ show KEY\nKEY=¤\n", false, false},
		"documentation of Elixir":  {"  @moduledoc \"\"\"\n  For example:\n\n      config :your_app,\n        key: \"¤\"\n  \"\"\"\n", true, true},
		"with a sigil":             {"  @doc ~S\"\"\"\n  For example:\n\n      config :your_app,\n        key: \"¤\"\n  \"\"\"\n", true, true},
		"behind it":                {"  @doc \"\"\"\n  For example:\n  \"\"\"\n  def f, do: config :your_app, key: \"¤\"\n", true, false},
		"documentation of Python":  {"def f(x):\n    \"\"\"For example:\n        f(\"my_app\", key=\"¤\")\n    \"\"\"\n", true, true},
		"of a module":              {"\"\"\"For example:\n    f(\"my_app\", key=\"¤\")\n\"\"\"\n", true, true},
		"a text of several lines":  {"# for example\nx = \"\"\"\nmy_app key=\"¤\"\n\"\"\"\n", true, false},
		"at the end of everything": {"e.g. my_app ¤", true, false},
	} {
		text := strings.ReplaceAll(c.text, "¤", token)
		from := strings.LastIndex(text, token)
		prose, code := illustrates([]byte(text), from, from+len(token))
		if prose != c.prose || code != c.inCode {
			t.Errorf("%s: in prose %v, in code %v", name, prose, code)
		}
	}
}

func FuzzIllustrates(f *testing.F) {
	f.Add("For example:\n@doc \"\"\"\nmy_app x", 3, 4)
	f.Fuzz(func(t *testing.T, text string, from, size int) {
		if from < 0 || size < 0 || from > len(text) || size > len(text)-from {
			return
		}
		if prose, code := illustrates([]byte(text), from, from+size); code && !prose {
			t.Error("an example in code is one in a document")
		}
	})
}
