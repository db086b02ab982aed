// Web cache poisoning and its kin: what one request says never changes what another,
// under the same key, is given.
package edge

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// mirror is an origin that believes all it is told: its answers, which may be stored,
// show everything of the request. Its framework takes the method that a field says.
type mirror struct {
	header http.Header // of its answers
	saw    []*sim.Request
}

func (m *mirror) Serve(req *sim.Request, reply func(*sim.Response)) {
	seen := *req
	m.saw = append(m.saw, &seen)
	h := http.Header{"Cache-Control": {"max-age=86400"}, "X-Saw": {req.Method + " " + req.Host + req.Path + fields(req.Header)}}
	for name, lines := range m.header { // any order will do: it fills a map
		h[name] = lines
	}
	status := http.StatusOK
	if cache.Overridden(req.Header) {
		status = http.StatusNotFound
	}
	reply(sim.Answer(status, h, 10))
}

func mirrored(t *testing.T, cfg Config) (*sim.Engine, *PoP, *mirror) {
	t.Helper()
	e, m := sim.NewEngine(), &mirror{}
	return e, New(sim.NewEnv(e, "pop", 1, nil), cfg, m), m
}

func asked(host, path string, h http.Header) *sim.Request {
	return &sim.Request{Method: http.MethodGet, Scheme: "https", Host: host, Path: path, Header: h}
}

const evil = "evil.example"

// TestUnkeyed: fields that frameworks take the target from never reach the origin with
// what may be stored (Kettle, Practical Web Cache Poisoning).
func TestUnkeyed(t *testing.T) {
	for _, name := range []string{"X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "X-Forwarded-Scheme", "X-Forwarded-Proto",
		"X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Ssl", "X-Original-Url", "X-Rewrite-Url", "X-Original-Host", "Forwarded",
		"X-Http-Host-Override", "X-Url-Scheme", "Front-End-Https", "X-Http-Method-Override", "X-Http-Method", "X-Method-Override"} {
		e, pop, m := mirrored(t, Config{DefaultTTL: 60e9})
		once(t, e, pop, asked("example.com", "/", http.Header{name: {evil}}))
		if saw := m.saw[0]; len(saw.Header[name]) > 0 {
			t.Error(name, "reached the origin")
		}
		victim := once(t, e, pop, asked("example.com", "/", http.Header{}))
		if victim.Status != http.StatusOK || strings.Contains(fields(victim.Header), evil) {
			t.Error(name, "poisons:", victim.Status, fields(victim.Header))
		}
		if victim.Via.Last(sim.HopCache).Verdict != sim.VerdictHit {
			t.Error(name, "busts the cache")
		}
	}
}

// TestUnkeyedAllowed: who has a proxy before the PoP that sets them may have them.
func TestUnkeyedAllowed(t *testing.T) {
	e, pop, m := mirrored(t, Config{ForwardOverrides: true})
	once(t, e, pop, asked("example.com", "/", http.Header{"X-Forwarded-Host": {"shop.example"}}))
	if m.saw[0].Header.Get("X-Forwarded-Host") != "shop.example" {
		t.Error(m.saw[0].Header)
	}
}

// TestOverriddenChange: a method override is passed on where the cache is not concerned,
// and what comes of it is not stored, whatever the answer says.
func TestOverriddenChange(t *testing.T) {
	e, pop, m := mirrored(t, Config{})
	m.header = http.Header{"Content-Location": {"/"}}
	post := asked("example.com", "/", http.Header{"X-Http-Method-Override": {"DELETE"}})
	post.Method = http.MethodPost
	once(t, e, pop, post)
	if m.saw[0].Header.Get("X-Http-Method-Override") != "DELETE" {
		t.Error("APIs are used so")
	}
	if r := once(t, e, pop, asked("example.com", "/", http.Header{})); r.Via.Last(sim.HopCache).Verdict != sim.VerdictMiss {
		t.Error("the answer to it is given to a GET")
	}
}

// TestSpellings: all spellings of a target are one to the cache, and the origin is asked
// in that one; others are others.
func TestSpellings(t *testing.T) {
	for _, group := range [][]string{
		{"/~a", "/%7ea", "/%7Ea", "/x/../~a", "/x/%2e%2e/~a", "/./~a", "/~a#" + evil},
		{"/a%2Fb", "/a%2fb"},
		{"/a?q=~", "/a?q=%7E", "/a?q=%7e"},
	} {
		e, pop, m := mirrored(t, Config{})
		for i, path := range group {
			r := once(t, e, pop, asked("example.com", path, nil))
			if v := r.Via.Last(sim.HopCache).Verdict; (v == sim.VerdictHit) != (i > 0) {
				t.Errorf("%s after %s: %v", path, group[0], v)
			}
		}
		if len(m.saw) != 1 || m.saw[0].Path != group[0] {
			t.Errorf("%s: asked for %s, %d times", group[0], m.saw[0].Path, len(m.saw))
		}
		for _, path := range []string{"/A", "/%2561", "/a%2Fb/", "/a//b", "/a/b", "/a?q=%2F", "/a?q=/", "/a?", "/a?q=~&"} {
			if r := once(t, e, pop, asked("example.com", path, nil)); !slices.Contains(group, path) && r.Via.Last(sim.HopCache).Verdict != sim.VerdictMiss {
				t.Errorf("%s is taken for %s", path, group[0])
			}
		}
	}
}

