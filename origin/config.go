// What a scenario can say of an origin's nodes.
package origin

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"cdnlab/sim"
)

// What an app server does with more than it can carry.
const (
	OverloadReject = "reject"
	OverloadQueue  = "queue"
	OverloadCrash  = "crash"
)

// What a health check can ask.
const (
	HealthDatabase = "database"
	HealthQueue    = "queue"
	HealthStore    = "session-store"
	HealthNone     = "none"
)

// What a worker does for a request's service time.
const (
	WorkWait = "wait"
	WorkCPU  = "cpu"
)

// AppConfig describes an app server. Where zero means something, the field is
// a pointer and nil means the default.
type AppConfig struct {
	Workers int `toml:"workers" json:"workers,omitempty" jsonschema:"default=16,minimum=1,description=requests worked on at the same time"`
	ServiceConfig
	Work string `toml:"work" json:"work" jsonschema:"enum=wait,enum=cpu,default=wait,description=what a worker does for so long: wait as for something else or use a processor (cpu); in the live world that is a real one\\, which all workers and nodes of this machine share; in virtual time it is waiting too"`

	Overload         string    `toml:"overload" json:"overload" jsonschema:"enum=reject,enum=queue,enum=crash,default=reject,description=what happens to more than it can carry: reject answers 503 once the queue is full; queue lets everyone wait; crash lets the backlog fill the memory until the process dies"`
	Queue            *int      `toml:"queue" json:"queue,omitempty" jsonschema:"default=512,minimum=0,description=of reject: how many may wait for a worker"`
	BacklogLimit     int       `toml:"backlog-limit" json:"backlog-limit,omitempty" jsonschema:"default=200000,minimum=1,description=of queue and crash: how many may wait before even these get a 503"`
	MemoryPerRequest sim.Bytes `toml:"memory-per-request" json:"memory-per-request,omitempty" jsonschema:"default=1MB,description=of crash: what each waiting request holds"`
	MemoryLimit      sim.Bytes `toml:"memory-limit" json:"memory-limit,omitempty" jsonschema:"default=1GB,description=of crash: waiting requests holding more than this end the process with status 137"`

	QueueingConfig
	Limit      LimitConfig   `toml:"limit" json:"limit" jsonschema:"description=a limit on the requests at a time that the server finds for itself"`
	Shed       []Shed        `toml:"shed" json:"shed,omitempty" jsonschema:"description=what is refused before other requests are; the first that is about a request counts"`
	RetryAfter time.Duration `toml:"retry-after" json:"retry-after,omitempty" jsonschema:"default=0s,description=what a 503 says in Retry-After\\, in whole seconds: come again after so long; 0 says nothing"`

	WarmUp WarmUp `toml:"warm-up" json:"warm-up" jsonschema:"description=how slow a server is that has just been started"`

	RestartAfter time.Duration `toml:"restart-after" json:"restart-after,omitempty" jsonschema:"default=5s,description=how long after its own crash the server runs again"`

	HealthQueues    bool           `toml:"health-queues" json:"health-queues,omitempty" jsonschema:"default=false,description=whether GET /health waits for a worker like any request; a server that drowns then fails its checks"`
	HealthChecks    []string       `toml:"health-checks" json:"health-checks,omitempty" jsonschema:"description=what GET /health and GET /health/ready ask before they answer 200: database makes a query of the database\\, if there is one; session-store likewise of that; queue looks whether the server would take a request; none is shallow: 200 from every process that runs\\, as GET /health/live is always; if not given database"`
	HealthTimeout   time.Duration  `toml:"health-timeout" json:"health-timeout,omitempty" jsonschema:"default=500ms,description=how long GET /health waits for the database"`
	HealthStatus    int            `toml:"health-failure-status" json:"health-failure-status,omitempty" jsonschema:"default=503,minimum=200,maximum=599,description=what GET /health answers when what it asks fails; the content says \"failing: database\" (or queue or session-store) instead of \"ok\" in any case\\, so a server that answers 200 all the same is ill only to a check with expect-body"`
	Liveness        LivenessConfig `toml:"liveness" json:"liveness" jsonschema:"description=whether a supervisor restarts servers that do not answer"`
	DatabaseTimeout time.Duration  `toml:"database-timeout" json:"database-timeout,omitempty" jsonschema:"default=5s,description=how long a request waits for the database"`

	Sessions SessionsConfig `toml:"sessions" json:"sessions" jsonschema:"description=who has signed in"`
}

