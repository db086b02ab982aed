// Servers: who answers a hit, each a caching reverse proxy in front of the same
// site, on one core, without a log. The bare front ends have the object as it is.
package peers

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cdnlab/scenarios"
	"cdnlab/sim/live"
)

// server is one who answers hits.
type server struct {
	name  string
	start func(b *testing.B, s *site, listen string) *process // nil: it is not installed
}

// servers are all of them; the first is what the others are compared with.
var servers = []server{
	{"front", bare("front")},
	{"pop", startPoP},
	{"net-http", bare("net-http")},
	{"fasthttp", startFastHTTP},
	{"nginx", startNginx},
	{"haproxy", startHAProxy},
	{"varnish", startVarnish},
	{"caddy", startCaddy},
}

// site is the origin of all of them, and where they may write.
type site struct {
	address string
	folder  string
}

// startSite serves the object from this process.
func startSite(b *testing.B) *site {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	web := &http.Server{Handler: object()}
	go func() { _ = web.Serve(l) }() // it ends with Close
	b.Cleanup(func() { web.Close() })
	return &site{l.Addr().String(), tempDir(b)}
}

// write puts a configuration into the site's folder and returns its path.
func (s *site) write(b *testing.B, name, text string) string {
	b.Helper()
	file := filepath.Join(s.folder, name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
	return file
}

// bare starts a front end that is this program.
func bare(role string) func(*testing.B, *site, string) *process {
	return func(b *testing.B, _ *site, listen string) *process {
		return start(b, role, serverCore, os.Args[0], role, listen)
	}
}

// popScenario is the PoP's world: the site is its one server.
const popScenario = `
name = "hit"
duration = "1s"
[load]
rate = 1
[[clients]]
id = "users"
place = "Tokyo"
[[catalog]]
path = "/"
[origin]
place = "Tokyo"
[[pop]]
place = "Tokyo"
`

// startPoP starts the program itself, as a run does.
func startPoP(b *testing.B, s *site, listen string) *process {
	return pop(b, s, listen, serverCore, program(b), "node")
}

// pop starts a command that is a node, and tells it to be the PoP.
func pop(b *testing.B, s *site, listen, core string, command ...string) *process {
	b.Helper()
	x, err := scenarios.Load("hit.toml", []byte(popScenario))
	if err != nil {
		b.Fatal(err)
	}
	t, err := scenarios.NewTopology(x.Base)
	if err != nil {
		b.Fatal(err)
	}
	name := t.Nodes[len(t.Nodes)-1].Name
	spec, err := json.Marshal(scenarios.NodeSpec{Name: name, Scenario: x.Base})
	if err != nil {
		b.Fatal(err)
	}
	_, epoch := live.StartWall()
	cores := 0 // all of them
	if core != "" {
		cores = 1
	}
	line, err := json.Marshal(live.NodeConfig{Name: name, Seed: 1, Epoch: epoch, Token: "secret", Listen: listen, Cores: cores, Spec: spec,
		Peers: []live.PeerConfig{{Name: t.Entry, Address: s.address}}})
	if err != nil {
		b.Fatal(err)
	}
	p := start(b, "pop", core, command...)
	if _, err := p.stdin.Write(append(line, '\n')); err != nil {
		b.Fatal(err)
	}
	return p
}

// program builds cdnlab.
func program(b *testing.B) string {
	b.Helper()
	file := filepath.Join(work, "cdnlab")
	if said, err := exec.Command("go", "build", "-o", file, "cdnlab/cmd/cdnlab").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, said)
	}
	return file
}

// fasthttp is needed for nothing but this; v1.65.0 is the newest whose modules
// can all be had.
var fasthttp = goProgram{name: "fasthttp", module: "github.com/valyala/fasthttp@v1.65.0"}

const fastHTTPSource = `package main

import (
	"io"
	"os"

	"github.com/valyala/fasthttp"
)

func main() {
	go func() { io.Copy(io.Discard, os.Stdin); os.Exit(0) }()
	content := make([]byte, %d)
	for i := range content {
		content[i] = '0'
	}
	s := &fasthttp.Server{Name: "fasthttp", Handler: func(c *fasthttp.RequestCtx) {
		c.Response.Header.Set("Cache-Control", "public, max-age=3600")
		c.SetContentType("text/plain")
		c.SetBody(content)
	}}
	if err := s.ListenAndServe(os.Args[1]); err != nil {
		os.Exit(1)
	}
}
`

