// Tests: the control API.
package fabric

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cdnlab/sim/network"
)

const testToken = "a secret of the tests"

// control returns a relay, and what asks its API without a network.
func control(t *testing.T, token string) (*Relay, func(method, path, body string, edit ...func(*http.Request)) (int, string)) {
	t.Helper()
	l, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	r := relayTo(t, l, network.Plain(20*ms), serve(t, echo))
	server, err := NewControl(r, token)
	if err != nil {
		t.Fatal(err)
	}
	return r, func(method, path, body string, edit ...func(*http.Request)) (int, string) {
		req := httptest.NewRequest(method, path, strings.NewReader(body))
		req.RemoteAddr, req.Host = "127.0.0.1:5555", "localhost:8474"
		for _, f := range edit {
			f(req)
		}
		w := httptest.NewRecorder()
		server.Handler.ServeHTTP(w, req)
		return w.Code, w.Body.String()
	}
}

func TestControl(t *testing.T) {
	r, ask := control(t, "")
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string // in the answer
	}{
		{"GET", "/", "", 200, "PATCH  /link"},
		{"GET", "/link", "", 200, `"rtt": "20ms"`},
		{"PATCH", "/link", `{"rate": "10Mbit", "loss": "1%", "jitter": "1ms"}`, 200, `"rate": "10Mbit"`},
		{"PATCH", "/link", `{"loss": 0.5}`, 200, `"loss": "50%"`},
		{"GET", "/link", "", 200, `"jitter": "1ms"`},
		{"PUT", "/link", `{"rtt": "30ms"}`, 200, "{\n  \"rtt\": \"30ms\"\n}\n"},
		{"PATCH", "/link", `{"rtt": "-1ms"}`, 422, "rtt: must be between 0s and 10m0s, not -1ms"},
		{"PATCH", "/link", `{"rtt": "11m", "loss": 1, "loss-burst": 0.5}`, 422, "loss-burst: must be between"},
		{"PATCH", "/link", `{"rate": "0Mbit"}`, 400, "not a rate of at least 1bit"},
		{"PATCH", "/link", `{"rtt": "far"}`, 400, "not a time"},
		{"PATCH", "/link", `{"loss": "much"}`, 400, "not a share"},
		{"PATCH", "/link", `{"rrt": "1ms"}`, 400, "the keys are rtt, jitter"},
		{"PATCH", "/link", `{}{}`, 400, "more than one JSON value"},
		{"PATCH", "/link", `[]`, 400, "cannot unmarshal array"},
		{"PATCH", "/link", ``, 400, "EOF"},
		{"PATCH", "/link", `{"jitter-shape": "` + strings.Repeat("x", mostRequest) + `"}`, 413, "too large"},
		{"PUT", "/fault", `{"cut": "out", "delay": "1s"}`, 200, `"cut": "out"`},
		{"PATCH", "/fault", `{"loss": "20%", "slow-close": "5s", "rate": "56kbit"}`, 200, `"delay": "1s"`},
		{"GET", "/fault", "", 200, `"slow-close": "5s"`},
		{"PUT", "/fault", `{"cut": "sideways"}`, 422, `must be one of out, back, both`},
		{"PUT", "/fault", `{"loss": 1}`, 422, "loss: must be at least 0 and below 1"},
		{"PUT", "/fault", `{"delay": "-1s", "slow-close": "11m"}`, 422, "slow-close: must be between"},
		{"DELETE", "/fault", "", 200, "{}\n"},
		{"POST", "/link", "{}", 405, "Method Not Allowed"},
		{"GET", "/nothing", "", 404, "not found"},
	} {
		status, text := ask(c.method, c.path, c.body)
		if status != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%s %s %.60s: %d %s; want %d with %q", c.method, c.path, c.body, status, text, c.status, c.want)
		}
	}
	if s := r.State(); s.Fault != (Fault{}) || s.Link != (Path{RTT: Duration(30 * ms)}) {
		t.Errorf("left: %+v, %+v", s.Link, s.Fault)
	}
}

