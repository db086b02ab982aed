// What a scenario can say of a policy and of a pool.
package balance

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"cdnlab/origin/health"
)

// Config says which policy and its options.
type Config struct {
	Algorithm string `toml:"algorithm" json:"algorithm" jsonschema:"default=round-robin,description=how a server is picked"`
	Ties      string `toml:"ties" json:"ties" jsonschema:"enum=smooth,enum=oldest,enum=random,enum=first,default=smooth,description=of least-connections: who is picked among equally loaded servers; smooth is nginx's; oldest (not picked for the longest time) is HAProxy's; random is Caddy's"`

	Choices  int    `toml:"choices" json:"choices" jsonschema:"default=2,minimum=1,maximum=32,description=of p2c\\, peak-ewma\\, least-request and subset: how many servers are drawn\\, of which the best is picked"`
	Sampling string `toml:"sampling" json:"sampling" jsonschema:"enum=distinct,enum=replacement,default=distinct,description=of p2c and peak-ewma: whether one server can be drawn twice; distinct is nginx's and Finagle's\\, replacement HAProxy's\\, Envoy's and gRPC's"`

	Average string        `toml:"average" json:"average" jsonschema:"enum=peak,enum=mean,default=peak,description=of peak-ewma: whether the average jumps up to any larger latency; peak is Finagle's and linkerd's\\, mean Envoy's"`
	Decay   time.Duration `toml:"decay" json:"decay" jsonschema:"default=10s,description=of peak-ewma: after that long a latency counts for 1/e of what it did"`

	Bias *float64 `toml:"active-request-bias" json:"active-request-bias,omitempty" jsonschema:"default=1,minimum=0,description=of least-request with unequal weights: a server's weight is divided by (requests in flight + 1) to that power; 0 is by weight alone"`

	Hashing
	Subsetting
	Probing
}

// check returns what is wrong with the options; c has its defaults.
func (c Config) check() error {
	for _, word := range []struct {
		key, is string
		known   []string
	}{{"ties", c.Ties, Ties()}, {"sampling", c.Sampling, Samplings()}, {"average", c.Average, Averages()}} {
		if !slices.Contains(word.known, word.is) {
			return fmt.Errorf("balance: unknown %s %q; known: %v", word.key, word.is, word.known)
		}
	}
	switch {
	case c.Choices < 1 || c.Choices > maxChoices:
		return fmt.Errorf("balance: choices %d is not in 1..%d", c.Choices, maxChoices)
	case c.Decay < 0:
		return errors.New("balance: decay must not be negative")
	case !(*c.Bias >= 0): // nor NaN
		return errors.New("balance: active-request-bias must not be negative")
	}
	return errors.Join(c.Hashing.check(), c.Subsetting.check(), c.Probing.check())
}

// The averages of peak-ewma.
const (
	AveragePeak = "peak"
	AverageMean = "mean"
)

// Averages lists them.
func Averages() []string { return []string{AveragePeak, AverageMean} }

// The ways to break a tie of least-connections.
const (
	TiesSmooth = "smooth"
	TiesOldest = "oldest"
	TiesRandom = "random"
	TiesFirst  = "first"
)

// Ties lists the ways to break a tie.
func Ties() []string { return []string{TiesSmooth, TiesOldest, TiesRandom, TiesFirst} }

// WithDefaults fills in what was not given. Algorithm: round-robin, what people
// start with and everything else is compared against. Ties: smooth, because
// nginx has the most users. Choices: 2, after which each more brings little. Sampling:
// distinct, as two draws of one server are one choice. Average, Decay: Finagle's.
// Bias: Envoy's.
func (c Config) WithDefaults() Config {
	if c.Algorithm == "" {
		c.Algorithm = "round-robin"
	}
	if c.Ties == "" {
		c.Ties = TiesSmooth
	}
	if c.Choices == 0 {
		c.Choices = 2
	}
	if c.Sampling == "" {
		c.Sampling = SamplingDistinct
	}
	if c.Average == "" {
		c.Average = AveragePeak
	}
	if c.Decay == 0 {
		c.Decay = 10 * time.Second
	}
	c.Bias = orElse(c.Bias, 1)
	c.Hashing, c.Subsetting, c.Probing = c.Hashing.WithDefaults(), c.Subsetting.WithDefaults(), c.Probing.WithDefaults()
	return c
}

