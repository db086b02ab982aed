// What a scenario can say of active health checks.
package health

import "time"

// The kinds of check and the two schedules.
const (
	CheckNone = "none"
	CheckHTTP = "http"

	StartToStart    = "start-to-start"
	AfterCompletion = "after-completion"
)

// Config says how a server is checked.
type Config struct {
	Check    string        `toml:"check" json:"check" jsonschema:"enum=none,enum=http,default=http,description=whether servers are asked for their health; http asks with a GET and expects a 2xx"`
	Interval time.Duration `toml:"interval" json:"interval,omitempty" jsonschema:"default=2s,description=time from check to check; see schedule"`
	Timeout  time.Duration `toml:"timeout" json:"timeout,omitempty" jsonschema:"default=1s,description=a check that takes longer has failed; if not given never longer than the interval"`
	Fall     int           `toml:"fall" json:"fall,omitempty" jsonschema:"default=3,minimum=1,description=failed checks in a row that take a server out"`
	Rise     int           `toml:"rise" json:"rise,omitempty" jsonschema:"default=2,minimum=1,description=good checks in a row that bring it back"`
	Path     string        `toml:"path" json:"path,omitempty" jsonschema:"default=/health,description=what is asked for"`
	Schedule string        `toml:"schedule" json:"schedule,omitempty" jsonschema:"enum=start-to-start,enum=after-completion,default=start-to-start,description=whether the interval counts from the start of a check (Traefik; Caddy) or from its end (HAProxy; Envoy)"`
}

// WithDefaults fills in what was not given:
//
//   - Check http: the lab's app servers answer /health.
//   - Interval 2 s, Fall 3, Rise 2: HAProxy's.
//   - Timeout 1 s, as Kubernetes, or the interval when that is shorter: who needs
//     a second to say that it is well is not.
//   - Schedule start-to-start: the time to detect a hang then does not grow with
//     the time-out of each check.
func (c Config) WithDefaults() Config {
	if c.Check == "" {
		c.Check = CheckHTTP
	}
	if c.Interval <= 0 {
		c.Interval = 2 * time.Second
	}
	if c.Timeout <= 0 {
		c.Timeout = min(time.Second, c.Interval)
	}
	if c.Fall <= 0 {
		c.Fall = 3
	}
	if c.Rise <= 0 {
		c.Rise = 2
	}
	if c.Path == "" {
		c.Path = "/health"
	}
	if c.Schedule == "" {
		c.Schedule = StartToStart
	}
	return c
}

// On reports whether there are checks at all. c has its defaults.
func (c Config) On() bool { return c.Check != CheckNone }

// Gap is the time between the starts of two checks that each take f: a
// schedule from start to start waits for the next multiple of the interval when
// a check takes longer.
func (c Config) Gap(f time.Duration) time.Duration {
	if c.Schedule == AfterCompletion {
		return c.Interval + f
	}
	rounds := max(1, (f+c.Interval-1)/c.Interval)
	return rounds * c.Interval
}

// Detection returns the shortest, mean and longest time from a failure at a
// uniformly random moment until the server is out, when a failing check takes
// failing (0 when refused, Timeout when it hangs) and a good one no time:
// with G = Gap(failing), (Fall-1)G+failing plus 0, Interval/2 or Interval.
func (c Config) Detection(failing time.Duration) (least, mean, most time.Duration) {
	least = time.Duration(c.Fall-1)*c.Gap(failing) + failing
	return least, least + c.Interval/2, least + c.Interval
}
