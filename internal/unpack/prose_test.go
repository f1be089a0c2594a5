package unpack_test

import (
	"testing"

	"keysweep/internal/unpack"
)

func TestProse(t *testing.T) {
	const body = `<w:document><w:body><w:p><w:pPr/><w:r><w:t xml:space="preserve">pass</w:t></w:r><w:proofErr w:type="x"/><w:r><w:t>word: a&amp;b</w:t></w:r></w:p>` +
		`<w:tbl><w:tr><w:tc><w:p><w:r><w:t>user</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>ann</w:t></w:r></w:p></w:tc></w:tr>` +
		`<w:tr><w:tc><w:p/></w:tc><w:tc><w:p><w:r><w:t>x</w:t><w:br/><w:t>y</w:t><w:tab/><w:t>z</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p><w:r><w:t>end</w:t></w:r></w:p></w:body></w:document>`
	const slide = `<p:sld><a:p><a:r><a:t>one</a:t></a:r><a:r><a:t>two</a:t></a:r></a:p><a:p><a:r><a:t>three</a:t></a:r></a:p></p:sld>`
	data := zipOf(t, file{"word/document.xml", body}, file{"ppt/slides/slide1.xml", slide}, file{"word/media/a.xml", body}, file{"word/styles.xml", "<w:t"})
	walk(t, "a.docx", data, unpack.DefaultLimits()).want(t, map[string]string{
		"word/document.xml": body, "word/document.xml!text": "password: a&amp;b\nuser: ann\nx\ny\tz\nend",
		"ppt/slides/slide1.xml": slide, "ppt/slides/slide1.xml!text": "onetwo\nthree", "word/media/a.xml": body, "word/styles.xml": "<w:t", "word/styles.xml!text": "",
	}, nil)
}
