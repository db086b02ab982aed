// The purge API of a live run: one address for all of its PoPs and shields.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"cdnlab/edge"
	"cdnlab/edge/purgeapi"
	"cdnlab/report"
	"cdnlab/scenarios"
	"cdnlab/sim/live/fabric"
)

// Limits on who purges. A call holds its content, 1 MiB at the most, while it waits
// for the last cache: longer than a purge that nothing holds up takes, and no longer
// than callers have patience.
const (
	purgesAtOnce  = 16
	purgeContent  = 1 << 20
	purgeHead     = 64 << 10
	purgeReads    = 10 * time.Second
	purgeWaits    = 15 * time.Second
	purgeAnswers  = 5 * time.Second
	purgeIdle     = time.Minute
	purgeTryAgain = time.Second
)

// purgeListening is what the command line says of who may purge a live run.
type purgeListening struct {
	listen, tokenFile string
	remote            bool
}

func (l *purgeListening) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&l.listen, "purge-listen", "", "take purges of all PoPs and shields at this `ADDRESS` while live worlds play, in the calls of Cloudflare, Fastly and CloudFront")
	f.StringVar(&l.tokenFile, "purge-token-file", "", "the `FILE` with the token that purging needs (default $CDNLAB_PURGE_TOKEN)")
	f.BoolVar(&l.remote, "purge-remote", false, "let --purge-listen be beyond this machine's loopback")
}

// open listens, and returns what takes the purges; nil when nobody asked for that.
func (l *purgeListening) open(p *play) (*scenarios.Control, io.Closer, error) {
	if l.listen == "" {
		if l.tokenFile != "" || l.remote {
			return nil, nil, errors.New("--purge-token-file and --purge-remote mean something with --purge-listen only")
		}
		return nil, nil, nil
	}
	if p.world == report.Virtual {
		return nil, nil, errors.New("--purge-listen: a virtual world takes no calls from outside; write [[event]] do = \"purge\" into the scenario")
	}
	token, err := purgeToken(l.tokenFile)
	if err != nil {
		return nil, nil, fmt.Errorf("--purge-token-file: %w", err)
	}
	if token == "" {
		return nil, nil, fmt.Errorf("--purge-listen needs a token: in %s, or in the file of --purge-token-file", envPurgeToken)
	}
	api, err := purgeapi.New(token)
	if err != nil {
		return nil, nil, fmt.Errorf("purging: %w", err)
	}
	at, err := placed(p.command).addresses("--purge-listen", l.listen, l.remote)
	if err != nil {
		return nil, nil, err
	}
	ln, err := net.Listen("tcp", at[0].String())
	if err != nil {
		text := fmt.Sprintf("cannot listen on --purge-listen %v: %v", at[0], err)
		if why := listening(err); why != "" {
			text += "; " + why
		}
		return nil, nil, broken(errors.New(text))
	}
	d := &worldDesk{api: api, control: scenarios.NewControl(), slots: make(chan struct{}, purgesAtOnce)}
	server := &http.Server{Handler: d, MaxHeaderBytes: purgeHead, ReadHeaderTimeout: purgeReads, ReadTimeout: purgeReads,
		WriteTimeout: purgeReads + purgeWaits + purgeAnswers, IdleTimeout: purgeIdle}
	fmt.Fprintf(p.err, "purges: http://%v/\n", ln.Addr())
	go func() { _ = server.Serve(fabric.Few(ln)) }() // until it is closed
	return d.control, server, nil
}

// worldDesk answers calls for whichever world plays.
type worldDesk struct {
	control *scenarios.Control
	slots   chan struct{}

	mu  sync.Mutex // protects what follows
	api *purgeapi.API
}

const purgeUsage = `PURGE /path                                    one URL, or with * at its end all that begin so (Fastly)
POST  /service/ID/purge/KEY                    what has a surrogate key; /purge for many, /purge_all
POST  /client/v4/zones/ID/purge_cache          {"files": [...]}, "tags", "hosts", "prefixes", "purge_everything" (Cloudflare)
POST  /2020-05-31/distribution/ID/invalidation paths (CloudFront)
All with Authorization: Bearer TOKEN, for all PoPs and shields of the run.
`

// ServeHTTP implements http.Handler.
func (d *worldDesk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	call := d.api.Find(r.Method, r.Host, r.RequestURI, r.Header)
	d.mu.Unlock()
	if call == nil {
		status := http.StatusNotFound
		if r.Method == http.MethodGet && r.URL.Path == "/" {
			status = http.StatusOK
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, purgeUsage) // a broken connection is the caller's
		return
	}
	a := d.answer(call, w, r)
	for name, lines := range a.Header { // a map into a map: any order will do
		w.Header()[name] = lines
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Content) // likewise
}

func (d *worldDesk) answer(call *purgeapi.Call, w http.ResponseWriter, r *http.Request) purgeapi.Answer {
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
	default:
		return call.Busy(http.StatusTooManyRequests, fmt.Sprintf("%d purges are under way; one more has to wait", purgesAtOnce), purgeTryAgain)
	}
	var content []byte
	whole := false
	if call.Wanted() {
		var err error
		content, err = io.ReadAll(http.MaxBytesReader(w, r.Body, purgeContent))
		whole = err == nil
	}
	x, no := call.Read(content, whole, time.Now())
	if no != nil {
		return *no
	}
	if r.Method == edge.MethodPurge && plain(r.Host) {
		anywhere(&x)
	}
	ctx, stop := context.WithTimeout(r.Context(), purgeWaits)
	defer stop()
	came, err := d.control.Purge(ctx, x)
	if err != nil {
		return call.Busy(http.StatusServiceUnavailable, err.Error(), purgeTryAgain)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return call.Done(time.Now(), purgeapi.Outcome(came))
}

// plain reports whether a Host is this API's address rather than a site's.
func plain(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil || strings.EqualFold(host, "localhost")
}

// anywhere has a purge be about its paths of every host: PURGE names but the one that
// it was sent to, which is the API's.
func anywhere(x *edge.Purging) {
	for i := range x.Targets {
		x.Targets[i].Host = ""
	}
	*x = edge.NewPurging(x.Targets, x.Soft)
}
