// ip-hash: the same address always to the same server, nginx's hash.
package balance

import (
	"encoding/binary"
	"fmt"
	"sort"

	"cdnlab/sim"
)

func init() {
	Policies.Add("ip-hash", "by the user's network (/24 of IPv4), so a user stays with a server (nginx)", newIPHash)
}

// ipHash is nginx's ip_hash (ngx_http_upstream_ip_hash_module.c): the first
// three octets of an IPv4 address or all 16 of an IPv6 one,
// h = (h*113 + octet) % 6271 from h = 89, walked by configured weight; a server
// that is out runs the loop again from the current h, and after 20 such tries
// round robin decides. Everyone behind one /24 lands on one server.
//
// A request without an address is hashed by its Client number instead, so that
// a user still stays with a server. An IPv4 address inside IPv6 counts as IPv4.
type ipHash struct {
	servers *Servers
	ends    []int // running sums of the configured weights
	turn    *weighted
}

var (
	_ Policy  = (*ipHash)(nil)
	_ Watcher = (*ipHash)(nil)
)

const (
	ipHashStart = 89
	ipHashBase  = 113
	ipHashMod   = 6271
	ipHashTries = 20
	hashedBits  = 24 // of an IPv4 address
)

func newIPHash(_ Config, t Tools) Policy {
	return &ipHash{servers: t.Servers, turn: &weighted{servers: t.Servers}}
}

// Changed implements Watcher. A server that is out keeps its range of hashes:
// that is what brings its users back to it.
func (p *ipHash) Changed(s *Server) {
	p.turn.Changed(s)
	for i := len(p.ends); i <= s.index; i++ {
		before := 0
		if i > 0 {
			before = p.ends[i-1]
		}
		p.ends = append(p.ends, before+p.servers.all[i].Weight)
	}
}

// Pick implements Policy in O(log n).
func (p *ipHash) Pick(now sim.Time, req *sim.Request) *Server {
	if p.servers.eligible == 0 {
		return nil
	}
	if p.servers.Len() < 2 {
		return p.turn.Pick(now, req)
	}
	var room [16]byte
	key := hashedOctets(req, &room)
	h := ipHashStart
	for range ipHashTries + 1 {
		for _, octet := range key {
			h = (h*ipHashBase + int(octet)) % ipHashMod
		}
		if s := p.owner(h); s.eligible {
			return s
		}
	}
	return p.turn.Pick(now, req)
}

// owner walks by weight: the first server whose running sum is beyond h.
func (p *ipHash) owner(h int) *Server {
	w := h % p.ends[len(p.ends)-1]
	if p.ends[len(p.ends)-1] == len(p.ends) {
		return p.servers.all[w] // each weighs 1
	}
	return p.servers.all[sort.SearchInts(p.ends, w+1)]
}

func hashedOctets(req *sim.Request, room *[16]byte) []byte {
	addr := req.Addr.Unmap()
	switch {
	case addr.Is4():
		four := addr.As4()
		return room[:copy(room[:], four[:3])]
	case addr.Is6():
		*room = addr.As16()
		return room[:]
	}
	binary.BigEndian.PutUint64(room[:], req.Client)
	return room[:8]
}

// Explain implements Explainer.
func (p *ipHash) Explain(picked *Server, req *sim.Request) string {
	whose := fmt.Sprintf("user %d, who has no address,", req.Client)
	if addr := req.Addr.Unmap(); addr.IsValid() {
		bits := addr.BitLen()
		if addr.Is4() {
			bits = hashedBits
		}
		network, _ := addr.Prefix(bits) // as many bits as it has, or fewer
		whose = "the network " + network.String()
	}
	return whose + " hashes to it, as long as it may be picked"
}
