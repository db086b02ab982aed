// What an approach tells of traced requests: which balancer, and why.
package pair

import (
	"fmt"
	"strings"

	"cdnlab/sim"
)

func (w *Ways) explain(x *ask) {
	if x.tries > 1 {
		w.tell(x, w.names[x.at]+": the next address of the DNS answer, as the one before refused")
		return
	}
	w.tell(x, w.names[x.at]+": "+w.why())
}

func (w *Ways) tell(x *ask, says string) {
	w.trace.Tell(&x.req, sim.Step{Kind: sim.StepWay, Says: says})
}

func (a *Approach) why() string {
	switch {
	case a.dns != nil:
		return fmt.Sprintf("the address that the resolver holds, of %s; it asks again every %v%s", several(len(a.names)), a.cfg.DNS.TTL, a.absent())
	case a.ecmp != nil && a.cfg.ECMP.Resilient:
		return fmt.Sprintf("the connection's hash is in its buckets, of %d in all (ECMP, resilient)%s", buckets, a.absent())
	case a.ecmp != nil:
		return fmt.Sprintf("the connection's hash modulo %s (ECMP)%s", several(len(a.ecmp.routes)), a.absent())
	case a.at == a.cfg.First():
		return fmt.Sprintf("it has the address; %d more stand by", len(a.names)-1)
	}
	return "it has taken over the address"
}

func several(n int) string {
	if n == 1 {
		return "1 balancer"
	}
	return fmt.Sprintf("%d balancers", n)
}

// absent says whom the network holds for dead.
func (a *Approach) absent() string {
	var out []string
	for _, w := range a.watched {
		if !w.machine.Up() {
			out = append(out, a.names[w.number])
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "; not to " + strings.Join(out, ", ") + ", which fails its checks"
}
