// Storability: which answers may be kept (RFC 9111 3).
package cache

import "net/http"

// Consider returns the entry that the answer of x makes, or nil and why it may
// not be stored. The entry is not complete: its body may still be coming.
func (r *Rules) Consider(x *Exchange) (*Entry, Reason) {
	e, why := r.consider(x)
	if e != nil && e.Partial() {
		if why := e.partial(x); why != "" {
			return nil, why
		}
	}
	return e, why
}

// consider is Consider, but for what is special about a part.
func (r *Rules) consider(x *Exchange) (*Entry, Reason) {
	c := r.Control(x.Header)
	if why := r.forbids(x, &c); why != "" {
		return nil, why
	}
	names, star := ParseVary(x.Header["Vary"])
	if star {
		return nil, WhyVaryStar
	}
	if o := r.Override; o != nil && o.Armor && deceives(x.Key.Path, x.Header) {
		return nil, WhyDeceives
	}
	e := r.newEntry(x, c, r.Nominates(names))
	if x.Method != http.MethodGet && !e.Why.explicit() {
		return nil, WhyMethod
	}
	if !e.Why.explicit() && !heuristic(e.Status) && !c.Public {
		return nil, WhyNoFreshness
	}
	if e.useless() {
		return nil, WhyUseless
	}
	return e, WhyStorable
}

// forbids returns what keeps an answer from being stored, "" when nothing does.
func (r *Rules) forbids(x *Exchange, c *Control) Reason {
	status := x.Response.Status
	switch {
	case x.Method != http.MethodGet && !x.represents():
		return WhyMethod
	case status < 200 || status == http.StatusNotModified,
		status == http.StatusRequestedRangeNotSatisfiable: // it is about the range alone
		return WhyStatus
	case c.MustUnderstand && !understood(status):
		return WhyMustUnderst
	case c.NoStore && !c.MustUnderstand: // which says to ignore it when understood (5.2.2.3)
		return WhyNoStore
	case r.MaxHeader > 0 && HeaderBytes(x.Header) > r.MaxHeader,
		r.MaxObject > 0 && x.Response.Size > r.MaxObject:
		return WhyTooLarge
	}
	if r.Shared {
		return r.forbidsSharing(x, c)
	}
	return ""
}

// represents reports whether the answer to a POST is what a GET of the same URI gets
// from then on, as it says itself (RFC 9110 8.7, 9.3.3). To be stored it must say for
// how long, too.
func (x *Exchange) represents() bool {
	lines := x.Header["Content-Location"]
	if x.Method != http.MethodPost || x.Response.Status != http.StatusOK || len(lines) != 1 {
		return false
	}
	at, ok := x.Key.KeyAt(lines[0])
	return ok && at == x.Key
}

// forbidsSharing returns what binds an answer to one user.
func (r *Rules) forbidsSharing(x *Exchange, c *Control) Reason {
	switch {
	case c.Private:
		return WhyPrivate
	case r.storing() != AsTold:
	case has(x.Asked, "Authorization") && !c.Public && !c.MustRevalidate && c.SMaxAge == Absent:
		return WhyAuthorization
	case has(r.Override.Cookieless(x.Header), "Set-Cookie") && !r.StoreSetCookie:
		return WhySetCookie
	}
	return ""
}

// understood are the statuses whose caching rules this cache knows.
func understood(status int) bool {
	switch status {
	case http.StatusPartialContent, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect:
		return true
	}
	return heuristic(status)
}

func has(h http.Header, name string) bool { return len(h[name]) > 0 }
