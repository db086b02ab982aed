// The control API: what a link is like can be read and changed while it runs.
package fabric

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"cdnlab/sim/check"
)

// Limits on who asks: what a link is like takes some hundred bytes to say, and a
// moment.
const (
	mostRequest   = 64 << 10
	mostHeader    = 16 << 10
	controlTime   = 10 * time.Second
	controlIdle   = time.Minute
	controlConns  = 64
	leastTokenLen = 8
)

// usage is what GET / says to people.
const usage = `GET    /state   what the link is like, what is wrong with it, what has passed
GET    /link    what the link is like
PATCH  /link    change some of it:       {"rtt": "80ms", "loss": "1%"}
PUT    /link    make it another:         {"rtt": "150ms", "rate": "100Mbit"}
GET    /fault   what is wrong with it
PUT    /fault   have something go wrong: {"cut": "both"}, {"blackhole": true}, {"reset": true}, {"loss": "20%"},
                {"delay": "1s"}, {"rate": "56kbit"}, {"slow-close": "5s"}, or several of them
PATCH  /fault   have more go wrong
DELETE /fault   heal it
`

// Control answers the control API of a relay. Who asks from this machine's loopback
// needs no token; who asks from elsewhere needs the one given, if there is one.
type Control struct {
	relay *Relay
	token string
	mu    sync.Mutex // one change at a time: a PATCH reads what it changes
}

// NewControl returns the API of a relay as a server with limits on everything. An
// empty token lets in nobody from elsewhere.
func NewControl(r *Relay, token string) (*http.Server, error) {
	if token != "" && len(token) < leastTokenLen {
		return nil, fmt.Errorf("fabric: a token has at least %d characters", leastTokenLen)
	}
	c := &Control{relay: r, token: token}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, usage) })
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, _ *http.Request) { answer(w, c.relay.State()) })
	mux.HandleFunc("GET /link", func(w http.ResponseWriter, _ *http.Request) { answer(w, c.relay.State().Link) })
	mux.HandleFunc("GET /fault", func(w http.ResponseWriter, _ *http.Request) { answer(w, c.relay.State().Fault) })
	mux.HandleFunc("PATCH /link", func(w http.ResponseWriter, req *http.Request) { c.link(w, req, true) })
	mux.HandleFunc("PUT /link", func(w http.ResponseWriter, req *http.Request) { c.link(w, req, false) })
	mux.HandleFunc("PATCH /fault", func(w http.ResponseWriter, req *http.Request) { c.fault(w, req, true) })
	mux.HandleFunc("PUT /fault", func(w http.ResponseWriter, req *http.Request) { c.fault(w, req, false) })
	mux.HandleFunc("DELETE /fault", func(w http.ResponseWriter, _ *http.Request) {
		c.relay.Change(Fault{})
		answer(w, c.relay.State().Fault)
	})
	return &http.Server{
		Handler: c.guard(mux), MaxHeaderBytes: mostHeader, ReadHeaderTimeout: controlTime, ReadTimeout: controlTime,
		WriteTimeout: controlTime, IdleTimeout: controlIdle,
	}, nil
}

// guard lets in who may ask.
func (c *Control) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		req.Body = http.MaxBytesReader(w, req.Body, mostRequest)
		switch {
		case c.knows(req):
		case !fromLoopback(req):
			w.Header().Set("WWW-Authenticate", "Bearer")
			refuse(w, http.StatusUnauthorized, errors.New("who asks from elsewhere than this machine's loopback needs the link's token "+
				"(cdnlab link --token): send the header Authorization: Bearer TOKEN"))
			return
		case !plainHost(req.Host):
			refuse(w, http.StatusForbidden, fmt.Errorf("asked as %q: ask by an address or as localhost, so that no web page can "+
				"ask in a browser's name (DNS rebinding)", req.Host))
			return
		}
		next.ServeHTTP(w, req)
	})
}

// knows compares tokens in a time that says nothing of either.
func (c *Control) knows(req *http.Request) bool {
	got, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(c.token))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && ok && c.token != ""
}

func fromLoopback(req *http.Request) bool {
	from, err := netip.ParseAddrPort(req.RemoteAddr)
	return err == nil && from.Addr().Unmap().IsLoopback()
}

// plainHost reports whether a Host is an address or localhost.
func plainHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil || strings.EqualFold(host, "localhost")
}

// link changes what the link is like.
func (c *Control) link(w http.ResponseWriter, req *http.Request, patch bool) {
	text, ok := body(w, req)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var path Path
	if patch {
		path = c.relay.State().Link
	}
	if err := decode(text, &path); err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	if err := joined(path.Check()); err != nil {
		refuse(w, http.StatusUnprocessableEntity, err)
		return
	}
	c.relay.Become(path)
	answer(w, c.relay.State().Link)
}

// fault changes what is wrong with it.
func (c *Control) fault(w http.ResponseWriter, req *http.Request, patch bool) {
	text, ok := body(w, req)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var fault Fault
	if patch {
		fault = c.relay.State().Fault
	}
	if err := decode(text, &fault); err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	if err := joined(fault.check()); err != nil {
		refuse(w, http.StatusUnprocessableEntity, err)
		return
	}
	c.relay.Change(fault)
	answer(w, c.relay.State().Fault)
}

func body(w http.ResponseWriter, req *http.Request) ([]byte, bool) {
	text, err := io.ReadAll(req.Body)
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, err)
	}
	return text, err == nil
}

func joined(problems []check.Problem) error {
	var all []string
	for _, p := range problems {
		all = append(all, p.String())
	}
	if all == nil {
		return nil
	}
	return errors.New(strings.Join(all, "; "))
}

func answer(w http.ResponseWriter, what any) {
	w.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(what) // a client that has gone needs no answer
}

func refuse(w http.ResponseWriter, status int, why error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": why.Error()}) // as above
}
