// Desk: requests of whoever runs a node, which none of its clients' code sees.
package live

import (
	"io"
	"net/http"
	"time"
)

// Desk looks at a request's head, and returns the call that it is; nil when it is a
// client's. It is asked by many at once. A GET or HEAD without content may not come
// to it: these are the load, and clients' alone.
type Desk func(method, host, target string, h http.Header) Call

// Call is a request to a Desk.
type Call interface {
	// Wanted reports whether its content is to be read at all.
	Wanted() bool
	// Answer answers it. whole is false when the content was not wanted, broke off
	// or was larger than a call's may be.
	Answer(content []byte, whole bool) (status int, h http.Header, answer []byte)
}

// Limits of a call: 1 MiB holds 500 URLs of 2,048 bytes, the most that a purge's
// public shapes take, and as long as a head may take it has to come.
const (
	maxCall     = 1 << 20
	callTimeout = headerTimeout
)

func (s *Server) serveCall(w http.ResponseWriter, r *http.Request, call Call) {
	var content []byte
	whole := false
	if call.Wanted() {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(callTimeout)) // without one a slow caller only holds its own connection
		var err error
		content, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxCall))
		whole = err == nil
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // likewise
	}
	status, h, answer := call.Answer(content, whole)
	for name, lines := range h { // a map into a map: any order will do
		w.Header()[name] = lines
	}
	w.WriteHeader(status)
	_, _ = w.Write(answer) // a broken connection is the caller's
}
