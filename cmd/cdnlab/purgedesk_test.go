//go:build unix

// Tests: purging a PoP alone over real connections, and where its token comes from.
package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const testToken = "a-token-for-tests"

// purged is a PoP alone that takes purges, before an origin that says how often it
// was asked, and may be told to wait.
type purged struct {
	t       *testing.T
	at      string // its URL, with a / at the end
	asked   atomic.Int64
	asking  chan struct{} // told of each request for /slow
	proceed chan struct{} // lets one of them go on
	client  http.Client
}

func startPurged(t *testing.T) *purged {
	p := &purged{t: t, asking: make(chan struct{}), proceed: make(chan struct{}), client: http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		if r.URL.Path == "/slow" {
			p.asking <- struct{}{}
			<-p.proceed
		}
		w.Header().Set("Cache-Control", "max-age=600")
		w.Header().Set("Surrogate-Key", "Page of-"+r.URL.Path[1:])
	}))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(testToken+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := startUntil(t, &out, func(line string) bool {
		p.at, _, _ = strings.Cut(strings.TrimPrefix(line, "edge: "), " ")
		return strings.HasPrefix(line, "edge: ")
	}, "node", "edge", "--listen", "127.0.0.1:0", "--origin", server.URL, "--purge-token-file", file)
	t.Cleanup(func() {
		p.client.CloseIdleConnections()
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Error(err)
		}
		if status := ends(t, cmd); status != 0 {
			t.Errorf("status %d", status)
		}
	})
	return p
}

// do sends a request and returns the status and the content.
func (p *purged) do(method, path, content, token string) (int, string) {
	req, err := http.NewRequest(method, p.at+path, strings.NewReader(content))
	if err != nil {
		p.t.Error(err)
		return 0, ""
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := p.client.Do(req)
	if err != nil {
		p.t.Error(err)
		return 0, ""
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.Header["Surrogate-Key"] != nil {
		p.t.Errorf("%s %s: %v, %v", method, path, resp.Header, err)
	}
	return resp.StatusCode, string(text)
}

// fetches asks for a path and reports whether that came to the origin.
func (p *purged) fetches(path string) bool {
	before := p.asked.Load()
	if status, _ := p.do("GET", path, "", ""); status != http.StatusOK {
		p.t.Errorf("%s: %d", path, status)
	}
	return p.asked.Load() > before
}

func TestNodeEdgePurge(t *testing.T) {
	p := startPurged(t)
	const zone = "client/v4/zones/z/purge_cache"
	p.fetches("a")
	for _, c := range []struct {
		method, path, content, token string
		status                       int
		purges                       bool
	}{
		{"PURGE", "a", "", "", 401, false},
		{"PURGE", "a", "", testToken + "x", 401, false},
		{"POST", zone, `{"purge_everything":true}`, "", 403, false},
		{"POST", zone, `{"tags":["other"]}`, testToken, 200, false},
		{"POST", zone, `{"tags":["page"]}`, testToken, 200, true},
		{"POST", zone, `{"purge_everything":true}`, testToken, 200, true},
		{"POST", zone, `{"tags":["page"]}` + strings.Repeat(" ", 1<<20), testToken, 413, false},
		{"PURGE", "a", "", testToken, 200, true},
		{"PURGE", "b*", "", testToken, 200, false},
		{"POST", "service/s/purge/of-a", "", testToken, 200, true},
		{"POST", "2020-05-31/distribution/d/invalidation", `<InvalidationBatch><CallerReference>1</CallerReference><Paths><Quantity>1</Quantity>` +
			`<Items><Path>/a*</Path></Items></Paths></InvalidationBatch>`, testToken, 201, true},
	} {
		if status, text := p.do(c.method, c.path, c.content, c.token); status != c.status {
			t.Errorf("%s %s: %d %s, want %d", c.method, c.path, status, text, c.status)
		}
		if got := p.fetches("a"); got != c.purges {
			t.Errorf("%s %s %.40s purges: %v", c.method, c.path, c.content, got)
		}
	}
	if before := p.asked.Load(); !p.fetches("client") || p.asked.Load() != before+1 {
		t.Error("what is no call is the origin's")
	}
}

// A purge that meets a fill on its way leaves nothing of it: by its URL, and by a tag
// that nobody could know of yet.
func TestNodeEdgePurgeRacesFill(t *testing.T) {
	p := startPurged(t)
	for _, purge := range [][3]string{{"PURGE", "slow", ""}, {"POST", "service/s/purge/page", ""}, {"POST", "client/v4/zones/z/purge_cache", `{"tags":["other","of-slow"]}`}} {
		filled := make(chan bool)
		go func() { filled <- p.fetches("slow") }()
		<-p.asking
		if status, text := p.do(purge[0], purge[1], purge[2], testToken); status != 200 {
			t.Errorf("%v: %d %s", purge, status, text)
		}
		p.proceed <- struct{}{}
		<-filled
		go func() { filled <- p.fetches("slow") }()
		select {
		case <-p.asking:
			p.proceed <- struct{}{}
			<-filled
		case <-filled:
			t.Errorf("%v: what was on its way is stored", purge)
		}
		if p.fetches("slow") {
			t.Errorf("%v: what came after is not", purge)
		}
		p.do("PURGE", "*", "", testToken)
	}
}

func TestPurgeToken(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	t.Setenv(envPurgeToken, "from-the-environment")
	for file, want := range map[string]string{ // any order will do
		"": "from-the-environment", write("good", " in-a-file\n"): "in-a-file",
		write("empty", "\n"): "", write("large", strings.Repeat("x", maxTokenFile+1)): "", filepath.Join(dir, "none"): "",
	} {
		got, err := purgeToken(file)
		if (err == nil) != (want != "") || err == nil && got != want {
			t.Errorf("%s: %q, %v", filepath.Base(file), got, err)
		}
	}
	if desk, err := purgeDesk(""); desk != nil || err != nil {
		t.Error("without a token nobody can purge, and that is no mistake")
	}
	if _, err := purgeDesk("short"); err == nil {
		t.Error("a token of five letters")
	}
}
