// Relay: the load balancer that passes connections on (L4).
package origin

import (
	"net/http"

	"cdnlab/sim"
)

// Relay is a node in front of a pool that passes on what comes, connection by
// connection, and reads nothing of it: it picks a server for each connection, and
// all that comes over it is that server's. What an L7 balancer does with requests
// (routes, retries after an answer, cookies, headers) it cannot.
type Relay struct {
	pool        sim.Handler
	connections *sim.Counter // that came
	refused     *sim.Counter // of them those that no server took
}

var _ sim.Relay = (*Relay)(nil)

// NewRelay returns a Relay before a pool whose targets are Passing.
func NewRelay(env *sim.Env, pool sim.Handler) *Relay {
	return &Relay{pool, env.Counter("connections"), env.Counter("connections-refused")}
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

// Passing returns a way that opens connections for requests of method CONNECT,
// and takes others, which are the pool's own health checks, as requests.
func Passing(way sim.Handler) sim.Handler {
	to := way.(sim.Opener) // as both worlds' links are
	return sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
		if req.Method == http.MethodConnect {
			to.Open(req, reply)
			return
		}
		to.Serve(req, reply)
	})
}
