// Lease: a server's part in something that lasts and of which no answer tells how it
// goes: a flow of datagrams.
package balance

import "cdnlab/sim"

// Lease is one such part. It counts as a request in flight until its End, and says
// nothing of the server's health or latency. The zero Lease is nobody's.
type Lease struct{ member *member }

// Lease picks a server for what req is the first of; nobody's when there is none, or
// the limit of connections is reached. It never waits in line.
func (p *Pool) Lease(req *sim.Request) Lease {
	now := p.env.Now()
	p.count.requests.Add(1)
	if p.full() {
		p.count.rejected.Add(1)
		return Lease{}
	}
	server := p.pick(now, req)
	if server == nil {
		p.count.noServer.Add(1)
		return Lease{}
	}
	m := server.member
	p.trying++
	m.picked.Add(1)
	m.servers.Begin(now, server, req)
	p.crosses(server)
	return Lease{m}
}

// Nobodys reports whether there is no server to it.
func (l Lease) Nobodys() bool { return l.member == nil }

// Handler is the way to the server.
func (l Lease) Handler() sim.Handler { return l.member.handler }

// Holds reports whether the server is still to have what comes: it is well, or nobody
// is, and if it drains its deadline has not come. One that has left the pool is not.
func (l Lease) Holds(now sim.Time) bool {
	m := l.member
	switch {
	case m.gone, m.server.down && !m.servers.panic:
		return false
	case m.server.draining:
		return now < m.deadline
	}
	return true
}

// End counts it out.
func (l Lease) End() {
	m := l.member
	p := m.pool
	p.trying--
	m.servers.End(p.env.Now(), m.server, Outcome{Cause: sim.Cancelled})
	if m.server.draining {
		m.idle()
	}
	p.wake()
}
