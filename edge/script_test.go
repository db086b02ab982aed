// Node scripts: what happens to a PoP, as text, and what it does, as text.
package edge

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.script")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".script"), func(t *testing.T) { runScript(t, file) })
	}
}

func runScript(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := newScript(t)
	for line := range strings.Lines(string(text)) {
		s.line(strings.TrimSpace(line))
	}
	s.engine.Run(sim.Time(time.Hour))
	s.finish()
	golden := strings.TrimSuffix(file, ".script") + ".golden"
	if *update {
		if err := os.WriteFile(golden, s.out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, s.out.Bytes()) {
		t.Errorf("%s differs; got:\n%s\nwant:\n%s", golden, s.out.Bytes(), want)
	}
}

// script is a PoP between users and an origin, all told by lines:
//
//	config coalesce=off max-waiters=2     before anything else
//	rule path=*.js ttl=1h status-ttl=404:10s,5xx:1s  likewise
//	[at 5s] origin /a 200 size=10 delay=50ms body=1s ranges=true | Cache-Control: max-age=10
//	at 1s alice GET /a | Accept: x          a user asks
//	at 2s cancel alice                      ... and leaves
//	at 2s takes slow-bob 100                slow ones take as much as they are told to
//	at 3s purge /a | Surrogate-Key: x       as ReadPurge reads it
//	at 4s change cache-size=100             as config, while it runs
//	at 5s lab PURGE /a                      lab is whoever runs it
//	config shields=near,far                 it has shields before the origin
//	[at 5s] near /a 200 size=10             as origin
//	[at 5s] near down                       it refuses, until it is up
type script struct {
	t        *testing.T
	engine   *sim.Engine
	env      *sim.Env
	cfg      Config
	pop      *PoP
	origin   origin
	shields  []*origin
	parents  *Parents
	failover Failover
	scopes   map[string]*sim.Scope
	bodies   map[string]sim.Body
	open     int // requests not answered yet
	out      bytes.Buffer
}

func newScript(t *testing.T) *script {
	s := &script{t: t, engine: sim.NewEngine(), scopes: map[string]*sim.Scope{}, bodies: map[string]sim.Body{}}
	s.env = sim.NewEnv(s.engine, "pop", 1, nil)
	s.env.Reuses = true
	s.origin = origin{name: "origin", env: s.env, paths: map[string]page{}, say: s.say}
	return s
}

// parent is what the PoP asks: the origin, or its shields before that.
func (s *script) parent() sim.Handler {
	if len(s.shields) == 0 {
		return &s.origin
	}
	var all []Parent
	for _, o := range s.shields {
		all = append(all, Parent{o.name, o})
	}
	var err error
	if s.parents, err = NewParents(s.env, s.failover, append(all, Parent{"origin", &s.origin})...); err != nil {
		s.t.Fatal(err)
	}
	return s.parents
}

func (s *script) say(format string, args ...any) {
	fmt.Fprintf(&s.out, "%8v  %s\n", s.engine.Now(), fmt.Sprintf(format, args...))
}

func (s *script) line(line string) {
	if line == "" || line[0] == '#' {
		fmt.Fprintln(&s.out, line)
		return
	}
	words := strings.Fields(line)
	if words[0] == "rule" {
		s.cfg.Rules = append(s.cfg.Rules, s.rule(words[1:]))
		return
	}
	if words[0] == "config" {
		s.config(words[1:])
		return
	}
	if s.pop == nil {
		s.pop = New(s.env, s.cfg, s.parent())
	}
	if words[0] != "at" {
		s.do(line)
		return
	}
	at, err := time.ParseDuration(words[1])
	if err != nil {
		s.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(line, words[1])
	s.engine.At(sim.Time(at), func() { s.do(strings.TrimSpace(rest)) })
}

func (s *script) config(words []string) {
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		d, _ := time.ParseDuration(value)
		n, _ := strconv.Atoi(value)
		switch key {
		case "coalesce":
			s.cfg.Coalesce = value
		case "grace":
			s.cfg.Grace = &d
		case "cache":
			s.cfg.Cache = new(value == "true")
		case "max-waiters":
			s.cfg.MaxWaiters = n
		case "cache-size":
			s.cfg.CacheSize = sim.Bytes(n)
		case "parent-timeout":
			s.cfg.ParentTimeout = d
		case "wait-limit":
			s.cfg.WaitLimit = d
		case "hit-time":
			s.cfg.HitTime = d
		case "max-object":
			s.cfg.MaxObject = sim.Bytes(n)
		case "early-refresh":
			s.cfg.EarlyRefresh = float64(n)
		case "obey-requests":
			s.cfg.ObeyRequests = value == "true"
		case "background-fill":
			s.cfg.BackgroundFill = new(sim.Bytes(n))
		case "admission":
			s.cfg.Admission = value
		case "admission-size":
			s.cfg.AdmissionSize = sim.Bytes(n)
		case "slice":
			s.cfg.Slice = sim.Bytes(n)
		case "slice-ahead":
			s.cfg.SliceAhead = new(n)
		case "status-key":
			s.cfg.StatusKey = value == "true"
		case "vary":
			s.cfg.Vary = value
		case "default-ttl":
			s.cfg.DefaultTTL = d
		default:
			s.configShields(w, key, value)
		}
	}
}

func (s *script) configShields(word, key, value string) {
	d, _ := time.ParseDuration(value)
	switch key {
	case "shields":
		for name := range strings.SplitSeq(value, ",") {
			s.shields = append(s.shields, &origin{name: name, env: s.env, paths: map[string]page{}, say: s.say})
		}
	case "max-fails":
		s.failover.MaxFails, _ = strconv.Atoi(value)
	case "fail-timeout":
		s.failover.FailTimeout = d
	case "failover-timeout":
		s.failover.Timeout = d
	default:
		s.t.Fatalf("config %q", word)
	}
}

// rule reads a rule. Its words have no blanks: _ stands for them.
func (s *script) rule(words []string) (r Rule) {
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		d, _ := time.ParseDuration(value)
		texts := map[string]*string{"name": &r.Name, "path": &r.Path, "host": &r.Host, "method": &r.Method, "cookie": &r.Cookie, "header": &r.Header,
			"cache": &r.Cache, "query": &r.Query, "cookies": &r.Cookies, "default-text": &r.DefaultText}
		times := map[string]**time.Duration{"ttl": &r.TTL, "browser-ttl": &r.BrowserTTL, "grace": &r.Grace, "stale-if-error": &r.StaleIfError}
		lists := map[string]*[]string{"query-only": &r.QueryOnly, "query-without": &r.QueryWithout, "key-cookies": &r.KeyCookies, "key-headers": &r.KeyHeaders}
		switch {
		case texts[key] != nil:
			*texts[key] = strings.ReplaceAll(value, "_", " ")
		case times[key] != nil:
			*times[key] = &d
		case lists[key] != nil:
			*lists[key] = strings.Split(value, ",")
		case key == "default-status":
			r.DefaultStatus, _ = strconv.Atoi(value)
		case key == "deception-armor":
			r.DeceptionArmor = new(value == "true")
		case key == "status-ttl":
			r.StatusTTL = map[string]time.Duration{}
			for pair := range strings.SplitSeq(value, ",") {
				status, ttl, _ := strings.Cut(pair, ":")
				r.StatusTTL[status], _ = time.ParseDuration(ttl)
			}
		default:
			s.t.Fatalf("rule %q", w)
		}
	}
	return r
}