// PoolConfig says how a Pool balances and fails over. Where zero means
// something, the field is a pointer and nil means the default.
type PoolConfig struct {
	Config

	Retries      *int     `toml:"retries" json:"retries,omitempty" jsonschema:"default=1,minimum=0,maximum=16,description=how often a failed request is tried again if its method is safe or no server got it; each time on a server not tried before; an HTTP answer has failed only if retry-on lists its status"`
	RetryOn      []int    `toml:"retry-on" json:"retry-on,omitempty" jsonschema:"description=statuses that count as a failed try like a broken connection does; for example [502\\, 503\\, 504]; if not given none"`
	HeedRetry    bool     `toml:"heed-retry-after" json:"heed-retry-after,omitempty" jsonschema:"default=false,description=whether an answer with Retry-After is passed on to the user\\, and not tried again elsewhere although retry-on lists its status; nginx and Envoy try again all the same"`
	RetryBudget  *float64 `toml:"retry-budget" json:"retry-budget,omitempty" jsonschema:"default=0.2,minimum=0,description=retries allowed as a share of the requests of the last ten seconds"`
	RetryMinimum *int     `toml:"retry-minimum" json:"retry-minimum,omitempty" jsonschema:"default=10,minimum=0,description=retries per second allowed on top of the budget"`

	RetryBackoff    time.Duration `toml:"retry-backoff" json:"retry-backoff,omitempty" jsonschema:"default=0s,minimum=0s,description=the longest wait before the first retry; before each further one it is twice as long; the real wait is anywhere between nothing and that (full jitter); 0 is none"`
	RetryBackoffMax time.Duration `toml:"retry-backoff-max" json:"retry-backoff-max,omitempty" jsonschema:"description=the longest wait before any retry; if not given ten times retry-backoff"`

	Hedge Hedge `toml:"hedge" json:"hedge" jsonschema:"description=a second try beside a slow first one"`

	PerTryTimeout time.Duration `toml:"per-try-timeout" json:"per-try-timeout,omitempty" jsonschema:"default=60s,description=how long one try may take until the header of its answer"`

	Queue        int           `toml:"queue" json:"queue,omitempty" jsonschema:"default=0,minimum=0,maximum=1000000,description=requests that may wait in a pool while all its servers are full (max-connections of [[server]]\\, limits.connections)\\, first come first served; more get 503"`
	QueueTimeout time.Duration `toml:"queue-timeout" json:"queue-timeout,omitempty" jsonschema:"default=5s,description=how long one may wait so\\, then it gets 503"`
	Limits       Limits        `toml:"limits" json:"limits" jsonschema:"description=what a pool has under way at the most"`

	MaxFails    *int          `toml:"max-fails" json:"max-fails,omitempty" jsonschema:"default=3,minimum=0,description=failed tries in a row that take a server out of rotation; 0 never does; an HTTP answer has failed only if retry-on lists its status"`
	FailTimeout time.Duration `toml:"fail-timeout" json:"fail-timeout,omitempty" jsonschema:"default=10s,description=how long a server stays out after max-fails or failure-ratio; then trial-requests try it"`

	FailureRatio   float64       `toml:"failure-ratio" json:"failure-ratio,omitempty" jsonschema:"default=0,minimum=0,maximum=1,description=share of failed tries among those of failure-window that takes a server out of rotation; 0 never does; what has failed is as in max-fails"`
	FailureWindow  time.Duration `toml:"failure-window" json:"failure-window,omitempty" jsonschema:"default=10s,description=of failure-ratio: the time looked at"`
	FailureMinimum int           `toml:"failure-minimum" json:"failure-minimum,omitempty" jsonschema:"default=20,minimum=1,description=of failure-ratio: with fewer tries in the window nothing is concluded"`
	TrialRequests  int           `toml:"trial-requests" json:"trial-requests,omitempty" jsonschema:"default=1,minimum=1,maximum=1000,description=requests that may try a server that was out so; when all are answered it is back\\, when one fails it is out again"`

	Breaker Breaker `toml:"breaker" json:"breaker" jsonschema:"description=when nobody is asked any more as most requests fail whichever server they go to"`

	DrainTimeout time.Duration `toml:"drain-timeout" json:"drain-timeout,omitempty" jsonschema:"default=0s,minimum=0s,description=how long a server that is drained or leaves the pool may take to finish what it has; then the requests still open there are cut: one whose answer has not begun is tried elsewhere as if its connection broke; 0 is as long as they take"`

	Sticky StickyConfig `toml:"sticky" json:"sticky" jsonschema:"description=how requests of one user stay with one server"`

	SpillOver float64 `toml:"spill-over" json:"spill-over,omitempty" jsonschema:"default=0,minimum=0,description=of servers with priorities: 0 asks those of a lower one when all of a higher one are out (active and passive); else a priority takes all requests while the share of its servers in rotation times this is at least 1\\, and what it cannot take spills over; 1.4 is Envoy's"`

	Panic float64 `toml:"panic-threshold" json:"panic-threshold,omitempty" jsonschema:"default=0,minimum=0,maximum=1,description=when less than that share of the servers is in rotation\\, requests go to all of them\\, for what is left would drown; 0.5 is Envoy's; a share smaller than one server (0.001) is fail-open\\, as AWS' ALB: all of them when none is left; 0 is never\\, as in nginx and HAProxy"`

	SlowStart health.SlowStart     `toml:"slow-start" json:"slow-start" jsonschema:"description=how a server that comes back gets its weight again"`
	Outlier   health.OutlierConfig `toml:"outlier" json:"outlier" jsonschema:"description=who is ejected for doing worse than the others"`

	LoadReports ReportsConfig `toml:"load-reports" json:"load-reports,omitzero" jsonschema:"description=of algorithms that compare requests in flight (least-connections\\, p2c\\, least-request\\, subset): whether they go by what servers say instead of by what this balancer has under way"`

	Zones ZoneConfig `toml:"zone-aware" json:"zone-aware,omitzero" jsonschema:"description=whether the zones of a place count when a server is picked"`

	Health health.Config `toml:"health" json:"health" jsonschema:"description=how the balancer asks its servers for their health"`
}

