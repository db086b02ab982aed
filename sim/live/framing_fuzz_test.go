// Fuzzing: what the lab takes for a request or an answer net/http takes for the same,
// to the byte where the next one begins.
package live

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// spoken is a connection from which bytes come and then the end.
type spoken struct {
	net.Conn
	io.Reader
}

func (s spoken) Read(p []byte) (int, error)       { return s.Reader.Read(p) }
func (spoken) SetReadDeadline(t time.Time) error  { return nil }
func (spoken) SetWriteDeadline(t time.Time) error { return nil }

// guarded is what net/http reads of a text by way of a guard, and whether that has
// refused some of it.
func guarded(text []byte, part int) (through []byte, refused bool) {
	g := newGuard(spoken{Reader: &inParts{text, part}}, time.Minute)
	through, err := io.ReadAll(g)
	if g.refused != nil {
		through = bytes.TrimSuffix(through, inPlace)
	}
	return through, err != nil || g.refused != nil
}

// inParts gives a text in small reads.
type inParts struct {
	text []byte
	part int
}

func (r *inParts) Read(p []byte) (int, error) {
	if len(r.text) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.text[:min(len(r.text), r.part)])
	r.text = r.text[n:]
	return n, nil
}

// FuzzGuard: whatever passes the guard, net/http reads as the requests that the guard
// has seen, and nothing of what it refuses passes.
func FuzzGuard(f *testing.F) {
	for _, c := range badHeads { // any order
		f.Add([]byte(c.text[:min(len(c.text), 300)]+behindIt), 7)
	}
	for _, content := range badContents { // likewise
		f.Add([]byte(post("Transfer-Encoding: chunked", content[:min(len(content), 300)])), 7)
	}
	for _, text := range goodRequests { // likewise
		f.Add([]byte(text[:min(len(text), 300)]+behindIt), 1)
	}
	f.Fuzz(func(t *testing.T, text []byte, part int) {
		through, refused := guarded(text, 1<<20)
		if again, also := guarded(text, 1+int(uint(part)%64)); also != refused || !bytes.HasPrefix(again, through) && !bytes.HasPrefix(through, again) {
			t.Fatalf("%q: at once %q, in parts %q", text, through, again)
		}
		if at := bytes.TrimLeft(text, "\r\n"); !refused && !bytes.HasPrefix(at, through) && !bytes.Contains(text, []byte("\r\n\r\n")) {
			t.Fatalf("%q: through came %q", text, through)
		}
		want, ends := scanned(through)
		br := bufio.NewReader(bytes.NewReader(through))
		for i, w := range want {
			r, err := http.ReadRequest(br)
			if err != nil {
				t.Fatalf("%q: request %d passes, but net/http says %v", text, i, err)
			}
			content, err := io.ReadAll(r.Body)
			if whole := err == nil; whole != (i < len(want)-1 || ends) {
				t.Fatalf("%q: request %d's content ends with %v, and %v", text, i, err, ends)
			}
			if got := r.Method + " " + r.RequestURI + " " + fmt.Sprint(len(content)); err == nil && got != w {
				t.Fatalf("%q: request %d is %q, by net/http %q", text, i, w, got)
			}
		}
		if rest, _ := io.ReadAll(br); ends && len(rest) > 0 {
			t.Fatalf("%q: net/http leaves %q", text, rest)
		}
	})
}

// scanned is what a requestScan sees: each request with its content's length, and
// whether the last one has come to its end.
func scanned(text []byte) (all []string, ends bool) {
	var s requestScan
	n, ends := int64(0), true
	for len(text) > 0 {
		if s.passes() {
			some := min(s.left, int64(len(text)))
			n, text = n+some, text[some:]
			s.passed(some)
		} else {
			end := bytes.IndexByte(text, '\n') + 1
			if end == 0 {
				break
			}
			began, target := s.stage == scanRequest, ""
			if why := s.line(text[:end]); why != nil {
				break
			}
			if began {
				_, rest, _ := strings.Cut(string(text[:end]), " ")
				target, _, _ = strings.Cut(rest, " ")
				all, n = append(all, s.method+" "+target), 0
			}
			text = text[end:]
		}
		if ends = s.stage == scanRequest; ends {
			all[len(all)-1] += fmt.Sprint(" ", n)
		}
	}
	if s.holds() && !ends && len(all) > 0 { // a head that never ended
		return all[:len(all)-1], true
	}
	return all, ends
}

// FuzzReadAnswer: what the lab takes for an answer net/http takes for the same.
func FuzzReadAnswer(f *testing.F) {
	for _, text := range badAnswers { // any order
		f.Add([]byte(text[:min(len(text), 300)]), false)
	}
	for _, content := range badAnswerContents { // likewise
		f.Add([]byte(says200("Transfer-Encoding: chunked", content[:min(len(content), 300)])), true)
	}
	f.Add([]byte("HTTP/1.0 100 \r\nX:0\r\n\r\n"), false)
	f.Add([]byte(says200("TrAnsfer-EnCoding:Chunked", "0\r\n0")), false)
	f.Add([]byte(says200("Content-Length: 5\r\nPragma: no-cache", "hello")+says200("Connection: close", "x")), false)
	f.Fuzz(func(t *testing.T, text []byte, head bool) {
		method := http.MethodGet
		if head {
			method = http.MethodHead
		}
		if ours, theirs := readTwice(text, method); ours != theirs {
			t.Fatalf("%q is read as\n%s\nby net/http as\n%s", text, ours, theirs)
		}
	})
}

// FuzzChunks: content in chunks is read as net/http reads it, or not at all.
func FuzzChunks(f *testing.F) {
	for _, content := range badContents { // any order
		f.Add([]byte(content[:min(len(content), 300)]))
	}
	f.Add([]byte("00000000000000000\r\n\r\n"))
	f.Add([]byte("5;a;b=\"c\\\"d\" ; e = f\r\nhello\r\n0\r\nX: y\r\n\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		ours, err := io.ReadAll(&chunked{br: bufio.NewReader(bytes.NewReader(text))})
		if err != nil {
			return
		}
		hr, err := http.ReadResponse(bufio.NewReader(strings.NewReader(says200("Transfer-Encoding: chunked", string(text)))), nil)
		if err != nil {
			t.Fatal(err)
		}
		if theirs, err := io.ReadAll(hr.Body); err != nil || !bytes.Equal(ours, theirs) {
			t.Fatalf("%q is read as %q, by net/http as %q, %v", text, ours, theirs, err)
		}
	})
}