// What is told can be given back and means the same.
func TestStateRoundTrip(t *testing.T) {
	path := Path{RTT: Duration(150 * ms), Jitter: Duration(ms), JitterShape: "pareto", Correlation: 0.5, Rate: 100_000_000,
		RateBack: 56_000, Queue: 150_000, Loss: 0.0125, Burst: 3}
	fault := Fault{Cut: "back", Blackhole: true, Reset: true, Loss: 0.2, Delay: Duration(time.Second), Rate: 1000, SlowClose: Duration(ms)}
	spec := path.Spec()
	if got := pathOf(&spec); got != path {
		t.Errorf("%+v became %+v", path, got)
	}
	if got := faultOf(fault.change()); got != fault {
		t.Errorf("%+v became %+v", fault, got)
	}
	text, err := json.Marshal(path)
	var again Path
	if err != nil || decode(text, &again) != nil || again != path {
		t.Errorf("%s became %+v, %v", text, again, err)
	}
	for _, cut := range []string{"", "out", "back", "both"} {
		if got := faultOf(Fault{Cut: cut}.change()); got.Cut != cut {
			t.Errorf("cut %q became %q", cut, got.Cut)
		}
	}
	if got, want := path.String(), "150 ms RTT, 1 ms jitter, 100Mbit, 56kbit back, 1.25% lost"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}

// Who may ask.
func TestControlGuard(t *testing.T) {
	from := func(addr string) func(*http.Request) { return func(r *http.Request) { r.RemoteAddr = addr } }
	as := func(host string) func(*http.Request) { return func(r *http.Request) { r.Host = host } }
	with := func(auth string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", auth) }
	}
	far, right := from("192.0.2.7:1234"), with("Bearer "+testToken)
	for _, c := range []struct {
		token string
		who   []func(*http.Request)
		want  int
	}{
		{"", nil, 200},
		{"", []func(*http.Request){from("[::1]:9")}, 200},
		{"", []func(*http.Request){from("[::ffff:127.0.0.1]:9"), as("[::1]:8474")}, 200},
		{testToken, nil, 200},
		{"", []func(*http.Request){far}, 401},
		{"", []func(*http.Request){far, with("Bearer ")}, 401},
		{testToken, []func(*http.Request){far}, 401},
		{testToken, []func(*http.Request){far, with("Bearer " + testToken + "x")}, 401},
		{testToken, []func(*http.Request){far, with(testToken)}, 401},
		{testToken, []func(*http.Request){far, with("Basic " + testToken)}, 401},
		{testToken, []func(*http.Request){far, right}, 200},
		{testToken, []func(*http.Request){far, as("evil.example"), right}, 200},
		{testToken, []func(*http.Request){as("evil.example")}, 403},
		{testToken, []func(*http.Request){from("nonsense")}, 401},
	} {
		_, ask := control(t, c.token)
		for _, method := range []string{"GET", "DELETE"} {
			if status, text := ask(method, "/fault", "", c.who...); status != c.want {
				t.Errorf("token %q, %v: %d %s, want %d", c.token, c.who, status, text, c.want)
			}
		}
	}
	if _, err := NewControl(nil, "short"); err == nil {
		t.Error("a token of five characters was taken")
	}
}

// The server over the network: a change is felt, and more connections than there
// are places wait.
func TestControlServer(t *testing.T) {
	r, _ := control(t, "")
	server, err := NewControl(r, "")
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(Few(ln)) }()
	var idle []net.Conn
	for range controlConns {
		c, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		idle = append(idle, c)
	}
	answered := make(chan string, 1)
	go func() {
		client := http.Client{Timeout: patience}
		resp, err := client.Get("http://" + ln.Addr().String() + "/state")
		if err != nil {
			answered <- err.Error()
			return
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		answered <- fmt.Sprint(resp.StatusCode, string(text), err)
	}()
	for _, c := range idle {
		c.Close()
	}
	if text := <-answered; !strings.HasPrefix(text, "200{") || !strings.Contains(text, `"rtt": "20ms"`) {
		t.Errorf("got %s", text)
	}
	server.Close()
	if err := <-served; err != http.ErrServerClosed {
		t.Error(err)
	}
}
