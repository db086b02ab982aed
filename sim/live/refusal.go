// refusal: a request that is none, and what it is answered.
package live

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// refusal is why a request is not taken, and the status that says so. The
// connection is closed behind it: where the next request would begin, nobody can
// know for sure.
type refusal struct {
	status int
	why    string
}

// Error implements error, for who reads the content of such a request.
func (r *refusal) Error() string { return "live: " + r.why }

func bad(why string) *refusal { return &refusal{http.StatusBadRequest, why} }

var (
	badVersion  = &refusal{http.StatusHTTPVersionNotSupported, "this is HTTP/1.1"}
	badMethod   = &refusal{http.StatusNotImplemented, "the method is longer than any that is known"}
	badConnect  = &refusal{http.StatusNotImplemented, "no tunnels here"}
	badCoding   = &refusal{http.StatusNotImplemented, "the only transfer coding here is chunked"}
	badLong     = &refusal{http.StatusRequestURITooLong, "the request line is longer than " + strconv.Itoa(maxRequestLine) + " bytes"}
	badHuge     = &refusal{http.StatusRequestHeaderFieldsTooLarge, "the header is longer than " + strconv.Itoa(maxHeaderBytes) + " bytes"}
	badSlowHead = &refusal{http.StatusRequestTimeout, "the header did not come to its end in time"}
	badSlowBody = &refusal{http.StatusRequestTimeout, "nothing more of the content came in time"}
)

// text is what the answer says.
func (r *refusal) text() string {
	return strconv.Itoa(r.status) + " " + http.StatusText(r.status) + ": " + r.why + "\n"
}

// answer is the whole answer, for who has no net/http to write it.
func (r *refusal) answer(date string) []byte {
	text := r.text()
	b := appendField([]byte("HTTP/1.1 "+strconv.Itoa(r.status)+" "+http.StatusText(r.status)+"\r\n"), headerDate, date)
	b = appendField(b, "Content-Type", "text/plain; charset=utf-8")
	b = appendField(b, "Content-Length", strconv.Itoa(len(text)))
	return append(append(appendField(b, "Connection", "close"), "\r\n"...), text...)
}

// refuse answers a request that is none.
func (s *Server) refuse(w http.ResponseWriter, r *refusal) {
	h, text := w.Header(), r.text()
	h[headerDate] = []string{httpDate(s.epoch, s.node.wall.Now())}
	h["Content-Type"] = []string{"text/plain; charset=utf-8"}
	h["Content-Length"] = []string{strconv.Itoa(len(text))}
	closeSlowly(w)
	w.WriteHeader(r.status)
	_, _ = w.Write([]byte(text)) // a client that has left needs no reasons
}

// closeSlowly has net/http close the connection after the answer, and not at once: as
// there are bytes that nobody has read, the system would reset it, and the client
// might lose the answer by that (RFC 9112 9.6). It does so for who sends more than
// allowed.
func closeSlowly(w http.ResponseWriter) {
	_, _ = http.MaxBytesReader(w, io.NopCloser(strings.NewReader("more")), 0).Read(make([]byte, 1))
}

// headerRefused marks the request that net/http reads in the place of one that the
// guard refuses. The guard lets no other request with it through.
const headerRefused = "Cdnlab-Refused"

// inPlace is that request.
var inPlace = []byte("GET / HTTP/1.1\r\nHost: refused\r\n" + headerRefused + ": ?1\r\n\r\n")

// refused returns why a request that the server was handed is none; nil when it is one.
func refused(r *http.Request) *refusal {
	if r.ProtoMajor > 1 {
		return refusedStream(r)
	}
	if g := guardOf(r.Context()); g != nil && r.Header[headerRefused] != nil {
		return g.refused
	}
	return nil
}

// refusedStream checks what HTTP/2's framing leaves open and a hop of HTTP/1.1 could
// take for something else (RFC 9113 8.2.1, 8.3.1, 10.3).
func refusedStream(r *http.Request) *refusal {
	switch {
	case r.Method == http.MethodConnect:
		return badConnect
	case !isToken([]byte(r.Method)):
		return bad("the method is no token (RFC 9110 9.1)")
	case r.Host == "" || !isHost(r.Host):
		return bad(":authority is no host")
	case len(r.Header["Host"]) > 0:
		return bad("both :authority and Host")
	}
	_, why := checkTarget(r.Method, r.RequestURI)
	return why
}

// tooLate reports whether a read failed because its time was over.
func tooLate(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// aborted is the deadline by which reads are ended that are not to be: Front's and
// net/http's.
var aborted = time.Unix(1, 0)