// TestHosts: spellings of a host are one, and the origin is asked in that one, so that
// no port or letter case of one request is in what others get; what is no host goes
// nowhere.
func TestHosts(t *testing.T) {
	e, pop, m := mirrored(t, Config{})
	for i, host := range []string{"EXAMPLE.com", "example.com", "example.com:443", "example.com:"} {
		r := once(t, e, pop, asked(host, "/", nil))
		if v := r.Via.Last(sim.HopCache).Verdict; (v == sim.VerdictHit) != (i > 0) {
			t.Error(host, v)
		}
	}
	if m.saw[0].Host != "example.com" {
		t.Error("the origin is asked for", m.saw[0].Host)
	}
	for _, host := range []string{"example.com:8443", "example.com.", "www.example.com"} {
		if r := once(t, e, pop, asked(host, "/", nil)); r.Via.Last(sim.HopCache).Verdict != sim.VerdictMiss {
			t.Error(host, "is taken for example.com")
		}
	}
	plain := asked("example.com", "/", nil)
	plain.Scheme = "http"
	if r := once(t, e, pop, plain); r.Via.Last(sim.HopCache).Verdict != sim.VerdictMiss {
		t.Error("http is taken for https")
	}
	before := len(m.saw)
	for _, host := range []string{"", "example.com@" + evil, evil + "/x", "example.com:80:90", "a b"} {
		if r := once(t, e, pop, asked(host, "/", nil)); r.Status != http.StatusBadRequest {
			t.Error(host, r.Status)
		}
	}
	if len(m.saw) != before {
		t.Error("what is no host reached the origin")
	}
}

// TestFatGet: content in a GET is in no key (Kettle, Web Cache Entanglement).
func TestFatGet(t *testing.T) {
	e, pop, _ := mirrored(t, Config{})
	fat := asked("example.com", "/", nil)
	fat.Size = 9
	once(t, e, pop, fat)
	if r := once(t, e, pop, asked("example.com", "/", nil)); r.Via.Last(sim.HopCache).Verdict != sim.VerdictMiss {
		t.Error("its answer was stored")
	}
}

// TestChangedSpelling: a change under another spelling takes the same out of the cache,
// and so does a purge.
func TestChangedSpelling(t *testing.T) {
	e, pop, m := mirrored(t, Config{})
	m.header = http.Header{"Location": {"https://EXAMPLE.com:443/x/%2e%2E/b"}}
	for _, path := range []string{"/~a", "/b"} {
		once(t, e, pop, asked("example.com", path, nil))
	}
	post := asked("example.com:443", "/%7ea", nil)
	post.Method = http.MethodPost
	once(t, e, pop, post)
	for _, path := range []string{"/~a", "/b"} {
		if r := once(t, e, pop, asked("example.com", path, nil)); r.Via.Last(sim.HopCache).Verdict != sim.VerdictMiss {
			t.Error(path, "outlives the change")
		}
	}
	if n := pop.Forget(ReadPurge(asked("EXAMPLE.com", "/%7Ea", nil))); n != 1 {
		t.Error("a purge takes", n)
	}
}

// TestDeception: a page of one's own, asked for under the name of a style sheet that a
// rule stores, is given to nobody else (Gil, Web Cache Deception).
func TestDeception(t *testing.T) {
	for _, armored := range []bool{false, true} {
		hour := 24 * time.Hour
		e, pop, m := mirrored(t, Config{Rules: []Rule{{Path: "*.css", Cache: "everything", TTL: &hour, DeceptionArmor: &armored}}})
		m.header = http.Header{"Content-Type": {"text/html"}, "Cache-Control": {"private"}}
		once(t, e, pop, asked("example.com", "/account.php/x.css", http.Header{"Cookie": {"session=victim"}}))
		r := once(t, e, pop, asked("example.com", "/account.php/x.css", http.Header{"Cookie": {"session=attacker"}}))
		if leaks := strings.Contains(fields(r.Header), "victim"); leaks == armored {
			t.Errorf("armor %v: leaks %v", armored, leaks)
		}
	}
}

// TestKeyedAlone: what a rule keeps out of the key does not reach the origin either, so
// that two requests with one key are one request to it.
func TestKeyedAlone(t *testing.T) {
	e, pop, m := mirrored(t, Config{Rules: []Rule{{QueryWithout: []string{"utm_*"}, Cookies: "strip", KeyCookies: []string{"lang"}}}})
	once(t, e, pop, asked("example.com", "/?utm_content="+evil+"&a=1", http.Header{"Cookie": {"x=" + evil + "; lang=de"}}))
	if saw := m.saw[0]; saw.Path != "/?a=1" || saw.Header.Get("Cookie") != "lang=de" {
		t.Error(saw.Path, saw.Header)
	}
	if r := once(t, e, pop, asked("example.com", "/?a=1&utm_x", http.Header{"Cookie": {"lang=de"}})); r.Via.Last(sim.HopCache).Verdict != sim.VerdictHit {
		t.Error("two with one key are two")
	}
}

// TestHitUnderRules: a hit allocates nothing more when there are rules.
func TestHitUnderRules(t *testing.T) {
	hour := 24 * time.Hour
	var rules []Rule
	for _, path := range []string{"*.js", "*.css", "/api/*", "*"} {
		rules = append(rules, Rule{Path: path, Host: "*.com", Cookie: "!session", TTL: &hour, BrowserTTL: &hour, QueryWithout: []string{"utm_*"}})
	}
	hits := func(cfg Config) float64 {
		e, pop, _ := mirrored(t, cfg)
		req := asked("example.com", "/app.js?utm_x=1", http.Header{"Accept": {"*/*"}})
		once(t, e, pop, req)
		reply := func(r *sim.Response) { r.Done() }
		return testing.AllocsPerRun(1000, func() { pop.Serve(req, reply) })
	}
	if plain, ruled := hits(Config{}), hits(Config{Rules: rules}); ruled > plain {
		t.Error(ruled, "allocations with rules,", plain, "without")
	}
}
