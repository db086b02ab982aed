//go:build unix

// Tests: a PoP alone, from its start to Ctrl-C.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestNodeEdge(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/page" {
			asked++ // one at a time
		}
		for name := range r.Header {
			if strings.HasPrefix(name, "Cdnlab") {
				t.Errorf("the origin is told %s", name)
			}
		}
		h := w.Header()
		h.Set("Cache-Control", "max-age=60")
		h.Set("Server-Timing", "db;dur=3")
		h.Set("Cache-Status", "inner; hit")
		w.Header().Set("Date", time.Now().Add(-10*time.Second).UTC().Format(http.TimeFormat))
		fmt.Fprintf(w, "%s for %s", r.URL.Path, r.Host)
	}))
	defer server.Close()
	var out bytes.Buffer
	at := ""
	cmd := startUntil(t, &out, func(line string) bool {
		at, _, _ = strings.Cut(strings.TrimPrefix(line, "edge: "), " ")
		return strings.HasPrefix(line, "edge: ")
	}, "node", "edge", "--listen", "127.0.0.1:0", "--origin", server.URL, "--name", "pop-1", "--set", "edge.cache-size=1MiB")
	client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}
	for i, want := range []string{"inner; hit, pop-1; fwd=uri-miss; fwd-status=200; ttl=", "inner; hit, pop-1; hit; ttl="} {
		req, err := http.NewRequest(http.MethodGet, at+"page", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "shop.example"
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if string(text) != "/page for shop.example" || err != nil {
			t.Errorf("request %d: %q, %v", i, text, err)
		}
		if got := strings.Join(resp.Header["Cache-Status"], ", "); !strings.HasPrefix(got, want) {
			t.Errorf("request %d: Cache-Status: %s, want %s...", i, got, want)
		}
		if got := strings.Join(resp.Header["Server-Timing"], ", "); !strings.HasPrefix(got, "db;dur=3, pop-1;dur=") {
			t.Errorf("request %d: Server-Timing: %s", i, got)
		}
		// Date is a whole second, and what counts is its end.
		if age, err := strconv.Atoi(resp.Header.Get("Age")); (i == 1) != (err == nil) || i == 1 && age < 9 {
			t.Errorf("request %d: Age %q, made 10 s ago", i, resp.Header.Get("Age"))
		}
	}
	if asked != 1 {
		t.Errorf("the origin was asked %d times", asked)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if status := ends(t, cmd); status != 0 {
		t.Errorf("status %d", status)
	}
	for _, want := range []string{"requests  ", "hits  ", "misses  "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the summary lacks %q:\n%s", want, &out)
		}
	}
}
