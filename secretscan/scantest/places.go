package scantest

import "strings"

// Content is a file with examples.
type Content struct {
	Name  string // how the examples stand in it
	Text  string
	Count int // how often the example's credential stands in it
}

// TokenPlaces returns contents with a token that is recognisable by itself: alone, at the start, in the middle and at the end of a text,
// quoted, twice, and in lines of several languages.
func TokenPlaces(token string) []Content {
	forms := []struct{ name, text string }{
		{"alone", "@"},
		{"at the start", "@ is what stands here\nand more\n"},
		{"in the middle", "Here is\nthe one: @ of them\nand more\n"},
		{"at the end", "what was asked for:\n\t@"},
		{"in double quotes", `x = "@"`},
		{"in single quotes", `x = '@'`},
		{"in backquotes", "x = `@`"},
		{"in a list", "[@, 1]"},
		{"in JSON", "{\n  \"id\": 7,\n  \"value\": \"@\"\n}\n"},
		{"in JSON on one line", `{"id":7,"value":"@"}`},
		{"in YAML", "config:\n  value: @\n  other: 1\n"},
		{"in a shell", "export VALUE=@\necho done\n"},
		{"in a shell, quoted", "curl -H 'X-Value: @' https://api.example.org/\n"},
		{"in code", "const value = \"@\";\n"},
		{"in XML", "<value>@</value>"},
		{"with CRLF", "value=@\r\nother=1\r\n"},
		{"on two lines", "@\n@\n"},
		{"side by side", "@ @"},
		{"twice in a list", `["@","@"]`},
	}
	var out []Content
	for _, f := range forms {
		out = append(out, Content{f.name, strings.ReplaceAll(f.text, "@", token), strings.Count(f.text, "@")})
	}
	return out
}

// LinePlaces returns contents with an assignment of a value that counts beside its name.
func LinePlaces(line string) []Content {
	forms := []struct{ name, text string }{
		{"alone", "@"},
		{"at the start", "@\nand more\n"},
		{"in the middle", "# settings\nmode = fast\n@\nother = 1\n"},
		{"at the end", "# settings\nmode = fast\n@\n"},
		{"indented", "settings:\n    @\n"},
		{"with CRLF", "mode=fast\r\n@\r\nother=1\r\n"},
		{"with a comment behind", "@ # of the test system\n"},
		{"in a statement", "set(@);\n"},
		{"in braces", "{ @ }"},
		{"exported", "export @\n"},
		{"twice", "@\n@\n"},
	}
	var out []Content
	for _, f := range forms {
		out = append(out, Content{f.name, strings.ReplaceAll(f.text, "@", line), strings.Count(f.text, "@")})
	}
	return out
}