func (s *script) do(line string) {
	head, fields, _ := strings.Cut(line, " | ")
	words := strings.Fields(head)
	h := http.Header{}
	for f := range strings.SplitSeq(fields, " | ") {
		if name, value, ok := strings.Cut(f, ": "); ok {
			h.Add(name, value)
		}
	}
	if i := slices.IndexFunc(s.shields, func(o *origin) bool { return o.name == words[0] }); i >= 0 {
		s.shields[i].be(words[1:], h)
		return
	}
	switch words[0] {
	case "origin":
		s.origin.set(words[1:], h)
	case "purge":
		req := &sim.Request{Scheme: "https", Host: "Example.com", Path: words[1], Header: h}
		x := ReadPurge(req)
		s.say("purge %s: %d", x.Says, s.pop.Forget(x))
	case "change":
		s.config(words[1:])
		s.pop.Change(s.cfg)
		if s.parents != nil {
			if err := s.parents.Change(s.failover); err != nil {
				s.t.Fatal(err)
			}
		}
		s.say("%s", head)
	case "cancel":
		s.say("%s leaves", words[1])
		s.scopes[words[1]].Cancel(sim.Cancelled)
		abandon(s.bodies[words[1]], sim.Cancelled)
	case "takes":
		n, _ := strconv.ParseInt(words[2], 10, 64)
		s.say("%s has taken %d", words[1], n)
		s.bodies[words[1]].(sim.Taken).Take(n)
	default:
		s.ask(words[0], words[1], words[2], h)
	}
}