// WithDefaults fills in what was not given:
//
//   - Workers 16 and a mean of 20 ms: 800 requests per second, a small server
//     that a laptop can play.
//   - Work wait: a machine of a few cores plays many servers that have their own.
//   - Overload reject with a Queue of 512: a bounded queue is what a server
//     should have; 512 is nginx's listen backlog (511) rounded.
//   - BacklogLimit 200,000: more than the flash crowds of the scenarios pile up,
//     and little enough for the simulator's own memory.
//   - 1 MB per request and 1 GB: a thousand waiting requests kill it.
//   - RetryAfter 0: few servers say it, and fewer users heed it.
//   - RestartAfter 5 s: long enough to see each round of a crash loop in a table of seconds.
//   - HealthQueues false: a balancer should tell a busy server from a dead one,
//     or it takes a drowning fleet out one by one. Turn it on to see that.
//   - HealthChecks database: what most guides say, so that deep checks are seen to take
//     a fleet out; none is a cure.
//   - HealthTimeout 500 ms: shorter than the checker's second, so that the
//     answer is a clear 503.
//   - HealthStatus 503: Spring Boot's for DOWN and ASP.NET's for Unhealthy; both can be told
//     to answer 200, as many a home-made endpoint does.
//   - DatabaseTimeout 5 s: a hung database must give its workers back.
func (c AppConfig) WithDefaults() AppConfig {
	c.ServiceConfig = c.ServiceConfig.withDefaults(20*time.Millisecond, Exponential)
	c.Workers = orElse(c.Workers, 16)
	c.Work = orElse(c.Work, WorkWait)
	c.Overload = orElse(c.Overload, OverloadReject)
	if c.Queue == nil {
		c.Queue = new(512)
	}
	c.BacklogLimit = orElse(c.BacklogLimit, 200_000)
	c.MemoryPerRequest = orElse(c.MemoryPerRequest, sim.Bytes(1e6))
	c.MemoryLimit = orElse(c.MemoryLimit, sim.Bytes(1e9))
	c.RestartAfter = orElse(c.RestartAfter, 5*time.Second)
	if len(c.HealthChecks) == 0 {
		c.HealthChecks = []string{HealthDatabase}
	}
	c.Liveness = c.Liveness.WithDefaults()
	c.HealthTimeout = orElse(c.HealthTimeout, 500*time.Millisecond)
	c.HealthStatus = orElse(c.HealthStatus, http.StatusServiceUnavailable)
	c.DatabaseTimeout = orElse(c.DatabaseTimeout, 5*time.Second)
	c.QueueingConfig, c.Limit = c.QueueingConfig.WithDefaults(), c.Limit.withDefaults(c.ServiceTime)
	c.Shed = slices.Clone(c.Shed)
	for i := range c.Shed {
		c.Shed[i] = c.Shed[i].withDefaults()
	}
	c.WarmUp, c.Sessions = c.WarmUp.WithDefaults(), c.Sessions.WithDefaults()
	return c
}

