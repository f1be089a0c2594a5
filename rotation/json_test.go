package rotation

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// fullRecord is a record of usual size.
func fullRecord(i int) Record {
	return Record{
		Schema: 1, ID: fmt.Sprintf("%032x", i*7919), Kind: KindAPI, Name: fmt.Sprintf("SERVICE_%d_TOKEN", i), Service: "billing", Env: "prod",
		Owner: "payments team", Provider: "gitlab", Purpose: "reads the list of invoices for the monthly report", Account: fmt.Sprint("token ", i),
		URL: "https://gitlab.example.org/-/user_settings/personal_access_tokens", Mark: fmt.Sprintf("%032x", i*104729), Status: Active,
		Evidence:  []Evidence{{Source: "provider", At: day(-i % 400)}, {Source: "stated by owner", At: day(-i % 30), Detail: "by mail"}},
		FirstSeen: day(1), RotatedAt: day(2), Expires: day(90), Hosts: []string{"web1", "web2"},
		History: []Event{{At: day(1), What: "added"}, {At: day(2), What: "rotated: the provider made it"}}, Seq: 2, Prev: strings.Repeat("ab", 32),
	}
}

// oracle is a record without methods, in lists too, as encoding/json reads it.
func oracle(t reflect.Type) reflect.Type {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return t
	case t.Kind() == reflect.Slice:
		return reflect.SliceOf(oracle(t.Elem()))
	case t.Kind() == reflect.Pointer:
		return reflect.PointerTo(oracle(t.Elem()))
	case t.Kind() == reflect.Struct:
		var fields []reflect.StructField
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				f.Type = oracle(f.Type)
				fields = append(fields, reflect.StructField{Name: f.Name, Type: f.Type, Tag: f.Tag})
			}
		}
		return reflect.StructOf(fields)
	}
	return t
}

// agreeing compares our reading with that of encoding/json: the same is refused, and the known fields are the same.
func agreeing(t *testing.T, data []byte) {
	t.Helper()
	var ours Record
	err := ours.read(data)
	want := reflect.New(oracle(reflect.TypeFor[Record]()))
	wantErr := json.Unmarshal(data, want.Interface())
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%q: %v; encoding/json says %v", data, err, wantErr)
	}
	if err != nil {
		return
	}
	a, errA := json.Marshal(withoutMore(ours))
	b, errB := json.Marshal(want.Interface())
	if (errA == nil) != (errB == nil) || string(a) != string(b) {
		t.Fatalf("%q became\n%s, and with encoding/json\n%s", data, a, b)
	}
}

func withoutMore(r Record) Record {
	r.more = ""
	for i := range r.Evidence {
		r.Evidence[i].more = ""
	}
	for i := range r.Backups {
		r.Backups[i].more = ""
	}
	for i := range r.Installed {
		r.Installed[i].more = ""
	}
	for i := range r.History {
		r.History[i].more = ""
	}
	if r.Unprotected != nil {
		r.Unprotected.more = ""
	}
	return r
}

func readable() []string {
	full, _ := json.Marshal(fullRecord(3))
	return []string{
		string(full), `{}`, ` { "name" : "a" , "x" : [ 1 , { "y" : "}" } ] } `, `{"name":"\u00e4\n\"\\","path":"C:\\x"}`, `{"bits":-4,"seq":0}`,
		`{"hosts":["a","b"],"evidence":[{"source":"s","at":"2026-01-01T00:00:00Z","z":1}],"unprotected":{"reason":"r"}}`,
		`{"hosts":null,"evidence":null,"unprotected":null,"name":null,"first_seen":null,"bits":null}`, `{"hosts":[]}`, `{"evidence":[null]}`,
		`{"seq":1e2}`, `{"seq":01}`, `{"seq":"1"}`, `{"seq":1.0}`, `{"seq":-0}`, `{"seq":+1}`, `{"name":1}`, `{"first_seen":"yesterday"}`, `{"hosts":{}}`, `{"x":tru}`, `{"x":}`, `{"name":"a"`,
		`{"name":"a",}`, `{,}`, `{"a" "b"}`, `{"name":"` + "\xff" + `"}`, `{"name":"` + "\x01" + `"}`, `{"\u006eame":"escaped"}`, `{"hosts":["a",]}`, `{"x":[}`, `{"x":{]}`, `{"x":"\q"}`,
		`null`, `[]`, `"x"`, ``, `{"name":"a"} {}`, `{"name":"a"}x`, `{x":"y"}`, `{"history":[{"what":"y","z":{}},{"at":"2026-02-30T00:00:00Z"}]}`,
	}
}

func TestReadAsEncodingJSON(t *testing.T) {
	for _, text := range readable() {
		agreeing(t, []byte(text))
	}
	full := []byte(readable()[0])
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 { // damaged here and there
		data := slices.Clone(full)
		for range 1 + random.IntN(3) {
			data[random.IntN(len(data))] = `{}[]",:\x01 `[random.IntN(11)]
		}
		agreeing(t, data)
	}
}

func FuzzReadRecord(f *testing.F) {
	for _, text := range readable() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !oddKeys(text) {
			agreeing(t, []byte(text))
		}
	})
}

// oddKeys reports whether an object has a field twice, or one whose name differs from a known one by case alone: there we are stricter
// than encoding/json on purpose.
func oddKeys(text string) bool {
	decoder := json.NewDecoder(strings.NewReader(text))
	seen := []map[string]bool{{}}
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			seen = append(seen, map[string]bool{})
			continue
		case json.Delim('}'), json.Delim(']'):
			seen = seen[:len(seen)-1]
			continue
		}
		if word, ok := token.(string); ok {
			last := seen[len(seen)-1]
			if last[word] || word != strings.ToLower(word) || strings.ContainsAny(word, "ſK") {
				return true
			}
			last[word] = true
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	lines := make([][]byte, 10_000)
	for i := range lines {
		lines[i], _ = json.Marshal(fullRecord(i))
	}
	b.Run("10000", func(b *testing.B) {
		for b.Loop() {
			if _, err := DecodeRecords(lines); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		plain := oracle(reflect.TypeFor[Record]())
		for b.Loop() {
			for _, line := range lines {
				if err := json.Unmarshal(line, reflect.New(plain).Interface()); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("encode", func(b *testing.B) {
		records, _ := DecodeRecords(lines)
		for b.Loop() {
			if _, err := EncodeRecords(records); err != nil {
				b.Fatal(err)
			}
		}
	})
}
