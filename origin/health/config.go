// What a scenario can say of active health checks.
package health

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The kinds of check and the two schedules.
const (
	CheckNone = "none"
	CheckHTTP = "http"
	CheckTCP  = "tcp"

	healthPath = "/health" // origin.HealthPath

	StartToStart    = "start-to-start"
	AfterCompletion = "after-completion"
)

// Config says how a server is checked.
type Config struct {
	Check    string        `toml:"check" json:"check" jsonschema:"enum=none,enum=http,enum=tcp,default=http,description=whether and how servers are asked for their health; http asks with a GET and looks at the status; tcp only opens a connection\\, so a process that hangs is well to it: the kernel answers"`
	Interval time.Duration `toml:"interval" json:"interval,omitempty" jsonschema:"default=2s,description=time from check to check; see schedule"`
	Timeout  time.Duration `toml:"timeout" json:"timeout,omitempty" jsonschema:"default=1s,description=a check that takes longer has failed; if not given never longer than the interval"`
	Fall     int           `toml:"fall" json:"fall,omitempty" jsonschema:"default=3,minimum=1,description=failed checks in a row that take a server out"`
	Rise     int           `toml:"rise" json:"rise,omitempty" jsonschema:"default=2,minimum=1,description=good checks in a row that bring it back"`
	Path     string        `toml:"path" json:"path,omitempty" jsonschema:"default=/health,description=what is asked for"`
	Expect   string        `toml:"expect-status" json:"expect-status,omitempty" jsonschema:"default=200-299,description=of http: the statuses that are good\\, such as 200 or 200-399 or 200\\,204\\,300-399"`
	Body     string        `toml:"expect-body" json:"expect-body,omitempty" jsonschema:"description=of http: what the answer's content must say too: a regular expression (RE2) that matches somewhere in its first 16 KiB\\, so a plain word is to stand there; some servers answer 200 whatever is wrong\\, and say so in words (app.health-failure-status); if not given the content is not read"`
	Jitter   float64       `toml:"jitter" json:"jitter,omitempty" jsonschema:"default=0,minimum=0,maximum=1,description=by up to that share of the interval each check comes later\\, by chance\\, so that many checkers do not fall into step"`
	Schedule string        `toml:"schedule" json:"schedule,omitempty" jsonschema:"enum=start-to-start,enum=after-completion,default=start-to-start,description=whether the interval counts from the start of a check (Traefik; Caddy) or from its end (HAProxy; Envoy)"`
}

// WithDefaults fills in what was not given:
//
//   - Check http: the lab's app servers answer /health.
//   - Interval 2 s, Fall 3, Rise 2: HAProxy's.
//   - Timeout 1 s, as Kubernetes, or the interval when that is shorter: who needs
//     a second to say that it is well is not.
//   - Expect 200-299: what most expect; nginx Plus takes 3xx for good, too.
//   - Body none: a status is what most look at. HAProxy's "http-check expect rstring" and
//     nginx Plus' "match { body ~ }" are this one; HAProxy's "string", Azure's and
//     Cloudflare's are a word that must be there.
//   - Jitter none, as Envoy and nginx Plus: the first check of each server comes at a
//     phase of its own anyhow.
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
		c.Path = healthPath
	}
	if c.Expect == "" {
		c.Expect = "200-299"
	}
	if c.Schedule == "" {
		c.Schedule = StartToStart
	}
	return c
}

// Valid returns what is wrong with c, which has its defaults.
func (c Config) Valid() error {
	if !(c.Jitter >= 0 && c.Jitter <= 1) {
		return fmt.Errorf("health.jitter: %v is not in 0..1", c.Jitter)
	}
	if _, err := parseStatuses(c.Expect); err != nil {
		return fmt.Errorf("health.expect-status: %w", err)
	}
	if c.Body == "" {
		return nil
	}
	if _, err := regexp.Compile(c.Body); err != nil {
		return fmt.Errorf("health.expect-body: %w", err)
	}
	if !strings.HasPrefix(c.Path, healthPath) {
		return fmt.Errorf("health.expect-body: only what servers answer of their health says something in virtual time, too; ask for a path that begins with %s, not for %s", healthPath, c.Path)
	}
	return nil
}

// wordsLimit is how much of an answer's content is looked at, in bytes: HAProxy's
// buffer, which is all it sees (nginx Plus takes 256 KiB, Envoy 1 KiB).
const wordsLimit = 16 << 10

// words is the expression that an answer's content must match; nil when it is not
// read. c is valid.
func (c Config) words() *regexp.Regexp {
	if c.Body == "" {
		return nil
	}
	return regexp.MustCompile(c.Body)
}

// statuses are ranges of statuses, both ends included.
type statuses [][2]int

// parseStatuses reads "200-299, 301", as HAProxy's "http-check expect status".
func parseStatuses(text string) (all statuses, err error) {
	for part := range strings.SplitSeq(text, ",") {
		from, to, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			to = from
		}
		a, errA := strconv.Atoi(from)
		b, errB := strconv.Atoi(to)
		if errA != nil || errB != nil || a < 100 || b > 599 || a > b {
			return nil, fmt.Errorf("%q is no status and no range of them; 200 and 200-399 are", part)
		}
		all = append(all, [2]int{a, b})
	}
	return all, nil
}

func (s statuses) have(status int) bool {
	for _, r := range s {
		if status >= r[0] && status <= r[1] {
			return true
		}
	}
	return false
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

// Detection returns, without jitter, the shortest, mean and longest time from a failure at a
// uniformly random moment until the server is out, when a failing check takes
// failing (0 when refused, Timeout when it hangs) and a good one no time:
// with G = Gap(failing), (Fall-1)G+failing plus 0, Interval/2 or Interval.
func (c Config) Detection(failing time.Duration) (least, mean, most time.Duration) {
	least = time.Duration(c.Fall-1)*c.Gap(failing) + failing
	return least, least + c.Interval/2, least + c.Interval
}
