package dotenv

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// show writes what was parsed in one line a statement.
func show(f *File) string {
	var b strings.Builder
	for _, a := range f.Assignments {
		fmt.Fprintf(&b, "%d-%d %s", a.Line, a.LastLine, a.Name)
		if a.Given {
			fmt.Fprintf(&b, "=%q", a.Value)
		}
		if a.Expands {
			b.WriteString(" expands")
		}
		if a.Doubt != "" {
			fmt.Fprintf(&b, " (%.14s)", a.Doubt)
		}
		b.WriteString("; ")
	}
	for _, o := range f.Odd {
		fmt.Fprintf(&b, "odd %d: %s; ", o.Line, o.What)
	}
	return strings.TrimSuffix(b.String(), "; ")
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "",
		"\n\n# comment\n  # another\n":      "",
		"A=b":                               `1-1 A="b"`,
		"A=b\r\nC=d\r\n":                    `1-1 A="b"; 2-2 C="d"`,
		"\ufeffA=b\n":                       `1-1 A="b"`,
		"export A=b\nexport\tC='d'":         `1-1 A="b"; 2-2 C="d"`,
		"  export  A=b  \n":                 `1-1 A="b"`,
		"export=b":                          `1-1 export="b"`,
		"A=":                                `1-1 A=""`,
		"A= # nothing":                      `1-1 A=""`,
		"A=\"\"\nB=''":                      `1-1 A=""; 2-2 B=""`,
		"A":                                 `1-1 A`,
		"export A\nB # from outside":        `1-1 A; 2-2 B`,
		"A=b # c":                           `1-1 A="b"`,
		"A=b#c":                             `1-1 A="b#c" ("#" in a value)`,
		"A=#c":                              `1-1 A="#c" ("#" in a value)`,
		"A=b c  d \t\n":                     `1-1 A="b c  d"`,
		"A = b":                             `1-1 A="b" (space around ")`,
		"A: b":                              `1-1 A="b" (":" instead of)`,
		"A:b":                               `odd 1: no assignment`,
		"if true; then\nA=b\nfi":            `2-2 A="b"; 3-3 fi; odd 1: no assignment`,
		"A=b=c==":                           `1-1 A="b=c=="`,
		"A='b # c' # d":                     `1-1 A="b # c"`,
		"A='b\nc'\nD=e":                     `1-2 A="b\nc"; 3-3 D="e"`,
		"A='let\\'s go'":                    `1-1 A="let's go"`,
		"A='C:\\dir\\'\nB=c":                `1-1 A="C:\\dir\\"; 2-2 B="c"`,
		"A='C:\\dir\\' # d\nB='c'":          `1-1 A="C:\\dir\\"; 2-2 B="c"`,
		"A='$B ${C} \\n'":                   `1-1 A="$B ${C} \\n"`,
		"A=\"b\\nc\\td\\\"e\\\\f\\$g\\h\"":  `1-1 A="b\nc\td\"e\\f$g\\h"`,
		"A=\"b\r\nc\"\r\nD=e\r\n":           `1-2 A="b\nc"; 3-3 D="e"`,
		"A=\"$B\"\nC=${D}x\nE=$(id)\nF=5$6": `1-1 A="$B" expands; 2-2 C="${D}x" expands; 3-3 E="$(id)" expands; 4-4 F="5$6"`,
		"A=\"\\$B\"":                        `1-1 A="$B"`,
		"A=`b 'c' \"d\"`":                   "1-1 A=\"b 'c' \\\"d\\\"\" (backquotes, wh)",
		"A=\"b\"c\nD=e":                     `2-2 D="e"; odd 1: something follows the closing quote`,
		"A='b'#c":                           `odd 1: something follows the closing quote`,
		"A=b\\c":                            `1-1 A="b\\c" (a backslash in)`,
		"my.name=b\nmy-name=c\n1A=d":        `1-1 my.name="b"; 2-2 my-name="c"; 3-3 1A="d"`,
		"A=b\nA=c":                          `1-1 A="b"; 2-2 A="c"`,
		"A=\xff\xe4":                        `1-1 A="\xff\xe4"`,
		"A=b\rc":                            `1-1 A="b\rc"`,
	} {
		f, err := Parse([]byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if got := show(f); got != want {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, line := range map[string]int{
		"A=b\nB=\"c\nd":                          2,
		"A='b\\'c":                               1,
		"A=`":                                    1,
		"A=b\nB=\x00":                            2,
		"\xff\xfeA\x00=\x00":                     0,
		strings.Repeat("A=b\n", MaxSize/4) + "#": 0,
	} {
		_, err := Parse([]byte(text))
		var e *ParseError
		if !errors.As(err, &e) || e.Line != line {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func TestReplace(t *testing.T) {
	text := "# settings\r\nexport A = one # first\r\nB=\"two\\n\"  #x\nC='th\nree'\nD=\nE=five"
	f, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Replace(map[int]string{0: "keysweep://dev/A", 1: "keysweep://dev/B", 2: "keysweep://dev/C", 4: "keysweep://dev/E"})
	want := "# settings\r\nexport A = keysweep://dev/A # first\r\nB=\"keysweep://dev/B\"  #x\nC='keysweep://dev/C'\nD=\nE=keysweep://dev/E"
	if err != nil || string(got) != want {
		t.Errorf("%v\n got %q\nwant %q", err, got, want)
	}
	for index, text := range map[int]string{0: "a b", 1: "$x", 3: "keysweep://dev/D", 4: ""} {
		if got, err := f.Replace(map[int]string{index: text}); err == nil {
			t.Errorf("%d, %q: %q", index, text, got)
		}
	}
}

func TestReferences(t *testing.T) {
	for _, text := range []string{"keysweep://prod/DB_PASSWORD", "keysweep://a.b-c_9/_x"} {
		r, found, err := ParseReference(text)
		if err != nil || !found || r.String() != text || !plain(text) {
			t.Errorf("%s: %+v, %v, %v", text, r, found, err)
		}
	}
	for _, text := range []string{"", "prod/X", "Keysweep://prod/X", "https://prod/X"} {
		if r, found, err := ParseReference(text); found || err != nil {
			t.Errorf("%q: %+v, %v", text, r, err)
		}
	}
	long := strings.Repeat("x", 101)
	for _, rest := range []string{"", "prod", "prod/", "/X", "prod/1X", "prod/X/Y", "prod/X Y", "Prod/X", "-x/X", "prod/X-Y", "prod/" + long, long + "/X", "prod/X#1"} {
		if r, found, err := ParseReference(Scheme + rest); !found || err == nil {
			t.Errorf("%q: %+v, %v", rest, r, found)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"A=b\n", "export A='b' # c\r\n", "A=\"b\\n$C\"\n", "A=`b`", "A: b", "A = b # c", "A='it\\'s'\nB='x\\'\n", "A=\"b\nc\"\n", "A\n# b\n1.x-y=z",
		"\ufeffA=#b", "A=b#c d", "A=\n", "A=\"b\"c\nA='", "A=$(b)\\",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := string(data)
		file, err := Parse(data)
		if err != nil {
			return
		}
		same, err := file.Replace(nil)
		if err != nil || string(same) != before {
			t.Fatalf("%q became %q: %v", before, same, err)
		}
		texts, want := map[int]string{}, map[int]string{}
		for i, a := range file.Assignments {
			if a.Line < 1 || a.LastLine < a.Line || a.Name == "" {
				t.Fatalf("%q: %+v", before, a)
			}
			want[i] = string(a.Value)
			if a.start < a.end {
				texts[i] = Reference{"prod", fmt.Sprint("N", i)}.String()
				want[i] = texts[i]
			}
		}
		changed, err := file.Replace(texts)
		if err != nil {
			t.Fatalf("%q: %v", before, err)
		}
		again, err := Parse(changed)
		if err != nil || len(again.Assignments) != len(file.Assignments) || len(again.Odd) != len(file.Odd) {
			t.Fatalf("%q became %q: %v", before, changed, err)
		}
		for i, a := range again.Assignments {
			if a.Name != file.Assignments[i].Name || string(a.Value) != want[i] {
				t.Fatalf("%q became %q, in which %s is %q", before, changed, a.Name, a.Value)
			}
		}
	})
}
