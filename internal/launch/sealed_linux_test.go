package launch

import (
	"strings"
	"testing"
)

func TestSealed(t *testing.T) {
	script := `cat $FILE1; echo; sh -c 'cat $FILE1'; echo; (cat $FILE1) | cat; echo
stat -L -c %a $FILE1
echo more >$FILE1 && echo written
echo more >>$FILE1 && echo appended
true >$FILE1 && echo emptied
cat $FILE1`
	out, _ := outcome(t, helper("sealed", "sh", "-c", "{ "+script+"\n} 2>/dev/null"))
	if want := "content 1\ncontent 1\ncontent 1\n400\ncontent 1"; out != want {
		t.Errorf("the program says\n%s\nwant\n%s", out, want)
	}
}

func TestSealedIsForWhomItIsPassedTo(t *testing.T) {
	out, _ := outcome(t, helper("sealed-one", "sh", "-c", `cat $FILE1; ls -l /proc/self/fd/; cat $FILE0 2>&1 || true`))
	if !strings.Contains(out, "content 1") || strings.Contains(out, "content 0") || strings.Count(out, "memfd") != 1 {
		t.Errorf("the program says\n%s", out)
	}
}
