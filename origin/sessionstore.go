// SessionStore: a node that keeps the sessions of all app servers, as Redis does.
package origin

import (
	"errors"
	"fmt"
	"time"

	"cdnlab/sim"
)

// SessionStoreConfig describes a session store.
type SessionStoreConfig struct {
	Workers int `toml:"workers" json:"workers,omitempty" jsonschema:"default=1,minimum=1,description=commands worked on at the same time"`
	ServiceConfig
	Queue *int `toml:"queue" json:"queue,omitempty" jsonschema:"default=10000,minimum=0,description=how many commands may wait; more are refused with a 503"`
}

// WithDefaults fills in what was not given. Workers 1: Redis works on one command at a time.
// ServiceTime 20 us, so 50,000 commands per second: half of what redis-benchmark shows on one core
// with 3 bytes and no pipelining, as sessions are larger. Queue 10,000: Redis's maxclients,
// each of whom waits for one answer.
func (c SessionStoreConfig) WithDefaults() SessionStoreConfig {
	c.ServiceConfig = c.ServiceConfig.withDefaults(20*time.Microsecond, Exponential)
	c.Workers = orElse(c.Workers, 1)
	if c.Queue == nil {
		c.Queue = new(10_000)
	}
	return c
}

// Validate returns everything that is wrong with c, which has its defaults.
func (c SessionStoreConfig) Validate() []error {
	errs := c.ServiceConfig.validate()
	if c.Workers < 1 {
		errs = append(errs, fmt.Errorf("origin: session-store: workers %d must be positive", c.Workers))
	}
	if *c.Queue < 0 {
		errs = append(errs, fmt.Errorf("origin: session-store: queue %d is negative", *c.Queue))
	}
	return errs
}

// SessionStore keeps sessions in its memory: as many as there is room for, of which the least
// recently used make room. Every app server knows them, no crash of one loses them, and its own
// loses them all. It works as a database does that has nothing else to keep.
type SessionStore struct{ *Database }

var _ sim.Handler = (*SessionStore)(nil)

// NewSessionStore returns a SessionStore of sessions as c says.
func NewSessionStore(env *sim.Env, cfg SessionStoreConfig, c SessionsConfig) (*SessionStore, error) {
	cfg = cfg.WithDefaults()
	if err := errors.Join(cfg.Validate()...); err != nil {
		return nil, err
	}
	s := &SessionStore{newDatabase(env, DatabaseConfig(cfg), sim.HopStore)}
	s.KeepSessions(c)
	return s, nil
}

// Change makes the SessionStore one of another SessionStoreConfig, as App.Change does. Sessions stay.
func (s *SessionStore) Change(cfg SessionStoreConfig) error {
	cfg = cfg.WithDefaults()
	if err := errors.Join(cfg.Validate()...); err != nil {
		return err
	}
	return s.Database.Change(DatabaseConfig(cfg))
}
