// Health checks: what an app server says of itself.
package origin

import (
	"net/http"

	"cdnlab/sim"
)

// asked is another node that a health check is to ask.
type asked struct {
	name string
	node sim.Handler
}

// inquiry is a health check under way: its own query, as the request is its owner's
// again once it is answered.
type inquiry struct {
	app    *App
	check  sim.Request
	head   bool // only the header is wanted
	answer func(*sim.Response, sim.Cause)
}

// health answers for the server and what it is said to ask of others, one after the
// other.
func (a *App) health(req *sim.Request, answer func(*sim.Response, sim.Cause)) {
	q := inquiry{a, query(req), req.Method == http.MethodHead, answer}
	q.check.Path = HealthPath
	if isLive(req.Path) {
		q.well()
		return
	}
	var others []asked
	for _, what := range a.cfg.HealthChecks {
		switch {
		case what == HealthQueue && a.full():
			q.failing(what, sim.Overload)
			return
		case what == HealthDatabase && a.database != nil:
			others = append(others, asked{what, a.database})
		case what == HealthStore && a.store != nil:
			others = append(others, asked{what, a.store})
		}
	}
	q.ask(others)
}

// ask asks for the health of others, and answers for all of them.
func (q inquiry) ask(others []asked) {
	if len(others) == 0 {
		q.well()
		return
	}
	askWithin(q.app.env, others[0].node, q.check, q.app.cfg.HealthTimeout, func(resp *sim.Response) {
		switch {
		case q.check.Scope.Cause() != sim.OK:
			q.answer(sim.Fail(q.check.Scope.Cause()), sim.OK)
		case resp.Failed():
			q.failing(others[0].name, resp.Cause)
		default:
			q.ask(others[1:])
		}
	})
}

func (q inquiry) well() { q.says(http.StatusOK, "ok", sim.OK) }

func (q inquiry) failing(what string, c sim.Cause) {
	q.says(q.app.cfg.HealthStatus, sim.Text("failing: "+what), c)
}

func (q inquiry) says(status int, words sim.Text, c sim.Cause) {
	resp := sim.Answer(status, noStore, 0)
	if !q.head {
		resp.Size, resp.Body = words.Size(), words
	}
	q.answer(resp, c)
}
