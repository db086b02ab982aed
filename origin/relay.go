// Relay: the load balancer that passes connections on (L4).
package origin

import (
	"net/http"

	"cdnlab/origin/balance"
	"cdnlab/sim"
)

// Relay is a node in front of a pool that passes on what comes, connection by
// connection, and reads nothing of it: it picks a server for each connection, and
// all that comes over it is that server's. What an L7 balancer does with requests
// (routes, retries after an answer, cookies, headers) it cannot.
//
// Datagrams it passes on one by one, those of a flow to one server.
type Relay struct {
	pool        sim.Handler
	flows       *balance.Flows
	connections *sim.Counter // that came
	refused     *sim.Counter // of them those that no server took
	datagrams   *sim.Counter // that came
	returned    *sim.Counter // answers to them
}

var (
	_ sim.Relay    = (*Relay)(nil)
	_ sim.Receiver = (*Relay)(nil)
)

// NewRelay returns a Relay before a pool whose targets are Passing. Its datagrams go
// by flows of that pool.
func NewRelay(env *sim.Env, pool *balance.Pool, flows *balance.Flows) *Relay {
	return &Relay{pool, flows, env.Counter("connections"), env.Counter("connections-refused"), env.Counter("datagrams"), env.Counter("datagrams-returned")}
}

// Relays implements sim.Relay.
func (r *Relay) Relays() {}

// Serve takes a connection.
func (r *Relay) Serve(req *sim.Request, reply func(*sim.Response)) {
	r.connections.Add(1)
	r.pool.Serve(req, func(resp *sim.Response) {
		if resp.Cause != sim.OK {
			r.refused.Add(1)
		}
		reply(resp)
	})
}

// Receive implements sim.Receiver.
func (r *Relay) Receive(d *sim.Request, back func(*sim.Response)) {
	r.datagrams.Add(1)
	way := r.flows.Way(d)
	if way == nil {
		return
	}
	way.(sim.Caster).Cast(d, func(answer *sim.Response) {
		r.returned.Add(1)
		back(answer)
	})
}

// Passing returns a way that opens connections for requests of method CONNECT,
// and takes others, which are the pool's own health checks, as requests.
func Passing(way sim.Handler) sim.Handler { return passing{way.(carrier)} }

// carrier is what both worlds' links are: a sim.Knocker too, for the pool's checks.
type carrier interface {
	sim.Opener
	sim.Knocker
	Cast(d *sim.Request, back func(*sim.Response))
}

type passing struct{ carrier }

func (p passing) Serve(req *sim.Request, reply func(*sim.Response)) {
	if req.Method == http.MethodConnect {
		p.Open(req, reply)
		return
	}
	p.carrier.Serve(req, reply)
}
