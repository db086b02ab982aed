// Datagrams at the App.
package origin

import (
	"net/http"

	"cdnlab/sim"
)

var _ sim.Receiver = (*App)(nil)

// Receive implements sim.Receiver. A datagram is a piece of work as a request is. What
// the App cannot take, or has no such service for, it drops: there is no answer to say so.
func (a *App) Receive(d *sim.Request, back func(*sim.Response)) {
	if a.exited || isHealth(d.Path) || a.find(d).Talks != sim.ProtocolUDP {
		return
	}
	d.Method = http.MethodGet
	a.requests.Add(1)
	a.wonder(d)
	a.take(d, false, func(resp *sim.Response) {
		if resp.Status == http.StatusOK {
			back(resp)
		}
	})
}
