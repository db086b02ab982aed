// Admission: whom an app server lets in, and what it tells the others.
package origin

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cdnlab/sim"
)

// Shed says which requests are refused before others are.
type Shed struct {
	Path   string   `toml:"path" json:"path,omitempty" jsonschema:"description=what the path begins with; if not given any"`
	Header string   `toml:"header" json:"header,omitempty" jsonschema:"description=a header field that the request has; if not given it may have any"`
	Value  string   `toml:"value" json:"value,omitempty" jsonschema:"description=what that field is; if not given it may be anything"`
	Above  *float64 `toml:"above" json:"above,omitempty" jsonschema:"default=0.5,minimum=0,maximum=1,description=they are refused when the server has more than that share of the requests that it may have at a time\\, those at work and those in the queue: 0.5 keeps half of it for others\\, 0 refuses always"`
}

func (s Shed) withDefaults() Shed {
	if s.Above == nil {
		s.Above = new(0.5) // half for what matters more
	}
	return s
}

func (s Shed) validate(i int) error {
	switch {
	case s.Path == "" && s.Header == "":
		return fmt.Errorf("origin: app: shed %d is about every request: give it a path or a header", i)
	case s.Value != "" && s.Header == "":
		return fmt.Errorf("origin: app: shed %d has a value of no header", i)
	case s.Path != "" && s.Path[0] != '/':
		return fmt.Errorf("origin: app: shed %d: path %q does not begin with /", i, s.Path)
	case !(*s.Above >= 0 && *s.Above <= 1):
		return fmt.Errorf("origin: app: shed %d: above %v is not in 0..1", i, *s.Above)
	}
	return nil
}

// fits reports whether the rule is about a request.
func (s *Shed) fits(req *sim.Request) bool {
	if !strings.HasPrefix(req.Path, s.Path) {
		return false
	}
	if s.Header == "" {
		return true
	}
	for _, v := range req.Header[http.CanonicalHeaderKey(s.Header)] {
		if s.Value == "" || v == s.Value {
			return true
		}
	}
	return false
}

// Words says which requests the rule is about.
func (s *Shed) Words() string {
	words := orElse(s.Path, "/") + "*"
	if s.Header != "" {
		words += " with " + s.Header
	}
	if s.Value != "" {
		words += ": " + s.Value
	}
	return words
}

// admission is the part of an App that lets requests in.
type admission struct {
	limit   *limiter // nil: the queue alone is limited
	limited *sim.Counter
	shed    *sim.Counter
}

func newAdmission(env *sim.Env, cfg AppConfig) admission {
	return admission{newLimiter(cfg.Limit), env.Counter("limited"), env.Counter("shed")}
}

// most is how many requests there may be at a time.
func (a *App) most() int {
	most := a.desk.workers + a.room()
	if l := a.admission.limit; l != nil {
		most = min(most, l.room())
	}
	return most
}

// full reports whether a request that came now would be refused, whatever it is.
func (a *App) full() bool {
	return a.desk.full(a.room()) || a.desk.busy+a.desk.waiting >= a.most()
}

// admits reports whether a request is let in; if not, it counts why, and says so of
// a traced one.
func (a *App) admits(req *sim.Request) bool {
	d, there, most := &a.desk, a.desk.busy+a.desk.waiting, a.most()
	switch {
	case d.full(a.room()):
		if req.Traced() {
			d.explainRefused(req, a.room())
		}
	case there >= most:
		a.admission.limited.Add(1)
		if req.Traced() {
			a.explainLimited(req, there)
		}
	case len(a.cfg.Shed) > 0 && float64(there) >= a.shareOf(req)*float64(most):
		a.admission.shed.Add(1)
		if req.Traced() {
			a.explainShed(req, there, most)
		}
	default:
		return true
	}
	return false
}

// shareOf is the share of all requests that it may have at which the server refuses
// this one: of the first rule that is about it, or else 1.
func (a *App) shareOf(req *sim.Request) float64 {
	for i := range a.cfg.Shed {
		if s := &a.cfg.Shed[i]; s.fits(req) {
			return *s.Above
		}
	}
	return 1
}

// refusal is the header of who is turned away. Retry-After is in whole seconds
// (RFC 9110 10.2.3).
func refusal(after time.Duration) http.Header {
	if after <= 0 {
		return noStore
	}
	seconds := (after + time.Second - 1) / time.Second
	return http.Header{"Cache-Control": noStore["Cache-Control"], "Content-Type": noStore["Content-Type"],
		"Retry-After": {strconv.Itoa(int(seconds))}}
}