// Validate returns everything that is wrong with c, which has its defaults.
func (c AppConfig) Validate() []error {
	errs := slices.Concat(c.ServiceConfig.validate(), c.QueueingConfig.validate(), c.Limit.validate(), c.WarmUp.validate(), c.Liveness.validate())
	for _, what := range c.HealthChecks {
		if !slices.Contains([]string{HealthDatabase, HealthStore, HealthQueue, HealthNone}, what) {
			errs = append(errs, fmt.Errorf("origin: app: unknown health check %q; known: database, session-store, queue, none", what))
		}
	}
	if slices.Contains(c.HealthChecks, HealthNone) && len(c.HealthChecks) > 1 {
		errs = append(errs, errors.New("origin: app: health-checks: none stands alone"))
	}
	for i, s := range c.Shed {
		if err := s.validate(i); err != nil {
			errs = append(errs, err)
		}
	}
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("origin: app: "+format, args...))
		}
	}
	check(c.Workers > 0, "workers %d must be positive", c.Workers)
	check(c.Work == WorkWait || c.Work == WorkCPU, "unknown work %q; known: wait, cpu", c.Work)
	check(c.Overload == OverloadReject || c.Overload == OverloadQueue || c.Overload == OverloadCrash,
		"unknown overload %q; known: reject, queue, crash", c.Overload)
	check(*c.Queue >= 0, "queue %d is negative", *c.Queue)
	check(c.BacklogLimit > 0, "backlog-limit %d must be positive", c.BacklogLimit)
	check(c.MemoryPerRequest > 0 && c.MemoryLimit > 0, "memory sizes must be positive")
	check(c.HealthTimeout > 0 && c.DatabaseTimeout > 0, "time-outs must be positive")
	check(c.HealthStatus >= 200 && c.HealthStatus <= 599, "health-failure-status %d is no final status: 200 to 599 are", c.HealthStatus)
	check(c.RetryAfter >= 0, "retry-after %v is negative", c.RetryAfter)
	check(c.Discipline != Sharing || c.Work != WorkCPU, "work cpu with discipline processor-sharing: real processors are shared already")
	check(c.Discipline != Sharing || c.CoDel.Target == 0, "codel with discipline processor-sharing: nobody waits")
	check(c.RestartAfter >= 0, "restart-after %v is negative", c.RestartAfter)
	return errs
}

// DatabaseConfig describes a database.
type DatabaseConfig struct {
	Workers int `toml:"workers" json:"workers,omitempty" jsonschema:"default=32,minimum=1,description=queries worked on at the same time"`
	ServiceConfig
	Queue *int `toml:"queue" json:"queue,omitempty" jsonschema:"default=1024,minimum=0,description=how many queries may wait; more are refused with a 503"`
}

// WithDefaults fills in what was not given: 32 workers at a mean of 2 ms carry
// 16,000 queries per second, so that a database is not the bottleneck unless a
// scenario wants it to be; 1,024 may wait, as many as a pooler lets in.
func (c DatabaseConfig) WithDefaults() DatabaseConfig {
	c.ServiceConfig = c.ServiceConfig.withDefaults(2*time.Millisecond, Exponential)
	c.Workers = orElse(c.Workers, 32)
	if c.Queue == nil {
		c.Queue = new(1024)
	}
	return c
}

// Validate returns everything that is wrong with c, which has its defaults.
func (c DatabaseConfig) Validate() []error {
	errs := c.ServiceConfig.validate()
	if c.Workers < 1 {
		errs = append(errs, fmt.Errorf("origin: database: workers %d must be positive", c.Workers))
	}
	if *c.Queue < 0 {
		errs = append(errs, fmt.Errorf("origin: database: queue %d is negative", *c.Queue))
	}
	return errs
}

// Route sends the paths that begin with a prefix to an upstream.
type Route struct {
	Prefix string `toml:"prefix" json:"prefix" jsonschema:"default=/,description=what the path begins with; the longest prefix wins"`
	To     string `toml:"to" json:"to" jsonschema:"description=the name of the pool that answers; must be given"`
	Host   string `toml:"host" json:"host,omitempty" jsonschema:"description=the Host to ask for; if not given the one the user asked for"`
}

// ProxyConfig describes a reverse proxy.
type ProxyConfig struct {
	Routes  []Route        `toml:"route" json:"route,omitempty" jsonschema:"description=where paths go; without any everything goes to the only pool"`
	Trusted []netip.Prefix `toml:"trusted" json:"trusted,omitempty" jsonschema:"description=networks of hops whose X-Forwarded-For and X-Forwarded-Proto are believed; if not given none"`
	Timeout time.Duration  `toml:"timeout" json:"timeout,omitempty" jsonschema:"default=0s,description=how long all tries of a request together may take until the header; 0 is as long as the pool behind allows"`
}

// WithDefaults fills in what was not given. Trusted stays empty: believing an
// X-Forwarded-For from anyone lets anyone choose the address that limits and
// logs see. Timeout stays 0, as nginx's proxy_next_upstream_timeout: the pool
// behind limits each try.
func (c ProxyConfig) WithDefaults() ProxyConfig { return c }

func orElse[T comparable](v, d T) T {
	var zero T
	if v == zero {
		return d
	}
	return v
}
