// Stickiness: the requests of one user stay with one server, whatever the algorithm.
package balance

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cdnlab/sim"
)

// sticky is a pool's stickiness. A user's first request goes where the policy says, and the
// user is pinned to the server that answers it: by a cookie, of which the balancer keeps
// nothing, or in a table, which is this balancer's alone and gone with it.
//
// Who is pinned stays so for as long as their server can be asked, also when it is of a lower
// priority than others that are back. One that is full is not asked for the
// time being; its users stay pinned to it.
type sticky struct {
	pool  *Pool
	cfg   StickyConfig
	field string
	mac   hash.Hash
	known map[string]pinned // by the server's name
	table *sim.Recent[pinKey, *member]
	count pinCounters
}

type pinCounters struct{ kept, made, moved, forged *sim.Counter }

// pinned is a server to which users are pinned, and its cookie.
type pinned struct {
	member *member
	code   string
}

// pinKey is what a user is known by in a table.
type pinKey struct {
	value string
	addr  netip.Addr
}

// pin is what is known of one request.
type pin struct {
	key    pinKey
	to     *member // the user's server; nil: none
	state  pinState
	forged bool // a cookie came that no balancer of this run has made
}

type pinState uint8

// What a user's pin says of the pick.
const (
	pinNone  pinState = iota // there is none: the policy picks, and the user is pinned to that
	pinFree                  // nothing is known of the user by which to pin them
	pinHolds                 // it is the user's server
	pinFull                  // that is full: somewhere else this once
	pinLost                  // that cannot be asked
)

// maxPinValue bounds a header's value and a cookie: who sends a longer one is not known by it.
const maxPinValue = 256

// stick makes the pool sticky, or no longer so, as its configuration says. Users who are
// known by the same thing as before stay known.
func (p *Pool) stick() {
	cfg := p.cfg.Sticky
	p.spare = nil // an ask that was used knows of pins of before
	if cfg.By == StickyNone {
		p.sticky = nil
		return
	}
	s := &sticky{pool: p, cfg: cfg, field: cfg.field(), known: map[string]pinned{}}
	key := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("cdnlab sticky key "), p.env.Seed))
	s.mac = hmac.New(sha256.New, key[:])
	s.count = pinCounters{p.env.Counter("pins-kept"), p.env.Counter("pins-made"), p.env.Counter("pins-moved"), p.env.Counter("pins-forged")}
	if before := p.sticky; before != nil && before.cfg.By == cfg.By && before.cfg.Header == cfg.Header && before.table != nil {
		s.table = before.table
		s.table.Change(cfg.Limit, cfg.Idle)
	} else if cfg.By != StickyCookie {
		s.table = sim.NewRecent[pinKey, *member](cfg.Limit, cfg.Idle)
	}
	p.sticky = s
	for _, m := range p.members {
		s.add(m)
	}
}

// add makes a server known.
func (s *sticky) add(m *member) { s.known[m.server.Name] = pinned{m, s.sign(m.server.Name)} }

// sign returns the code of a server's name: HMAC-SHA256 cut to half its length, which RFC 2104
// 5 allows.
func (s *sticky) sign(name string) string {
	s.mac.Reset()
	s.mac.Write([]byte(name))
	return hex.EncodeToString(s.mac.Sum(nil)[:sha256.Size/2])
}

// place picks a request's first server; nil when there is none for it.
func (p *Pool) place(now sim.Time, a *ask) *Server {
	if p.sticky == nil {
		return p.pick(now, a.req)
	}
	s := p.sticky
	a.pin = s.read(now, a.req)
	switch {
	case a.pin.state == pinHolds:
		s.count.kept.Add(1)
		return a.pin.to.server
	case a.bound():
		return nil
	}
	server := p.pick(now, a.req)
	if server != nil && a.pin.forged {
		s.count.forged.Add(1)
	}
	if server != nil && s.table != nil && a.pin.state != pinFree && a.pin.state != pinFull {
		a.pin.key.value = strings.Clone(a.pin.key.value) // of a header's bytes
		s.table.Add(now, a.pin.key, server.member)       // before the answer: others of the user may come meanwhile
	}
	return server
}

// bound reports whether a request may go to its user's server only.
func (a *ask) bound() bool {
	s := a.pool.sticky
	return s != nil && s.cfg.WhenDown == WhenDownFail && (a.pin.state == pinHolds || a.pin.state == pinLost)
}

