//go:build unix

// Tests: purging a live run from outside, all PoPs and the shield of it.
package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/live"
)

const tieredTOML = `
name = "tiered"
duration = "10h"
[load]
rate = 60
[[clients]]
place = "London"
id = "europe"
[[clients]]
place = "Tokyo"
id = "asia"
[[clients]]
place = "San Francisco"
id = "america"
[[catalog]]
path = "/p/{n}"
objects = 10
cache-control = "max-age=3600"
headers = { Surrogate-Key = "Shop" }
[origin]
place = "New York"
[[pop]]
place = "London"
[[pop]]
place = "Tokyo"
[[pop]]
place = "San Francisco"
[[shield]]
place = "Boston"
`

// TestPurgeListen plays three PoPs behind a shield, calls the API in each shape and
// finds in the result what the caches did.
func TestPurgeListen(t *testing.T) {
	if err := live.Supported(); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	file, token := filepath.Join(dir, "tiered.toml"), filepath.Join(dir, "token")
	for name, text := range map[string]string{file: tieredTOML, token: testToken} { // any order will do
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	p := &purged{t: t, client: http.Client{Timeout: time.Minute, Transport: &http.Transport{}}}
	cmd := startUntil(t, &out, func(line string) bool {
		p.at = strings.TrimPrefix(line, "purges: ")
		return p.at != line
	}, "run", file, "--purge-listen", "127.0.0.1:0", "--purge-token-file", token, "--json", "-", "--quiet")
	defer p.client.CloseIdleConnections()
	for { // until its processes are there
		if status, _ := p.do("POST", "service/s/purge_all", "", testToken); status != http.StatusServiceUnavailable {
			break
		}
	}
	callAll(p)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	ends(t, cmd)
	var result report.Result
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	forgotInOrder(t, result.Runs[0].Events)
}

// callAll makes calls in all shapes, right and wrong.
func callAll(p *purged) {
	t := p.t
	told := regexp.MustCompile(`^caches=4, heard=4, missed=0, took=\d+\.\d{3}, last="[a-z-]+"$`)
	for _, c := range []struct {
		method, path, content, token string
		status                       int
		has                          string
	}{
		{"PURGE", "p/1", "", testToken, 200, `"status":"ok"`},
		{"PURGE", "p/*", "", testToken, 200, `"status":"ok"`},
		{"POST", "service/s/purge/shop", "", testToken, 200, `"status":"ok"`},
		{"POST", "client/v4/zones/z/purge_cache", `{"files":["https://www.example.com/p/1","https://www.example.com/p/2"]}`, testToken, 200, `"success":true`},
		{"POST", "2020-05-31/distribution/E1/invalidation", `<InvalidationBatch><CallerReference>1</CallerReference><Paths><Quantity>1</Quantity>` +
			`<Items><Path>/p/*</Path></Items></Paths></InvalidationBatch>`, testToken, 201, "<Status>Completed</Status>"},
		{"PURGE", "p/1", "", "another token", 401, "missing or invalid"},
		{"POST", "client/v4/zones/z/purge_cache", `{"tags":["shop"]}`, "", 403, "10000"},
		{"POST", "client/v4/zones/z/purge_cache", `{"tags":"shop"}`, testToken, 400, "1014"},
		{"POST", "client/v4/zones/z/purge_cache", strings.Repeat(" ", 1<<20+1), testToken, 413, "false"},
		{"GET", "", "", "", 200, "purge_cache"},
		{"GET", "p/1", "", testToken, 404, "purge_cache"},
		{"DELETE", "client/v4/zones/z/purge_cache", `{"files":["https://www.example.com/p/1"]}`, testToken, 405, "POST"},
	} {
		req, err := http.NewRequest(c.method, p.at+c.path, strings.NewReader(c.content))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+c.token)
		resp, err := p.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		field := resp.Header.Get("Cdnlab-Purge")
		if resp.StatusCode != c.status || !strings.Contains(string(text), c.has) || told.MatchString(field) != (c.status < 300 && c.method != "GET") {
			t.Errorf("%s /%s: %d %s\n%s", c.method, c.path, resp.StatusCode, field, text)
		}
	}
}

// forgotInOrder wants the shield to have forgotten before the PoPs behind it, and the
// result to say that somebody outside asked for it.
func forgotInOrder(t *testing.T, events []sim.Event) {
	order := map[string][]string{} // by what was purged: who had forgotten, in order
	for _, e := range events {
		if e.Kind == sim.EventPurging && e.Detail == "" {
			t.Errorf("%+v does not say who asked", e)
		}
		if e.Kind == sim.EventPurged {
			order[e.Subject] = append(order[e.Subject], e.Node)
		}
	}
	for _, says := range []string{"tag shop", "www.example.com/p/1 and 1 more", "/p/*"} {
		if got := order[says]; len(got) < 4 || got[0] != "boston-shield" {
			t.Errorf("%s was purged by %v, and the shield comes first", says, got)
		}
	}
}

func TestPurgeListenWrong(t *testing.T) {
	t.Setenv(envPurgeToken, "")
	for _, c := range []struct{ world, listen, token, says string }{
		{report.Virtual, "127.0.0.1:0", testToken, "a virtual world takes no calls"},
		{report.Live, "127.0.0.1:0", "", "needs a token"},
		{report.Live, "127.0.0.1:0", "short", "8 or more letters"},
		{report.Live, "192.0.2.1:80", testToken, "add --purge-remote"},
		{report.Live, "nowhere", testToken, "want HOST:PORT"},
	} {
		t.Setenv(envPurgeToken, c.token)
		l := purgeListening{listen: c.listen}
		control, closer, err := l.open(&play{app: &app{err: io.Discard}, world: c.world, command: "cdnlab run"})
		if err == nil || control != nil || closer != nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if _, _, err := (&purgeListening{remote: true}).open(&play{}); err == nil {
		t.Error("--purge-remote alone")
	}
}
