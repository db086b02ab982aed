//go:build unix

// Tests: a link from its start to Ctrl-C.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startLink starts `cdnlab link` and returns where it listens, and its control API.
func startLink(t *testing.T, out *bytes.Buffer, args ...string) (cmd *exec.Cmd, at, control string) {
	t.Helper()
	address := regexp.MustCompile(`127\.0\.0\.1:\d+`)
	cmd = startUntil(t, out, func(line string) bool {
		switch {
		case strings.HasPrefix(line, "control: "):
			control = "http://" + address.FindString(line)
		case strings.HasPrefix(line, "link: "):
			at = address.FindString(line)
		}
		return strings.HasPrefix(line, "delays: ")
	}, append([]string{"link", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"}, args...)...)
	return cmd, at, control
}

func TestLink(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }))
	defer server.Close()
	var out bytes.Buffer
	cmd, at, control := startLink(t, &out, "--to", server.Listener.Addr().String(), "--rtt", "60ms")
	client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}
	get := func(least time.Duration) {
		t.Helper()
		begun := time.Now()
		resp, err := client.Get("http://" + at)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if text, err := io.ReadAll(resp.Body); string(text) != "hello" || time.Since(begun) < least {
			t.Errorf("got %q after %v, %v; want hello after %v", text, time.Since(begun), err, least)
		}
	}
	get(115 * time.Millisecond) // two round trips, less what is taken off and the connecting
	get(55 * time.Millisecond)
	req, err := http.NewRequest(http.MethodPut, control+"/fault", strings.NewReader(`{"delay": "200ms"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
	get(255 * time.Millisecond)
	client.CloseIdleConnections()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if status := ends(t, cmd); status != statusHolds {
		t.Errorf("status %d, want %d", status, statusHolds)
	}
	if text := out.String(); !strings.HasPrefix(text, "1 connection: ") || !strings.Contains(text, "deliveries, late by: median ") {
		t.Errorf("the summary is\n%s", text)
	}
	if _, err := net.Dial("tcp", at); err == nil {
		t.Error("something listens there still")
	}
}

// A server that dies resets the client, and the link goes on.
func TestLinkToADeadServer(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	var out bytes.Buffer
	cmd, at, _ := startLink(t, &out, "--to", ln.Addr().String(), "--rtt", "2ms")
	for range 3 {
		c, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(20 * time.Second))
		if _, err := c.Read(make([]byte, 1)); err == nil || !strings.Contains(err.Error(), syscall.ECONNRESET.Error()) {
			t.Errorf("got %v, want a reset", err)
		}
		c.Close()
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	if status := ends(t, cmd); status != statusHolds || !strings.Contains(out.String(), "3 connections: 0 still open, 3 failed") {
		t.Errorf("status %d\n%s", status, &out)
	}
}
