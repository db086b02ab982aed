// The stores of sessions: a signed cookie, the server's memory, another node.
package origin

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cdnlab/sim"
)

// ticket makes what nobody else can make: ids, and signatures. Its key is of
// the run's seed, so that all servers of a run have the same.
type ticket struct {
	mac  hash.Hash
	node string
	made uint64
}

func newTicket(env *sim.Env) *ticket {
	key := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("cdnlab session key "), env.Seed))
	return &ticket{mac: hmac.New(sha256.New, key[:]), node: env.Node}
}

// codeLength is that of a code in hexadecimal digits.
const codeLength = sha256.Size / 2 * 2

// sign returns the code of a text: HMAC-SHA256 cut to half its length, which
// RFC 2104 5 allows.
func (t *ticket) sign(text string) string {
	t.mac.Reset()
	t.mac.Write([]byte(text))
	return hex.EncodeToString(t.mac.Sum(nil)[:sha256.Size/2])
}

// id returns a session id that no other session of the run has.
func (t *ticket) id(now sim.Time, req *sim.Request) string {
	t.made++
	return t.sign(fmt.Sprintf("id %s %d %d %d %d", t.node, now, t.made, req.ID, req.Client))
}

// cookieStore keeps nothing: the cookie is the session. Its text is the user,
// the items in the cart and when it was set, in milliseconds, and its code.
type cookieStore struct {
	*ticket
	idle time.Duration
}

func (c *cookieStore) write(now sim.Time, client uint64, items int) string {
	text := fmt.Sprintf("%d.%d.%d", client, items, time.Duration(now).Milliseconds())
	return text + "." + c.sign(text)
}

// read returns what a cookie says, if it is one of ours and not too old. The
// codes are compared in constant time: how long it takes tells nothing of the
// right one.
func (c *cookieStore) read(now sim.Time, cookie string) (client uint64, items int, ok bool) {
	at := strings.LastIndexByte(cookie, '.')
	if at < 0 || len(cookie) > maxCookie || !hmac.Equal([]byte(cookie[at+1:]), []byte(c.sign(cookie[:at]))) {
		return 0, 0, false
	}
	who, rest, _ := strings.Cut(cookie[:at], ".")
	cart, set, _ := strings.Cut(rest, ".")
	client, err := strconv.ParseUint(who, 10, 64)
	items, err2 := strconv.Atoi(cart)
	ms, err3 := strconv.ParseInt(set, 10, 64)
	if err != nil || err2 != nil || err3 != nil {
		return 0, 0, false
	}
	return client, items, time.Duration(now)-time.Duration(ms)*time.Millisecond <= c.idle
}

// maxCookie bounds what is looked at: three numbers and a code are shorter.
const maxCookie = 128

func (c *cookieStore) create(now sim.Time, req *sim.Request, done func(found)) {
	done(found{known: true, cookie: c.write(now, req.Client, 0)})
}

func (c *cookieStore) use(now sim.Time, _ *sim.Request, cookie string, add bool, done func(found)) {
	client, items, ok := c.read(now, cookie)
	f := found{known: ok, items: items}
	if ok && add {
		f.items++
		f.cookie = c.write(now, client, f.items)
	}
	done(f)
}

// session is what a store keeps of one, under its id.
type session struct{ items int } // in the cart

// sessionTable keeps sessions: as many as there is room for, the least recently used first to go.
type sessionTable = *sim.Recent[string, session]

func newSessionTable(c SessionsConfig) sessionTable {
	return sim.NewRecent[string, session](c.Limit, c.Idle)
}

// add makes a session, and counts who makes room for it.
func add(t sessionTable, now sim.Time, id string, evicted *sim.Counter) *session {
	before := t.Evicted
	s := t.Add(now, id, session{})
	evicted.Add(t.Evicted - before)
	return s
}

// memoryStore is the server's memory: nobody else's, and gone with it.
type memoryStore struct {
	*ticket
	table   sessionTable
	evicted *sim.Counter
}

func (m *memoryStore) create(now sim.Time, req *sim.Request, done func(found)) {
	id := m.id(now, req)
	add(m.table, now, id, m.evicted)
	done(found{known: true, cookie: id})
}

func (m *memoryStore) use(now sim.Time, _ *sim.Request, cookie string, add bool, done func(found)) {
	s := m.table.Use(now, cookie)
	if s == nil {
		done(found{})
		return
	}
	if add {
		s.items++
	}
	done(found{known: true, items: s.items})
}

// sharedStore asks another node, which all servers share and which survives them: the
// database, or a store of sessions alone.
type sharedStore struct {
	*ticket
	env   *sim.Env
	node  sim.Handler
	limit time.Duration // of a query
}

// sessionsPath is where such a node keeps sessions: PUT makes one, GET looks
// one up, POST adds an item. No page of a catalog is there.
const sessionsPath = "/.sessions/"

func (d *sharedStore) create(now sim.Time, req *sim.Request, done func(found)) {
	id := d.id(now, req)
	d.ask(http.MethodPut, req, id, func(f found) {
		f.cookie = id
		done(f)
	})
}

func (d *sharedStore) use(_ sim.Time, req *sim.Request, cookie string, add bool, done func(found)) {
	if !isID(cookie) { // none of ours, and no text for a path
		done(found{})
		return
	}
	method := http.MethodGet
	if add {
		method = http.MethodPost
	}
	d.ask(method, req, cookie, done)
}

// isID reports whether a text could be one of id's.
func isID(text string) bool {
	_, err := hex.DecodeString(text)
	return err == nil && len(text) == codeLength
}

func (d *sharedStore) ask(method string, req *sim.Request, id string, done func(found)) {
	q := query(req)
	q.Method, q.Path = method, sessionsPath+id
	askWithin(d.env, d.node, q, d.limit, func(rows *sim.Response) {
		items, _ := strconv.Atoi(rows.Header.Get(cartItems)) // none is 0
		done(found{known: rows.Status == http.StatusOK, items: items, rows: rows})
	})
}

// sessionLuck decides how long a query for a session takes: not as long as the
// other query of the same request.
var sessionLuck = sim.NewLuck("database session query time")

// KeepSessions says how many sessions the database keeps, and for how long.
// Those that it has stay.
func (d *Database) KeepSessions(c SessionsConfig) {
	c = c.WithDefaults()
	d.sessions.Change(c.Limit, c.Idle)
}

// session answers a query for a session.
func (d *Database) session(now sim.Time, req *sim.Request) *sim.Response {
	var s *session
	id := strings.TrimPrefix(req.Path, sessionsPath)
	if req.Method == http.MethodPut {
		s = add(d.sessions, now, id, d.evicted)
	} else {
		s = d.sessions.Use(now, id)
	}
	if s == nil {
		return sim.Answer(http.StatusNotFound, noStore, 0)
	}
	if req.Method == http.MethodPost {
		s.items++
	}
	return sim.Answer(http.StatusOK, http.Header{cartItems: {strconv.Itoa(s.items)}}, 0)
}
