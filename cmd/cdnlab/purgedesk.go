// The purge API of a PoP alone: who may call it, and what a call does.
package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"cdnlab/edge"
	"cdnlab/edge/purgeapi"
	"cdnlab/sim"
	"cdnlab/sim/live"
)

// envPurgeToken is where the token is looked for without --purge-token-file. It is
// no flag itself: everybody on a machine sees the arguments of every process.
const envPurgeToken = "CDNLAB_PURGE_TOKEN"

// maxTokenFile bounds a file with a token, so that a slip of the pen is not read
// for long.
const maxTokenFile = 4096

// purgeToken returns the token that the API wants; "" when nobody gave one.
func purgeToken(file string) (string, error) {
	if file == "" {
		return os.Getenv(envPurgeToken), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxTokenFile+1))
	if len(text) > maxTokenFile {
		err = fmt.Errorf("%s: more than %d bytes are no token", file, maxTokenFile)
	}
	token := strings.TrimSpace(string(text))
	if err == nil && token == "" {
		err = fmt.Errorf("%s: it is empty", file)
	}
	return token, err
}

// purgeDesk returns the desk that a token opens; nil without one.
func purgeDesk(token string) (func(enter func(func(sim.Handler))) live.Desk, error) {
	if token == "" {
		return nil, nil
	}
	api, err := purgeapi.New(token)
	if err != nil {
		return nil, err
	}
	return func(enter func(func(sim.Handler))) live.Desk {
		d := &desk{api: api, enter: enter}
		return d.find
	}, nil
}

// desk brings the API and a PoP together.
type desk struct {
	enter func(func(sim.Handler))

	mu  sync.Mutex // protects what follows
	api *purgeapi.API
}

func (d *desk) find(method, host, target string, h http.Header) live.Call {
	d.mu.Lock()
	defer d.mu.Unlock()
	if call := d.api.Find(method, host, target, h); call != nil {
		return deskCall{d, call}
	}
	return nil
}

// deskCall is one call of the API.
type deskCall struct {
	*desk
	call *purgeapi.Call
}

func (c deskCall) Wanted() bool { return c.call.Wanted() }

// Answer reads the call outside of the PoP's mutex, as a large one takes a while,
// and purges within it.
func (c deskCall) Answer(content []byte, whole bool) (int, http.Header, []byte) {
	purge, no := c.call.Read(content, whole, time.Now())
	if no != nil {
		return no.Status, no.Header, no.Content
	}
	c.enter(func(h sim.Handler) { h.(*edge.PoP).Forget(purge) })
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.call.Done(time.Now(), purgeapi.Outcome{})
	return a.Status, a.Header, a.Content
}

// openDesk opens the desk that the command line asks for.
func (p *lonePoP) openDesk() (func(enter func(func(sim.Handler))) live.Desk, error) {
	token, err := purgeToken(p.tokenFile)
	if err != nil {
		return nil, fmt.Errorf("%s: --purge-token-file: %w", p.placed, err)
	}
	desk, err := purgeDesk(token)
	if err != nil {
		return nil, errors.New(string(p.placed) + ": purging: " + err.Error())
	}
	return desk, nil
}
