// What a scenario can say of stickiness.
package balance

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// What a balancer knows a user by.
const (
	StickyNone    = "none"
	StickyCookie  = "cookie"
	StickyHeader  = "header"
	StickyAddress = "address"
)

// StickyBys lists them.
func StickyBys() []string { return []string{StickyNone, StickyCookie, StickyHeader, StickyAddress} }

// What becomes of a pin whose server cannot be asked.
const (
	WhenDownRepick = "repick"
	WhenDownFail   = "fail"

	WhenDrainedStay = "stay"
	WhenDrainedMove = "move"
)

// StickyConfig says how requests of one user stay with one server.
type StickyConfig struct {
	By         string        `toml:"by" json:"by" jsonschema:"enum=none,enum=cookie,enum=header,enum=address,default=none,description=what a user is known by: a cookie that the balancer sets and signs\\, the value of a request's header\\, or the address; the first request goes where the algorithm says\\, all later ones to the same server"`
	Cookie     string        `toml:"cookie" json:"cookie" jsonschema:"default=SERVER_ID,description=the cookie's name; its value is the server's name and a code that only the balancers of the run can make (HMAC)"`
	MaxAge     time.Duration `toml:"max-age" json:"max-age,omitempty" jsonschema:"default=0s,minimum=0s,description=how long a user's browser keeps the cookie\\, from when it was set\\, in whole seconds (rounded up); 0s is until it is closed"`
	Attributes string        `toml:"attributes" json:"attributes" jsonschema:"default=Path=/; HttpOnly,description=what stands behind the cookie's value"`
	Header     string        `toml:"header" json:"header" jsonschema:"default=X-Session,description=the header whose value a user is known by; a request without it goes where the algorithm says"`
	Limit      int           `toml:"limit" json:"limit" jsonschema:"default=1000000,minimum=1,maximum=100000000,description=of header and address: how many users the balancer's table holds; the one unseen for longest makes room"`
	Idle       time.Duration `toml:"idle" json:"idle" jsonschema:"default=30m,minimum=1ms,description=of header and address: how long a user who does not come stays in the table"`

	WhenDown    string `toml:"when-down" json:"when-down" jsonschema:"enum=repick,enum=fail,default=repick,description=when a user's server is out of rotation or fails: repick takes another by the algorithm\\, and the user stays with that one; fail answers 503 until it is back"`
	WhenDrained string `toml:"when-drained" json:"when-drained" jsonschema:"enum=stay,enum=move,default=stay,description=when a user's server is drained: stay lets the user finish there (until balancer.drain-timeout\\, if there is one); move takes another at the next request"`
}

// WithDefaults fills in what was not given. By none: no balancer sticks unasked. The cookie
// and its name: as in HAProxy's and Apache's manuals, and without a Max-Age, as theirs, so
// that it ends with the visit; HttpOnly, as no script has to do with it. Limit
// 1,000,000 and Idle 30 min: the table of HAProxy's examples (size 1m expire 30m).
// WhenDown repick: HAProxy (option redispatch), nginx Plus and ALB; a session that lived in the
// server is lost either way. WhenDrained stay: HAProxy, nginx Plus.
func (c StickyConfig) WithDefaults() StickyConfig {
	for _, d := range []struct {
		key   *string
		value string
	}{{&c.By, StickyNone}, {&c.Cookie, "SERVER_ID"}, {&c.Attributes, "Path=/; HttpOnly"}, {&c.Header, "X-Session"},
		{&c.WhenDown, WhenDownRepick}, {&c.WhenDrained, WhenDrainedStay}} {
		if *d.key == "" {
			*d.key = d.value
		}
	}
	if c.Limit == 0 {
		c.Limit = 1_000_000
	}
	if c.Idle == 0 {
		c.Idle = 30 * time.Minute
	}
	return c
}

// Check returns what is wrong with a StickyConfig that has its defaults; each mistake begins with
// its key.
func (c StickyConfig) Check() (bad []error) {
	for _, word := range []struct {
		key, is string
		known   []string
	}{{"by", c.By, StickyBys()}, {"when-down", c.WhenDown, []string{WhenDownRepick, WhenDownFail}},
		{"when-drained", c.WhenDrained, []string{WhenDrainedStay, WhenDrainedMove}}} {
		if !slices.Contains(word.known, word.is) {
			bad = append(bad, fmt.Errorf("sticky.%s: unknown %q; known: %s", word.key, word.is, strings.Join(word.known, ", ")))
		}
	}
	if !isToken(c.Cookie) {
		bad = append(bad, fmt.Errorf("sticky.cookie: %q is no name of a cookie", c.Cookie))
	}
	if !isToken(c.Header) {
		bad = append(bad, fmt.Errorf("sticky.header: %q is no name of a header", c.Header))
	}
	if strings.ContainsFunc(c.Attributes, func(r rune) bool { return r < ' ' || r > '~' }) {
		bad = append(bad, errors.New("sticky.attributes: may be of printable ASCII only"))
	}
	if c.MaxAge < 0 {
		bad = append(bad, fmt.Errorf("sticky.max-age: must not be negative, but is %v", c.MaxAge))
	}
	if c.Limit < 1 {
		bad = append(bad, fmt.Errorf("sticky.limit: must be positive, but is %d", c.Limit))
	}
	if c.Idle < 0 {
		bad = append(bad, fmt.Errorf("sticky.idle: must be positive, but is %v", c.Idle))
	}
	return bad
}

// isToken reports whether a text can be a name in a header (RFC 9110 5.6.2).
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// field is the header as it stands in a request's map.
func (c StickyConfig) field() string { return http.CanonicalHeaderKey(c.Header) }
