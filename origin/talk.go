// talk: a connection of the App that has switched to messages.
package origin

import (
	"net/http"

	"cdnlab/sim"
)

// talk is the App's end of a connection that messages go over. Each is a piece of
// work as a request is, and its answer a page of the path that the connection was
// asked for with.
type talk struct {
	sim.Transfer
	app *App
}

var _ sim.Channel = (*talk)(nil)

// switchTo makes an answer one that switches the connection to messages.
func (a *App) switchTo(protocol string, req *sim.Request, resp *sim.Response) {
	t := &talk{app: a}
	t.Length, t.Abandoned = -1, func(c sim.Cause) { t.End(c, 0) }
	resp.Status, resp.Header, resp.Size, resp.Stamp, resp.Body = http.StatusSwitchingProtocols, sim.SwitchedTo(protocol), -1, sim.Stamp{}, t
	if a.messages == nil {
		a.messages = a.env.Counter("messages")
	}
	hook := req.Scope.OnCancel(func(c sim.Cause) { t.End(c, 0) })
	t.OnEnd(func(sim.Cause, int64) { hook.Drop() })
}

// Serve takes a message.
func (t *talk) Serve(req *sim.Request, reply func(*sim.Response)) {
	if t.app.exited {
		return
	}
	t.app.messages.Add(1)
	t.app.take(req, false, reply)
}
