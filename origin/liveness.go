// Liveness: when a server is ended and started anew because it does not answer.
package origin

import (
	"fmt"
	"time"
)

// LivenessConfig says how a supervisor checks each app server's liveness, as
// Kubernetes' kubelet does with a livenessProbe. It stands beside the server, so
// nothing on the network comes between the two.
type LivenessConfig struct {
	Check    string        `toml:"check" json:"check,omitempty" jsonschema:"enum=none,enum=http,default=none,description=whether a supervisor asks each server whether it lives\\, and kills one that does not: it starts again restart-after later"`
	Path     string        `toml:"path" json:"path,omitempty" jsonschema:"default=/health/live,description=what is asked for; a path that asks others (/health\\, /health/ready) has all servers restarted for what is wrong with another"`
	Interval time.Duration `toml:"interval" json:"interval,omitempty" jsonschema:"default=10s,description=time from check to check"`
	Timeout  time.Duration `toml:"timeout" json:"timeout,omitempty" jsonschema:"default=1s,description=a check that takes longer has failed; if not given never longer than the interval"`
	Fall     int           `toml:"fall" json:"fall,omitempty" jsonschema:"default=3,minimum=1,description=failed checks in a row after which the server is killed"`
}

// WithDefaults fills in what was not given: 10 s, 1 s and 3 are Kubernetes'. There is
// no supervisor unasked: a hang then lasts as long as the scenario says.
func (c LivenessConfig) WithDefaults() LivenessConfig {
	c.Check = orElse(c.Check, "none")
	c.Path = orElse(c.Path, HealthPath+pathLive)
	c.Interval = orElse(c.Interval, 10*time.Second)
	c.Timeout = orElse(c.Timeout, min(time.Second, c.Interval))
	c.Fall = orElse(c.Fall, 3)
	return c
}

// On reports whether there is a supervisor. c has its defaults.
func (c LivenessConfig) On() bool { return c.Check == "http" }

func (c LivenessConfig) validate() (errs []error) {
	if c.Check != "none" && c.Check != "http" {
		errs = append(errs, fmt.Errorf("origin: app: liveness: unknown check %q; known: none, http", c.Check))
	}
	if !plainPath(c.Path) {
		errs = append(errs, fmt.Errorf("origin: app: liveness: path %q is no path: it begins with / and has no query", c.Path))
	}
	if c.Interval <= 0 || c.Timeout <= 0 || c.Fall < 1 {
		errs = append(errs, fmt.Errorf("origin: app: liveness: interval, timeout and fall must be positive"))
	}
	return errs
}