func startFastHTTP(b *testing.B, _ *site, listen string) *process {
	file := fasthttp.buildWith(b, fmt.Sprintf(fastHTTPSource, contentSize))
	if file == "" {
		return nil
	}
	return start(b, "fasthttp", serverCore, file, listen)
}

// installed returns where a program is, "" when it is not.
func installed(name string) string {
	for _, dir := range []string{"", "/usr/sbin/", "/usr/local/sbin/"} { // not in everybody's PATH
		if file, err := exec.LookPath(dir + name); err == nil {
			return file
		}
	}
	return ""
}

// nginxConf keeps the object in a file that the kernel has in memory: nginx has
// no other cache.
const nginxConf = `daemon off;
master_process off;
pid %[1]s/nginx.pid;
error_log stderr crit;
events { worker_connections 1024; }
http {
	access_log off;
	keepalive_requests 1000000000;
	sendfile on;
	tcp_nopush on;
	open_file_cache max=1000;
	client_body_temp_path %[1]s/body;
	upstream site { server %[3]s; keepalive 64; }
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	proxy_cache_path %[1]s/cache keys_zone=hits:10m max_size=256m inactive=1h;
	server {
		listen %[2]s backlog=1024;
		location / {
			proxy_pass http://site;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_cache hits;
			proxy_cache_lock on;
			add_header X-Cache $upstream_cache_status;
		}
	}
}
`

func startNginx(b *testing.B, s *site, listen string) *process {
	file := installed("nginx")
	if file == "" {
		return nil
	}
	conf := s.write(b, "nginx.conf", fmt.Sprintf(nginxConf, s.folder, listen, s.address))
	return start(b, "nginx", serverCore, file, "-p", s.folder, "-c", conf)
}

const haproxyConf = `global
	nbthread 1
	maxconn 1024
defaults
	mode http
	timeout connect 5s
	timeout client 60s
	timeout server 60s
cache hits
	total-max-size 64
	max-age 3600
frontend in
	bind %s
	http-request cache-use hits
	http-response cache-store hits
	default_backend site
backend site
	http-request cache-use hits
	http-response cache-store hits
	server site %s
`

func startHAProxy(b *testing.B, s *site, listen string) *process {
	file := installed("haproxy")
	if file == "" {
		return nil
	}
	conf := s.write(b, "haproxy.cfg", fmt.Sprintf(haproxyConf, listen, s.address))
	return start(b, "haproxy", serverCore, file, "-db", "-f", conf)
}

func startVarnish(b *testing.B, s *site, listen string) *process {
	file := installed("varnishd")
	if file == "" {
		return nil
	}
	// Two pools of at least ten threads is the least that it runs with; -j none
	// keeps it from becoming another user.
	return start(b, "varnish", serverCore, file, "-F", "-j", "none", "-n", filepath.Join(s.folder, "varnish"), "-a", listen,
		"-b", s.address, "-s", "malloc,64m", "-T", "none", "-p", "thread_pools=1", "-p", "thread_pool_min=60")
}

// caddy is built where it is not installed.
var caddy = goProgram{name: "caddy", module: "github.com/caddyserver/caddy/v2@v2.11.9", main: "github.com/caddyserver/caddy/v2/cmd/caddy"}

// caddyFile has the object in a file, which the kernel has in memory: Caddy as it comes
// has no cache. Without the administration's port it can run beside another.
const caddyFile = `{
	admin off
	auto_https off
	persist_config off
}
http://%[1]s {
	bind 127.0.0.1
	root * %[2]s
	header Cache-Control "public, max-age=3600"
	file_server
}
`

// startCaddy starts a file server: no proxy, and so less than the others do.
func startCaddy(b *testing.B, s *site, listen string) *process {
	file := caddy.build(b)
	if file == "" {
		return nil
	}
	s.write(b, "index.html", strings.Repeat("0", contentSize))
	conf := s.write(b, "Caddyfile", fmt.Sprintf(caddyFile, listen, s.folder))
	return start(b, "caddy", serverCore, file, "run", "--adapter", "caddyfile", "--config", conf)
}