// WithDefaults fills in what was not given:
//
//   - Retries 1: with one dead server of n, one retry on another server leaves
//     no error at all (C(1,2) = 0); each further one only multiplies the load
//     of a bad day.
//   - RetryOn none, as nginx (error timeout) and HAProxy: an answer of 503 comes
//     from a server that lives; asking the next one carries an overload around.
//   - HeedRetry false, as nginx and Envoy: one server's "later" is not all servers'.
//   - RetryBudget 0.2 and RetryMinimum 10: Finagle's and Linkerd's; a total
//     outage then costs 1.2 times the load instead of 1 + Retries.
//   - RetryBackoff none, as nginx and HAProxy between two servers: the other one is
//     not the one that is overloaded. RetryBackoffMax ten times that: Envoy's.
//   - Queue none: as in nginx without Plus, who finds all servers full gets 503. A
//     queue hides that for as long as it holds. QueueTimeout 5 s: the "timeout
//     connect" of HAProxy's examples, which is its default for that.
//   - Limits none, as most balancers; Envoy's are too small to teach anything unasked.
//   - PerTryTimeout 60 s: nginx's proxy_read_timeout. Short limits hide how long
//     a drowning server really makes people wait; scenarios about them set one.
//   - MaxFails 3: between nginx (1) and Envoy (5). One lost connection must not
//     cost a third of a small fleet.
//   - FailTimeout 10 s: nginx's.
//   - DrainTimeout none, as HAProxy, and nginx without worker_shutdown_timeout: a
//     deadline breaks what it meets, and is there for connections that never end.
//   - FailureRatio none, as its users choose it; FailureWindow 10 s, FailureMinimum 20
//     and TrialRequests 1: Hystrix's.
//   - Panic, SlowStart, Outlier off: most balancers have none of them unasked, and what
//     they do is seen by switching them on.
func (c PoolConfig) WithDefaults() PoolConfig {
	c.Config, c.Sticky = c.Config.WithDefaults(), c.Sticky.WithDefaults()
	c.Health, c.SlowStart, c.Outlier = c.Health.WithDefaults(), c.SlowStart.WithDefaults(), c.Outlier.WithDefaults()
	c.Zones = c.Zones.WithDefaults()
	c.Retries = orElse(c.Retries, 1)
	c.RetryBudget = orElse(c.RetryBudget, 0.2)
	c.RetryMinimum = orElse(c.RetryMinimum, 10)
	c.MaxFails = orElse(c.MaxFails, 3)
	c.Hedge = c.Hedge.WithDefaults()
	if c.RetryBackoffMax == 0 {
		c.RetryBackoffMax = 10 * c.RetryBackoff
	}
	if c.QueueTimeout == 0 {
		c.QueueTimeout = 5 * time.Second
	}
	if c.FailureWindow == 0 {
		c.FailureWindow = 10 * time.Second
	}
	if c.FailureMinimum == 0 {
		c.FailureMinimum = 20
	}
	if c.TrialRequests == 0 {
		c.TrialRequests = 1
	}
	c.Breaker = c.Breaker.WithDefaults()
	if c.PerTryTimeout == 0 {
		c.PerTryTimeout = 60 * time.Second
	}
	if c.FailTimeout == 0 {
		c.FailTimeout = 10 * time.Second
	}
	return c
}

// Check returns what is wrong with a PoolConfig beyond the range of one key, every mistake of
// it.
func (c PoolConfig) Check() (bad []error) {
	if every := c.LoadReports.Interval; every > 0 && every < time.Millisecond {
		bad = append(bad, fmt.Errorf("load-reports.interval: must be 0s or at least 1ms, not %v", every))
	}
	for _, err := range []error{c.Outlier.Check(), c.SlowStart.Check(), c.Hedge.Check(), c.Health.Valid()} {
		if err != nil {
			bad = append(bad, err)
		}
	}
	return append(bad, c.Sticky.Check()...)
}

// strikes is how requests take a server out of rotation.
func (c PoolConfig) strikes() health.StrikesConfig {
	return health.StrikesConfig{Max: *c.MaxFails, Out: c.FailTimeout, Ratio: c.FailureRatio, Window: c.FailureWindow,
		Least: c.FailureMinimum, Trials: c.TrialRequests}
}

func orElse[T any](v *T, d T) *T {
	if v != nil {
		return v
	}
	return &d
}
