// What the origin's nodes tell of traced requests. Each function is called where
// its decision is made, and only for them.
package origin

import (
	"fmt"
	"net/http"
	"time"

	"cdnlab/sim"
)

// explainRoute tells which pool a path goes to.
func (x *passage) explainRoute(req *sim.Request) {
	says := "404: no route has a prefix of this path"
	if x.route != nil {
		says = fmt.Sprintf("%s -> pool %s", x.route.Prefix, x.route.To)
		if len(x.proxy.routes) > 1 {
			says += fmt.Sprintf(": the longest of %d prefixes that fits", len(x.proxy.routes))
		}
		if x.route.Host != "" {
			says += ", asked for the host " + x.route.Host
		}
	}
	x.proxy.env.Explain(req, sim.StepRoute, says)
}

// explainFailure tells what a failure of the pool becomes.
func (x *passage) explainFailure(c sim.Cause, status int) {
	rule := map[int]string{http.StatusBadGateway: "15.6.3", http.StatusServiceUnavailable: "15.6.4", http.StatusGatewayTimeout: "15.6.5"}[status]
	x.proxy.env.Explain(&x.req, sim.StepGive, fmt.Sprintf("%d: %s (RFC 9110 %s)", status, c.Says(), rule))
}

// explainQueue tells of a job that has just begun to wait.
func (d *desk) explainQueue(j *job) {
	d.env.Explain(j.req, sim.StepQueue, fmt.Sprintf("%d of %d workers busy, %d requests waiting before it", d.busy, d.workers, d.waiting-1))
}

// explainService tells of a job whose worker begins.
func (d *desk) explainService(j *job, takes time.Duration) {
	says := fmt.Sprintf("%s, %s around a mean of %s; ", sim.Briefly(takes), d.law.distribution, sim.Briefly(time.Duration(d.law.mean)))
	if d.shares != nil {
		says += fmt.Sprintf("%d workers are shared by the requests under way, this one and %d others", d.workers, len(d.shares.jobs))
	} else {
		says += fmt.Sprintf("%d of %d workers busy", d.busy, d.workers)
	}
	if d.burns {
		says += ", each on a processor of its own, if it gets one"
	}
	if d.slow != 1 {
		says += fmt.Sprintf("; a brown-out makes it %g times as long", d.slow)
	}
	if cold := d.warmth.stretch(d.env.Now()); cold > 1 {
		says += fmt.Sprintf("; the server was started %s ago and takes %.2f times as long", sim.Briefly(d.env.Now().Sub(d.warmth.since)), cold)
	}
	d.env.Explain(j.req, sim.StepService, says)
}

// explainRefused tells of a job that there is no room for.
func (d *desk) explainRefused(req *sim.Request, room int) {
	d.env.Explain(req, sim.StepQueue, fmt.Sprintf("503: %d of %d workers busy and %d requests waiting, as many as may (RFC 9110 15.6.4)",
		d.busy, d.workers, room))
}

// explainSloughed tells of a job that a worker has come to too late.
func (d *desk) explainSloughed(j *job, waited time.Duration) {
	d.env.Explain(j.req, sim.StepQueue, fmt.Sprintf("503: it has waited for %s, and more than %s is too long while the server is overloaded (CoDel)",
		sim.Briefly(waited), sim.Briefly(2*d.CoDel.Target)))
}

// explainLimited tells of a request above the limit that the server has found for itself.
func (a *App) explainLimited(req *sim.Request, there int) {
	a.env.Explain(req, sim.StepQueue, fmt.Sprintf("503: there are %d requests, and %d is the limit now (%s)",
		there, a.admission.limit.room(), a.cfg.Limit.Algorithm))
}

// explainShed tells of a request that others go before.
func (a *App) explainShed(req *sim.Request, there, most int) {
	a.env.Explain(req, sim.StepQueue, fmt.Sprintf("503: there are %d of %d requests, and what is above %.3g %% is kept for others than this one (shed)",
		there, most, 100*a.shareOf(req)))
}

// explainContent tells what the app has under a path; header is noStore itself
// when it has nothing.
func (a *App) explainContent(req *sim.Request, page Page) {
	says := fmt.Sprintf("%d, as the catalog says", page.Status)
	switch {
	case same(page.Header, noStore):
		says = "404: the catalog has no such path"
	case page.Status == http.StatusOK && notModified(req.Header, page.Header):
		says = "304: the asker's copy still holds (RFC 9110 13.2.2)"
	}
	if page.Stamp.Version != 0 {
		says += fmt.Sprintf("; version %d", page.Stamp.Version)
	}
	if page.Stamp.Owner != 0 {
		says += ", made for this user alone"
	}
	if page.Database && a.database != nil {
		says += "; asks the database, and keeps its worker meanwhile"
	}
	a.env.Explain(req, sim.StepContent, says)
}

// explainDatabase tells what a failure of the database becomes.
func (a *App) explainDatabase(req *sim.Request, rows *sim.Response) {
	a.env.Explain(req, sim.StepContent, "500: the database failed: "+failure(rows)+"; another server would ask the same one")
}

// failure says why an answer is none.
func failure(resp *sim.Response) string {
	if why := resp.Cause.Says(); why != "" {
		return why
	}
	return fmt.Sprintf("it answered %d", resp.Status)
}
