package terminal

import (
	"strings"
	"sync"
	"testing"
)

// shownOnce tells when something was written.
type shownOnce struct {
	mu    sync.Mutex
	text  strings.Builder
	first chan struct{}
}

// Write keeps what is written.
func (s *shownOnce) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text.Len() == 0 {
		close(s.first)
	}
	return s.text.Write(p)
}

func TestSpinner(t *testing.T) {
	w := &shownOnce{first: make(chan struct{})}
	stop := Spinner(w, "working", true)
	<-w.first
	stop()
	text := w.text.String()
	if !strings.HasPrefix(text, "\rworking | ") {
		t.Errorf("it shows %q", text)
	}
	if last := strings.TrimSuffix(text, "\r"); strings.TrimSpace(last[strings.LastIndex(last, "\r"):]) != "" || last == text {
		t.Errorf("it is not erased: %q", text)
	}
	quiet := &shownOnce{first: make(chan struct{})}
	Spinner(quiet, "working", false)()
	if quiet.text.Len() > 0 {
		t.Errorf("not a terminal, and %q", quiet.text.String())
	}
	quick := &shownOnce{first: make(chan struct{})}
	Spinner(quick, "working", true)()
	if quick.text.Len() > 0 {
		t.Errorf("work that took no time, and %q", quick.text.String())
	}
}