func (s *script) ask(user, method, path string, h http.Header) {
	scope := &sim.Scope{}
	s.scopes[user] = scope
	req := &sim.Request{ID: uint64(len(s.scopes)), Method: method, Scheme: "https", Host: "Example.com", Path: path,
		Header: h, Scope: scope, Addr: netip.MustParseAddr("127.1.0.1"), Control: user == "lab"}
	s.open++
	answered := false
	s.pop.Serve(req, func(r *sim.Response) {
		if answered {
			s.t.Errorf("%s answered twice", user)
		}
		answered = true
		s.open--
		s.say("%s: %s", user, tell(r))
		if r.Body != nil {
			s.bodies[user] = r.Body
			if taken, ok := r.Body.(sim.Taken); ok && !strings.HasPrefix(user, "slow") {
				taken.Take(r.Size)
			}
			r.Body.OnEnd(func(c sim.Cause, n int64) { s.say("%s: end %v, %d bytes", user, c, n) })
		}
	})
}

func (s *script) finish() {
	if s.open != 0 || s.pop.flights.Len() != 0 || s.origin.open != 0 {
		s.t.Errorf("left: %d requests, %d flights, %d at the origin", s.open, s.pop.flights.Len(), s.origin.open)
	}
	for _, c := range s.env.Counters() {
		if c.N > 0 {
			fmt.Fprintf(&s.out, "%s %d\n", c.Name, c.N)
		}
	}
}

// tell puts an answer into words.
func tell(r *sim.Response) string {
	if r.Status == 0 {
		return "no answer, " + r.Cause.String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d", r.Status)
	if m := r.Via.Last(sim.HopCache); m != nil {
		b.WriteString(" " + tellMark(m))
	}
	if r.Aged {
		fmt.Fprintf(&b, " age=%v", r.Age)
	}
	if r.Size > 0 {
		fmt.Fprintf(&b, " size=%d", r.Size)
	}
	return b.String() + fields(r.Header)
}

func tellMark(m *sim.Mark) string {
	words := []string{m.Verdict.String()}
	if m.Fwd != sim.FwdNone {
		words = append(words, "fwd="+m.Fwd.String())
	}
	if m.FwdStatus != 0 {
		words = append(words, fmt.Sprintf("fwd-status=%d", m.FwdStatus))
	}
	if m.Detail != sim.DetailNone {
		words = append(words, "detail="+m.Detail.String())
	}
	if m.Peer != "" {
		words = append(words, "key="+m.Peer)
	}
	if m.Stored {
		words = append(words, "stored")
	}
	if m.Collapsed {
		words = append(words, "collapsed")
	}
	if m.Stored || m.Collapsed || m.Verdict.FromStore() {
		words = append(words, fmt.Sprintf("ttl=%d", m.TTL))
	}
	if m.Cause != sim.OK {
		words = append(words, "cause="+m.Cause.String())
	}
	return strings.Join(append(words, fmt.Sprintf("took=%v", m.Took)), " ")
}

func fields(h http.Header) string {
	var names []string
	for name := range h { // any order will do: it is sorted
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, " | %s: %s", name, strings.Join(h[name], " & "))
	}
	return b.String()
}
