package unpack_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"

	"keysweep/internal/unpack"
)

// TestSQLite reads what the real program wrote: rows across pages, values across pages, other encodings, tables without row ids.
func TestSQLite(t *testing.T) {
	long := strings.Repeat("0123456789", 5000)
	for name, encoding := range map[string]string{"utf8": "UTF-8", "utf16le": "UTF-16le", "utf16be": "UTF-16be"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			tool(t, dir, "sqlite3", "x.db", "pragma encoding='"+encoding+"'; pragma page_size=1024;"+
				"create table users(id integer primary key, name text default 'a,b', \"pass word\" text, age int, check (age > 0));"+
				"insert into users values(1, 'alice', 'pässw', 7); insert into users values(2, 'bob', '"+long+"', 300);"+
				"with recursive c(x) as (select 1 union all select x+1 from c where x<2000) insert into users(name,age) select 'user'||x, x from c;"+
				"create table kv(k text primary key, v text) without rowid;"+
				"with recursive c(x) as (select 1 union all select x+1 from c where x<500) insert into kv select 'k'||x, 'v'||x from c;"+
				"create table empty(x); create index i on users(name);")
			data := read(t, dir, "x.db")
			for _, s := range []*seen{walk(t, "x.db", data, unpack.DefaultLimits()), walkStream(t, "", data, unpack.DefaultLimits())} {
				s.want(t, map[string]string{"": "...", "users": "...", "kv": "...", "empty": ""}, nil)
				users, kv := s.members["users"], s.members["kv"]
				if !strings.HasPrefix(users, "name=\"alice\"\npass word=\"pässw\"\nage=\"7\"\n\nname=\"bob\"\npass word=\""+long+"\"\nage=\"300\"\n") {
					t.Errorf("users: %.200q", users)
				}
				for x := 1; x <= 2000; x++ {
					if strings.Count(users, fmt.Sprintf("name=\"user%d\"\nage=\"%d\"\n", x, x)) != 1 {
						t.Errorf("user %d is not there once", x)
						break
					}
				}
				for x := 1; x <= 500; x++ {
					if strings.Count(kv, fmt.Sprintf("value=\"k%d\"\nvalue=\"v%d\"\n", x, x)) != 1 {
						t.Errorf("key %d is not there once", x)
						break
					}
				}
			}
			for _, keep := range []int{600, 1024, 5000, len(data) / 2} {
				if s := walk(t, "x.db", data[:keep], unpack.DefaultLimits()); len(s.left)+len(s.errs) == 0 {
					t.Errorf("cut to %d bytes nothing is said", keep)
				}
			}
		})
	}
}

// pdfOf writes a PDF: objects with streams, which are packed, and others.
func pdfOf(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
	for i, o := range objects {
		dict, stream, ok := strings.Cut(o, "|")
		fmt.Fprintf(&b, "%d 0 obj\n", i+1)
		if !ok {
			b.WriteString(dict)
		} else {
			var packed bytes.Buffer
			z := zlib.NewWriter(&packed)
			_, _ = z.Write([]byte(stream)) // a buffer takes everything
			_ = z.Close()
			fmt.Fprintf(&b, "<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", dict, packed.Len(), packed.String())
		}
		b.WriteString("\nendobj\n")
	}
	b.WriteString("trailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF\n")
	return b.Bytes()
}

func TestPDF(t *testing.T) {
	const toUnicode = "|/CIDInit begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfchar <0003> <0020> endbfchar " +
		"2 beginbfrange <0010> <0029> <0061> <0030> <0032> [<0041> <0042> <00430043>] endbfrange endcmap"
	page := "|BT /F1 12 Tf 10 700 Td (pass\\167ord) Tj [(: hunter) -20 (2) -300 (and) 5 (more)] TJ 0 -14 Td <6e657874> Tj T* (\\(a\\)\\\n b) ' ET " +
		"BT /F2 9 Tf 1 0 0 1 10 600 Tm <001000110003003000310032> Tj ET BI /W 1 ID \x00(no) Tj EI /F1 9 Tf (end) Tj"
	data := pdfOf("<< /Type /Catalog /URI (https://u:p@host) >>", page, "<< /Resources << /Font << /F2 4 0 R >> >> >>",
		"<< /Type /Font /ToUnicode 5 0 R >>", toUnicode, "/Type /EmbeddedFile|attached text", "/Type /XObject /Subtype /Image|(no text) Tj",
		"/Type /ObjStm /N 2 /First 10|10 0 11 18<< /JS (secret) >> << /T (field) >>")
	for _, s := range []*seen{walk(t, "x.pdf", data, unpack.DefaultLimits()), walkStream(t, "", data, unpack.DefaultLimits())} {
		s.want(t, map[string]string{"objects": "...", "attachment 6": "attached text",
			"text": "password: hunter2 andmore\nnext\n\n(a) b\nab ABCC\nend\n"}, nil)
		for _, want := range []string{"https://u:p@host", "/JS (secret)", "/T (field)"} {
			if !strings.Contains(s.members["objects"], want) {
				t.Errorf("objects lack %q: %q", want, s.members["objects"])
			}
		}
	}
	walk(t, "x.pdf", bytes.Replace(data, []byte("trailer <<"), []byte("trailer << /Encrypt 9 0 R"), 1), unpack.DefaultLimits()).want(t, nil, map[string]string{"": "encrypted"})
	cut := bytes.Replace(data, []byte("endstream"), []byte("endstrea_"), 1)
	at := bytes.Index(cut, []byte("stream\n")) + 20
	cut[at] ^= 0xff
	if s := walk(t, "x.pdf", cut, unpack.DefaultLimits()); !strings.Contains(s.left[""], "streams cannot be unpacked") {
		t.Errorf("damaged: %+v", s.left)
	}
}