// read finds out what is known of a request.
func (s *sticky) read(now sim.Time, req *sim.Request) pin {
	var x pin
	switch s.cfg.By {
	case StickyCookie:
		x.to, x.forged = s.cookie(req.Header["Cookie"])
	case StickyHeader:
		if values := req.Header[s.field]; len(values) > 0 && values[0] != "" && len(values[0]) <= maxPinValue {
			x.key.value = values[0]
		}
	case StickyAddress:
		x.key.addr = req.Addr
	}
	if s.table != nil {
		if x.key == (pinKey{}) {
			x.state = pinFree
			return x
		}
		if m := s.table.Use(now, x.key); m != nil {
			x.to = *m
		}
	}
	if x.to != nil {
		x.state = s.state(now, x.to)
	}
	return x
}

// cookie returns the server that a request's cookie names; of several cookies of that name
// the first counts, the most exact one (RFC 6265 5.4). The codes are compared in constant time:
// how long it takes tells nothing of the right one.
func (s *sticky) cookie(lines []string) (m *member, forged bool) {
	value, some := s.value(lines)
	if !some {
		return nil, false
	}
	name, code, _ := strings.Cut(value, ".")
	known, ok := s.known[name]
	switch {
	case len(value) > maxPinValue:
		return nil, true
	case !ok: // a server that this balancer has never had, if it is one
		return nil, !hmac.Equal([]byte(code), []byte(s.sign(name)))
	case !hmac.Equal([]byte(code), []byte(known.code)):
		return nil, true
	}
	return known.member, false
}

// value finds the cookie.
func (s *sticky) value(lines []string) (value string, ok bool) {
	for _, line := range lines {
		for pair := range strings.SplitSeq(line, ";") {
			name, value, _ := strings.Cut(strings.TrimLeft(pair, " "), "=")
			if name == s.cfg.Cookie {
				return strings.Trim(value, `" `), true
			}
		}
	}
	return "", false
}

// state says whether a user's server can be asked.
func (s *sticky) state(now sim.Time, m *member) pinState {
	server := m.server
	switch {
	case m.gone || server.share == 0 || server.down && !m.servers.panic:
		return pinLost
	case server.draining && (s.cfg.WhenDrained == WhenDrainedMove || now >= m.deadline):
		return pinLost
	case server.Full():
		return pinFull
	}
	return pinHolds
}

// answered pins the user to the server that has answered.
func (s *sticky) answered(now sim.Time, a *ask, resp *sim.Response) {
	m := a.current.server.member
	switch {
	case resp.Status == 0 || m == a.pin.to || a.pin.state == pinFree || a.pin.state == pinFull:
		return
	case a.pin.to != nil:
		s.count.moved.Add(1)
	default:
		s.count.made.Add(1)
	}
	if s.table != nil {
		s.table.Add(now, a.pin.key, m)
		return
	}
	h := maps.Clone(resp.Header) // many share it
	if h == nil {
		h = map[string][]string{}
	}
	h["Set-Cookie"] = append(slices.Clip(h["Set-Cookie"]), s.set(m.server.Name))
	resp.Header = h
}

// set is the Set-Cookie field of a server.
func (s *sticky) set(name string) string {
	text := s.cfg.Cookie + "=" + name + "." + s.known[name].code
	if s.cfg.MaxAge > 0 {
		text += fmt.Sprintf("; Max-Age=%d", int64((s.cfg.MaxAge+time.Second-1)/time.Second))
	}
	if s.cfg.Attributes != "" {
		text += "; " + s.cfg.Attributes
	}
	return text
}

// explain says what the user's pin has to do with the pick.
func (s *sticky) explain(a *ask) string {
	by := map[string]string{StickyCookie: "cookie " + s.cfg.Cookie, StickyHeader: "header " + s.cfg.Header, StickyAddress: "address"}[s.cfg.By]
	switch x := a.pin; {
	case x.forged:
		return "the " + by + " is not one that a balancer here has signed, so the user is pinned anew"
	case x.state == pinHolds:
		return "the user is pinned to it by the " + by
	case x.state == pinFull:
		return fmt.Sprintf("the user is pinned to %s, which is full; elsewhere this once", x.to.server.Name)
	case x.state == pinLost && s.cfg.WhenDown == WhenDownFail:
		return fmt.Sprintf("the user is pinned to %s, which cannot be asked, and to nobody else (sticky.when-down = %q)", x.to.server.Name, s.cfg.WhenDown)
	case x.state == pinLost:
		return fmt.Sprintf("the user was pinned to %s, which cannot be asked, and is pinned anew", x.to.server.Name)
	case x.state == pinFree:
		return "the request has nothing to be pinned by: no " + by
	}
	return "the user's first request, from now on pinned by the " + by
}
