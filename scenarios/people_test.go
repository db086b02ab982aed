// People: what they ask for, in which order, over which connections, and what
// becomes of those who see an error or lose their session.
package scenarios

import (
	"fmt"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/fault"
)

// peopleTOML is one person a second for a while, who all think for 30 s; what
// they do and what else differs comes after it.
const peopleTOML = `
name = "people"
duration = "400s"
[cpu]
costs = "free"
[load]
%s
[[clients]]
id = "tokyo"
place = "Tokyo"
addresses = 2
limits = { %s }
[[link]]
from = "Tokyo"
to = "New York"
rtt = "100ms"
[[catalog]]
path = "/"
[[catalog]]
path = "/asset/{n}"
objects = 50
[[catalog]]
path = "/item/{n}"
objects = 50
[origin]
place = "New York"
[app]
workers = 1000
service-time = "10ms"
distribution = "constant"
[[journey]]
name = "visitor"
think-time = "30s"
think-law = "constant"
%s
`

// Loads and steps of a few.
const (
	onePerson  = "unit = \"people\"\nrate = 0.0025" // in 400 s
	fourPeople = "unit = \"people\"\nshape = \"spike\"\npeak = 0.04\nfor = \"100s\""

	bigPage   = "[[journey.step]]\npage = \"/\"\nassets = { \"/asset/{n}\" = 8 }\n"
	threeBare = "[[journey.step]]\npage = \"/\"\ntimes = 3\n"
	shopping  = "[[journey.step]]\nsign-in = true\n[[journey.step]]\npage = \"/item/{n}\"\nassets = { \"/asset/{n}\" = 3 }\ntimes = 3\n" +
		"[[journey.step]]\nadd-to-cart = true\n"
)

