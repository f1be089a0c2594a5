// Package testprovider stands in for providers of credentials in tests: GitLab, AWS IAM, and Vault or OpenBao, on a loopback
// address, as far as keysweep's plugins call them. Paths, status codes and bodies are those of the providers' documentation,
// which each file names; what goes wrong with networks and servers can be had with Fault. Start at NewGitLab, NewIAM, NewVault.
package testprovider

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// Fault is what goes wrong with the next request that it is meant for.
type Fault struct {
	On         string // start of "METHOD /path", or of "POST Action" for AWS
	Status     int    // answered instead of acting
	RetryAfter string // header beside Status
	Body       string // beside Status
	Drop       bool   // the request is carried out, and the connection breaks before the answer
	Half       bool   // the request is carried out, and the connection breaks in the middle of the answer
	Stall      bool   // nothing is answered until the client gives up
	Elsewhere  string // it is answered by a redirect to this URL
}

// Server is a provider. Its fields and methods may be used while it runs.
type Server struct {
	URL string
	Now func() time.Time

	mu     sync.Mutex
	faults []Fault
	log    []string
	http   *httptest.Server
}

func (s *Server) start(now func() time.Time, handle func(w http.ResponseWriter, r *http.Request), name func(r *http.Request) string) {
	s.Now = now
	s.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		what := name(r)
		s.mu.Lock()
		s.log = append(s.log, what)
		f, faulty := s.take(what)
		if faulty && (f.Status != 0 || f.Stall || f.Elsewhere != "") {
			s.mu.Unlock()
			f.instead(w, r)
			return
		}
		if !faulty {
			defer s.mu.Unlock()
			handle(w, r)
			return
		}
		kept := httptest.NewRecorder()
		handle(kept, r)
		s.mu.Unlock()
		f.breakOff(w, kept.Body.Bytes())
	}))
	s.URL = s.http.URL
}

// take returns the first fault that is meant for a request.
func (s *Server) take(what string) (Fault, bool) {
	for i, f := range s.faults {
		if strings.HasPrefix(what, f.On) {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			return f, true
		}
	}
	return Fault{}, false
}

func (f *Fault) instead(w http.ResponseWriter, r *http.Request) {
	switch {
	case f.Stall:
		<-r.Context().Done()
	case f.Elsewhere != "":
		http.Redirect(w, r, f.Elsewhere, http.StatusTemporaryRedirect)
	default:
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		if strings.HasPrefix(f.Body, "{") {
			w.Header().Set("Content-Type", "application/json")
		}
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte(f.Body))
	}
}

func (f *Fault) breakOff(w http.ResponseWriter, body []byte) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if f.Half {
		_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"))
		_, _ = conn.Write(body[:len(body)/2])
	}
	_ = conn.Close()
}

// Fail adds faults.
func (s *Server) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Log returns what was asked so far, as Fault.On has it.
func (s *Server) Log() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.log...)
}

// Close ends the server.
func (s *Server) Close() {
	s.http.CloseClientConnections()
	s.http.Close()
}

func methodPath(r *http.Request) string { return r.Method + " " + r.URL.EscapedPath() }

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, see its documentation
	return hex.EncodeToString(b)
}
