// What an app server tells of the sessions of traced requests.
package origin

import (
	"fmt"

	"cdnlab/sim"
)

// explainSignIn tells of a new session, and where it is from now on.
func (a *App) explainSignIn(req *sim.Request) {
	where := map[string]string{
		StoreCookie:   "in the cookie itself, signed: every server knows it",
		StoreMemory:   "in the memory of " + a.env.Node + " alone",
		StoreDatabase: "in the database: every server knows it",
		StoreStore:    "in the session store: every server knows it",
	}[a.sessions.cfg.Store]
	a.env.Explain(req, sim.StepSession, "signed in; the session is "+where)
}

// explainNoSession tells of a cart of nobody's.
func (a *App) explainNoSession(req *sim.Request) {
	a.env.Explain(req, sim.StepSession, fmt.Sprintf("401: a cart needs a session, and the request has no cookie %q; a POST to %s makes one (RFC 9110 15.5.2)",
		sim.SessionCookie, a.sessions.cfg.SignIn))
}

// explainSession tells what was made of a session cookie.
func (a *App) explainSession(req *sim.Request, f found) {
	if f.known {
		a.env.Explain(req, sim.StepSession, fmt.Sprintf("the session is known, with %d in its cart", f.items))
		return
	}
	idle := sim.Briefly(a.sessions.cfg.Idle)
	why := map[string]string{
		StoreCookie:   "the cookie is not signed by this site, or was set more than " + idle + " ago",
		StoreMemory:   "the session is not in the memory of " + a.env.Node + ": another server made it, a crash lost it, it went unused for " + idle + ", or others took its room",
		StoreStore:    "the session store does not have the session: a crash lost it, it went unused for " + idle + ", or others took its room",
		StoreDatabase: "the database does not have the session: a crash lost it, it went unused for " + idle + ", or others took its room",
	}[a.sessions.cfg.Store]
	a.env.Explain(req, sim.StepSession, "401: "+why+" (RFC 9110 15.5.2)")
}

// keeper names the node that keeps the sessions.
func (s *sessions) keeper() string {
	if s.cfg.Store == StoreStore {
		return "the session store"
	}
	return "the database"
}

// explainStore tells what a failure of that node becomes.
func (a *App) explainStore(req *sim.Request, rows *sim.Response) {
	a.env.Explain(req, sim.StepSession, "500: "+a.sessions.keeper()+" failed: "+failure(rows)+"; another server would ask the same one")
}

// explainAnonymous tells of a page for nobody.
func (a *App) explainAnonymous(req *sim.Request, rows *sim.Response) {
	a.env.Explain(req, sim.StepSession, a.sessions.keeper()+" failed: "+failure(rows)+"; the page is what it is for somebody who has not signed in (sessions.when-store-fails)")
}