func peopleExperiment(t testing.TB, load, limits, steps string) *Experiment {
	t.Helper()
	x, err := Load("people.toml", fmt.Appendf(nil, peopleTOML, load, limits, steps))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// visit plays people in the virtual world.
func visit(t *testing.T, load, limits, steps string) *report.Run {
	t.Helper()
	_, r := playSeeds(t, peopleExperiment(t, load, limits, steps), 1)
	return r.Runs[0]
}

// TestPageOfEight: the HTML over a new connection, then eight assets over six:
// one warm and five new, and two that wait for the first to be free. With RTT
// R = 100 ms and service S = 10 ms:
//
//	HTML 2R+S | asset 1 R+S, 7 again R+S  |  8 begins when the first new connection is free, at 2R+S
//	          | assets 2-6 2R+S           |    and takes R+S
func TestPageOfEight(t *testing.T) {
	for limits, want := range map[string]time.Duration{ // any order
		"":                    530 * time.Millisecond,  // 2R+S + 2R+S + R+S
		"max-connections = 1": 1090 * time.Millisecond, // 2R+S + 8(R+S)
		"max-connections = 9": 420 * time.Millisecond,  // 2R+S + 2R+S
	} {
		run := visit(t, onePerson, limits, bigPage)
		wantValue(t, run, "page-load.max", float64(want))
		wantValue(t, run, "requests", 9)
		wantValue(t, run, "pages", 1)
		wantValue(t, run, "users", 1)
	}
}

// TestConnectionsAgeOut: who thinks for 30 s finds a connection that is kept for
// 60 s, and none that is kept for 20 s.
func TestConnectionsAgeOut(t *testing.T) {
	cold, warm := 210*time.Millisecond, 110*time.Millisecond
	for limits, want := range map[string]time.Duration{"": (cold + 2*warm) / 3, `keep-alive = "20s"`: cold, `keep-alive = "30s"`: cold} { // any order
		run := visit(t, onePerson, limits, threeBare)
		wantValue(t, run, "pages", 3)
		if got := value(t, run, "page-load.mean"); time.Duration(got).Round(time.Millisecond) != want.Round(time.Millisecond) {
			t.Errorf("%q: a page takes %v in the mean, want %v", limits, time.Duration(got), want)
		}
	}
}

// act is a world of one server that answers as a test says.
type act struct {
	world
	e      *sim.Engine
	d      *driver
	answer func(req *sim.Request) *sim.Response
	took   time.Duration
	asked  []sim.Request
	at     []sim.Time
	open   int // links of people that were not forgotten
}

// stage prepares people before a server that takes a tenth of a second.
func stage(t testing.TB, load, steps string, answer func(req *sim.Request) *sim.Response) *act {
	t.Helper()
	s := peopleExperiment(t, load, "", steps).Base
	a := &act{e: sim.NewEngine(), answer: answer, took: 100 * time.Millisecond}
	plan := report.Plan{Identity: report.Identity{Seed: 1, World: report.Virtual}, Duration: s.Duration}
	a.d = newDriver(must(NewTopology(s)), a, report.NewRecorder(plan), 1)
	return a
}

func (a *act) engine() *sim.Engine                               { return a.e }
func (a *act) dial(string, string, Peer, netip.Addr) sim.Handler { return &acted{a: a} }
func (a *act) sample(func(node, counter string, total int64))    {}
func (a *act) settle() time.Duration                             { return settle }
func (a *act) SetLink(string, string, fault.Change)              {}

// play plays the run to its end.
func (a *act) play(t testing.TB) *report.Run {
	t.Helper()
	a.d.run()
	for !a.d.finished {
		a.e.Run(a.e.Now().Add(time.Second))
	}
	return a.d.rec.Finish(a.d.end-a.d.start, true)
}

// paths are what was asked for, in order.
func (a *act) paths() string {
	var all []string
	for _, r := range a.asked {
		all = append(all, r.Method+" "+r.Path)
	}
	return strings.Join(all, ", ")
}

// acted is a link of the act.
type acted struct {
	a   *act
	own bool
}

func (l *acted) Own() sim.Handler {
	l.a.open++
	return &acted{l.a, true}
}

func (l *acted) Forget() { l.a.open-- }

func (l *acted) Serve(req *sim.Request, reply func(*sim.Response)) {
	if !l.own {
		panic("people ask over connections of their own")
	}
	l.a.asked = append(l.a.asked, *req)
	l.a.at = append(l.a.at, l.a.e.Now())
	l.a.e.After(l.a.took, func() { reply(l.a.answer(req)) })
}

// session is a server with sessions: it knows those it has given, until it
// forgets them.
type session struct {
	given int
	lost  func(req *sim.Request) bool // whether it has forgotten by now
}

func (s *session) answer(req *sim.Request) *sim.Response {
	cookie := strings.Join(req.Header["Cookie"], "")
	switch {
	case req.Path == "/login":
		s.given++
		return sim.Answer(204, http.Header{"Set-Cookie": {fmt.Sprintf("session=s%d; Path=/; HttpOnly", s.given)}}, 0)
	case cookie != "" && s.lost != nil && s.lost(req), cookie == "" && req.Path == "/cart":
		return sim.Answer(401, nil, 0)
	}
	return sim.Answer(200, nil, 10)
}

// TestSession: the cookie goes with everything after the sign-in, and with
// nothing before it.
func TestSession(t *testing.T) {
	s := &session{}
	a := stage(t, onePerson, shopping, s.answer)
	run := a.play(t)
	if len(a.asked) != 14 || s.given != 1 {
		t.Fatalf("%d requests, %d sessions: %s", len(a.asked), s.given, a.paths())
	}
	for i, r := range a.asked {
		if got, want := strings.Join(r.Header["Cookie"], ""), "session=s1"; i > 0 && got != want || i == 0 && got != "" {
			t.Errorf("request %d to %s carries %q", i, r.Path, got)
		}
	}
	if last := a.asked[13]; last.Method != http.MethodPost || last.Path != "/cart" {
		t.Errorf("the last is %s %s", last.Method, last.Path)
	}
	wantValue(t, run, "sign-ins", 1)
	wantValue(t, run, "sessions-lost", 0)
	wantValue(t, run, "pages", 5)
	wantValue(t, run, "page-errors", 0)
}

// TestSessionLost: a session that is gone counts once, however many of a page's
// requests are told so; the next thing its user does is to sign in.
func TestSessionLost(t *testing.T) {
	first := true
	s := &session{}
	s.lost = func(req *sim.Request) bool { // every asset of the first page says so
		return first && strings.HasPrefix(req.Path, "/asset/")
	}
	a := stage(t, onePerson, shopping, func(req *sim.Request) *sim.Response {
		first = s.given < 2
		return s.answer(req)
	})
	run := a.play(t)
	var pages []string
	for _, r := range a.asked {
		if !strings.HasPrefix(r.Path, "/asset/") {
			pages = append(pages, strings.TrimRight(r.Path, "0123456789"))
		}
	}
	if got := strings.Join(pages, " "); got != "/login /item/ /login /item/ /item/ /cart" {
		t.Errorf("pages %s", got)
	}
	wantValue(t, run, "sessions-lost", 1)
	wantValue(t, run, "sign-ins", 2)
	wantValue(t, run, "page-errors", 1)
	wantValue(t, run, "users-with-errors", 1)
}

// TestCartWithoutSession: who was never signed in loses no session.
func TestCartWithoutSession(t *testing.T) {
	a := stage(t, onePerson, "[[journey.step]]\nadd-to-cart = true\ntimes = 2\n", (&session{}).answer)
	run := a.play(t)
	wantValue(t, run, "sessions-lost", 0)
	wantValue(t, run, "page-errors", 2)
	wantValue(t, run, "users-with-errors", 1)
	wantValue(t, run, "errors", 0) // a 401 is an answer
}

// TestFailedPage: HTML that fails brings no assets, and its user goes on to the
// next page after a thought; an asset that fails fails the page.
func TestFailedPage(t *testing.T) {
	steps := bigPage + threeBare
	n := 0
	a := stage(t, onePerson, steps, func(*sim.Request) *sim.Response {
		if n++; n == 1 {
			return sim.Answer(503, nil, 0)
		}
		return sim.Answer(200, nil, 10)
	})
	run := a.play(t)
	if a.paths() != "GET /, GET /, GET /, GET /" {
		t.Errorf("asked for %s", a.paths())
	}
	if gap := a.at[1].Sub(a.at[0]); gap != 30100*time.Millisecond {
		t.Errorf("the next page comes %v after the first was asked for, want an answer and a thought", gap)
	}
	wantValue(t, run, "page-errors", 1)
	wantValue(t, run, "pages", 4)

	a = stage(t, onePerson, bigPage, func(req *sim.Request) *sim.Response {
		if req.Path == a.asked[len(a.asked)-1].Path && strings.HasPrefix(req.Path, "/asset/") {
			return sim.Fail(sim.Reset)
		}
		return sim.Answer(200, nil, 10)
	})
	run = a.play(t)
	wantValue(t, run, "requests", 9)
	wantValue(t, run, "page-errors", 1)
	if _, _, err := report.Value(run, "", "page-load.p50"); err == nil {
		t.Error("a page without one of its assets has a load time")
	}
}

// TestPatience: a page that does not come is given up, and is an error.
func TestPatience(t *testing.T) {
	a := stage(t, onePerson, threeBare, nil)
	a.answer = func(*sim.Request) *sim.Response { return sim.Fail(sim.TimedOut) }
	run := a.play(t)
	wantValue(t, run, "pages", 3)
	wantValue(t, run, "page-errors", 3)
	wantValue(t, run, "users-with-errors", 1)
	wantValue(t, run, "errors", 3)
}

// TestPeopleLeave: connections are there as long as their people, and no longer
// than they may be idle.
func TestPeopleLeave(t *testing.T) {
	a := stage(t, fourPeople, bigPage, (&session{}).answer)
	a.play(t)
	if a.open != 0 || len(a.asked) != 36 {
		t.Errorf("%d people have left their connections open, after %d requests", a.open, len(a.asked))
	}
	a = stage(t, "shape = \"users\"\nusers = 3\nthink-time = \"24h\"\npeak = 5", bigPage, (&session{}).answer)
	a.d.run()
	a.e.Run(sim.Time(30 * time.Second))
	if a.open != 2 {
		t.Errorf("%d of the 2 who have come have connections", a.open)
	}
	a.e.Run(sim.Time(90 * time.Second))
	if a.open != 0 {
		t.Errorf("%d of them have connections after a minute", a.open)
	}
}

// TestReturn: people of a closed load come again, each time along their journey,
// with the cookies of the last.
func TestReturn(t *testing.T) {
	s := &session{}
	a := stage(t, "shape = \"users\"\nusers = 1\npeak = 20\nthink-time = \"20s\"", shopping, s.answer)
	run := a.play(t)
	signIns := strings.Count(a.paths(), "POST "+"/login")
	wantValue(t, run, "users", 20)
	wantValue(t, run, "sign-ins", 20)
	if carts := strings.Count(a.paths(), "POST "+"/cart"); signIns != 20 || carts < 40 {
		t.Errorf("20 people signed in %d times and filled %d carts, want each to sign in once and come again", signIns, carts)
	}
}

// TestPeopleAreTheSame: however fast they are answered, people who see no error
// ask for the same things under the same numbers; all numbers of a run differ.
func TestPeopleAreTheSame(t *testing.T) {
	asked := func(took time.Duration) ([]string, []uint64) {
		a := stage(t, fourPeople, bigPage+shopping, (&session{}).answer)
		a.took = took
		a.play(t)
		var lines []string
		var ids []uint64
		for _, r := range a.asked {
			lines = append(lines, fmt.Sprint(r.ID, r.Method, r.Path, r.Client, r.Addr))
			ids = append(ids, r.ID)
		}
		slices.Sort(lines)
		slices.Sort(ids)
		return lines, ids
	}
	fast, ids := asked(time.Millisecond)
	slow, _ := asked(5 * time.Second)
	if !slices.Equal(fast, slow) || len(fast) != 4*(9+14) {
		t.Errorf("%d requests, then %d others", len(fast), len(slow))
	}
	if n := len(slices.Compact(ids)); n != len(fast) {
		t.Errorf("%d requests have %d numbers", len(fast), n)
	}
}

// TestPeopleShareAddresses: a group's people share its addresses, each has one.
func TestPeopleShareAddresses(t *testing.T) {
	a := stage(t, fourPeople, bigPage, (&session{}).answer)
	a.play(t)
	of := map[uint64]netip.Addr{}
	all := map[netip.Addr]bool{}
	for _, r := range a.asked {
		if known, ok := of[r.Client]; ok && known != r.Addr {
			t.Fatalf("person %d comes from %v and %v", r.Client, known, r.Addr)
		}
		of[r.Client], all[r.Addr] = r.Addr, true
	}
	if len(of) != 4 || len(all) != 2 {
		t.Errorf("%d people behind %d addresses, want 4 behind 2", len(of), len(all))
	}
}

// TestPeopleMistakes: what is wrong with journeys is said where it stands.
func TestPeopleMistakes(t *testing.T) {
	text := strings.NewReplacer(
		"rate = 10\n", "rate = 10\nunit = \"people\"\n",
		"place = \"Tokyo\"\n[[catalog]]", "place = \"Tokyo\"\nconnections = \"pooled\"\nnew = 0.5\n[[catalog]]",
		"[origin]\n", `[[journey]]
name = "a"
share = 0
[[journey.step]]
page = "/itme"
assets = { "/x" = 5 }
[[journey]]
name = "a"
[[journey.step]]
page = "/"
leave = 2
[[journey.step]]
sing-in = true
[origin]
`).Replace(faultless)
	holdWrongs(t, wrongs(t, text),
		`clients[0].connections: people have connections of their own`,
		`clients[0].new: means nothing to people`,
		`journey[0].share: must be above 0`,
		`journey[1].step[0].leave: must be at most 1`,
		`journey[1].step[1].sing-in: unknown key; did you mean "sign-in"?`)
	text = strings.Replace(text, "share = 0\n", "", 1)
	text = strings.Replace(text, "leave = 2", "leave = 0.2", 1)
	text = strings.Replace(text, "sing-in", "sign-in", 1)
	holdWrongs(t, wrongs(t, text),
		`clients[0].connections: people have connections of their own`,
		`clients[0].new: means nothing to people`,
		`journey[0].step[0].page: the catalog has no path "/itme"; it has /`,
		`journey[0].step[0].assets: the catalog has no path "/x"`,
		`journey[1].name: a second journey "a"`)
	holdWrongs(t, wrongs(t, strings.Replace(faultless, "rate = 10\n", "rate = 10\nunit = \"people\"\n", 1)),
		`load.unit: people need a journey`)
}

// TestJourneysTravel: what a node's process reads of the scenario is all of it.
func TestJourneysTravel(t *testing.T) {
	s := peopleExperiment(t, fourPeople, "", bigPage+shopping).Base
	if c := s.clone(); !reflect.DeepEqual(c.Journeys, s.Journeys) || c.Load != s.Load || len(c.Journeys[0].Steps) != 4 {
		t.Errorf("%+v becomes %+v", s.Journeys, c.Journeys)
	}
}

// TestPeopleAskForWhatThereIs: when a catalog shrinks nobody asks for what has
// gone, and a method that changes is what people ask with.
func TestPeopleAskForWhatThereIs(t *testing.T) {
	x := peopleExperiment(t, fourPeople, "", threeBare+"[[journey.step]]\npage = \"/item/{n}\"\nassets = { \"/asset/{n}\" = 9 }\ntimes = 9\n"+
		"[[event]]\nat = \"10s\"\ndo = \"set\"\nset = { catalog.1.objects = 9, catalog.2 = { objects = 2, method = \"POST\" } }\n")
	_, r := playSeeds(t, x, 1)
	wantValue(t, r.Runs[0], "users", 4)
	wantValue(t, r.Runs[0], "page-errors", 0)
}
