// sessionTable: sessions by their ids, the least recently used first to go.
package origin

import (
	"time"

	"cdnlab/sim"
)

// session is one user's.
type session struct {
	id           string
	client       uint64
	items        int      // in the cart
	used         sim.Time // for the last time
	older, newer *session
}

// sessionTable keeps at most limit sessions, none longer than idle after its
// last use.
type sessionTable struct {
	limit          int
	idle           time.Duration
	by             map[string]*session
	oldest, newest *session
}

func newSessionTable(c SessionsConfig) *sessionTable {
	return &sessionTable{limit: c.Limit, idle: c.Idle, by: map[string]*session{}}
}

// add makes a session of a new id.
func (t *sessionTable) add(now sim.Time, id string, client uint64) *session {
	t.drop(t.by[id])
	for t.oldest != nil && (len(t.by) >= t.limit || t.expired(now, t.oldest)) {
		t.drop(t.oldest)
	}
	s := &session{id: id, client: client, used: now}
	t.by[id] = s
	t.link(s)
	return s
}

// use returns the session of an id, nil when it is unknown or too old.
func (t *sessionTable) use(now sim.Time, id string) *session {
	s := t.by[id]
	if s == nil {
		return nil
	}
	if t.expired(now, s) {
		t.drop(s)
		return nil
	}
	t.unlink(s)
	s.used = now
	t.link(s)
	return s
}

func (t *sessionTable) expired(now sim.Time, s *session) bool { return now.Sub(s.used) > t.idle }

func (t *sessionTable) drop(s *session) {
	if s != nil {
		t.unlink(s)
		delete(t.by, s.id)
	}
}

// link puts a session at the end of those most recently used.
func (t *sessionTable) link(s *session) {
	s.older, s.newer = t.newest, nil
	if t.newest != nil {
		t.newest.newer = s
	} else {
		t.oldest = s
	}
	t.newest = s
}

func (t *sessionTable) unlink(s *session) {
	if s.older != nil {
		s.older.newer = s.newer
	} else {
		t.oldest = s.newer
	}
	if s.newer != nil {
		s.newer.older = s.older
	} else {
		t.newest = s.older
	}
}
