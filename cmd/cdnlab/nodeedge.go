// cdnlab node edge: a PoP alone, before any server.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cdnlab/edge"
	"cdnlab/scenarios"
	"cdnlab/sim"
	"cdnlab/sim/live"
	"cdnlab/sim/live/fabric"
	"cdnlab/sim/network"
)

// lonePoP is what the command line asks for.
type lonePoP struct {
	*app
	placed
	listen, origin, name, from string
	tokenFile                  string
	set                        []string
	remote                     bool
	lasts                      fabric.Duration
}

func (a *app) nodeEdgeCommand() *cobra.Command {
	p := &lonePoP{app: a, placed: "cdnlab node edge"}
	c := &cobra.Command{
		Use:   "edge --listen ADDRESS --origin URL",
		Short: "Be a PoP alone: a caching reverse proxy before any server",
		Long: `Listen at one address and answer HTTP requests from a cache, and from the server at
--origin what is not there: with the very decisions that a PoP of a scenario takes, and
the real date. Cache-Status (RFC 9211) on each answer says what was decided.

The client's Host goes on to the origin. --set changes a key of [edge] that is about
caching, as in a scenario (cdnlab list keys edge), and --from takes those of a scenario. Both addresses
must be on this machine's loopback unless --remote is given. Ctrl-C ends it with a
summary.

With a token, in the file of --purge-token-file or in CDNLAB_PURGE_TOKEN, it takes
purges: as Authorization: Bearer TOKEN (or Fastly-Key) with the calls of Cloudflare
(POST /client/v4/zones/ID/purge_cache), Fastly (PURGE /path, POST /service/ID/purge/KEY)
and CloudFront (POST /2020-05-31/distribution/ID/invalidation, which may be signed with
the token as secret access key instead). Fastly-Soft-Purge: 1 marks stale instead of
taking out. Without a token nobody can purge.`,
		Example: `  cdnlab node edge --listen 127.0.0.1:8080 --origin http://127.0.0.1:3000
  cdnlab node edge --listen localhost:8080 --origin http://localhost:3000 --set edge.coalesce=off
  cdnlab node edge --listen 127.0.0.1:8080 --origin http://127.0.0.1:3000 --from product-hunt
  curl -sD- -o/dev/null http://127.0.0.1:8080/   # twice: the second may be a hit
  curl -X PURGE -H "Authorization: Bearer $CDNLAB_PURGE_TOKEN" http://127.0.0.1:8080/`,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(*cobra.Command, []string) error { return p.run() },
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&p.listen, "listen", "", "the `ADDRESS` to listen at, as 127.0.0.1:8080; port 0 is any that is free")
	f.StringVar(&p.origin, "origin", "", "the `URL` of the server behind it: http:// or https://, a host and no path")
	f.StringVar(&p.name, "name", "cdnlab", "its `NAME` in Via and Cache-Status")
	f.StringVar(&p.from, "from", "", "a `SCENARIO` whose [edge] it takes")
	f.StringArrayVar(&p.set, "set", nil, "change a key of [edge], as `KEY=VALUE` (again for more)")
	f.StringVar(&p.tokenFile, "purge-token-file", "", "the `FILE` with the token that purging needs (default $CDNLAB_PURGE_TOKEN)")
	f.BoolVar(&p.remote, "remote", false, "listen, and connect, beyond this machine's loopback")
	f.TextVar(&p.lasts, "for", fabric.Duration(0), "end after that `TIME` (default at Ctrl-C)")
	f.Lookup("for").DefValue = "" // the text says it
	complete(c, "from", completeScenario)
	return c
}

func (p *lonePoP) run() error {
	if p.listen == "" || p.origin == "" {
		return errors.New("cdnlab node edge: give --listen and --origin, as --listen 127.0.0.1:8080 --origin http://127.0.0.1:3000")
	}
	if !token(p.name) {
		return fmt.Errorf("cdnlab node edge: --name %q: no blanks and none of \"(),/:;<=>?@[\\]{}, as it stands in headers", p.name)
	}
	config, err := p.config()
	if err != nil {
		return err
	}
	parent, err := p.parent()
	if err != nil {
		return err
	}
	desk, err := p.openDesk()
	if err != nil {
		return err
	}
	at, err := p.addresses("--listen", p.listen, p.remote)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", at[0].String())
	if err != nil {
		return p.cannotListen(at[0], err)
	}
	ctx, stop := until(time.Duration(p.lasts))
	defer stop()
	pop := live.ServeAlone(l, live.AloneConfig{Name: p.name, Parent: parent, Conns: network.Config{Idle: originIdle}, Desk: desk}, scenarios.PoPFactory(config))
	fmt.Fprintf(p.err, "edge: http://%v/ -> %s\n", l.Addr(), p.origin)
	select {
	case err = <-pop.Done():
		err = broken(fmt.Errorf("cdnlab node edge: %w", err))
	case <-ctx.Done():
	}
	return errors.Join(err, pop.Close(), p.print([]byte(served(pop.Counters()))))
}

// worldOnly are the keys of [edge] that are about the world around a PoP.
var worldOnly = []string{"edge.on", "edge.shields", "edge.warm", "edge.connections"}

// config is what [edge] comes to.
func (p *lonePoP) config() (edge.Config, error) {
	settings, err := parseSettings(p.set)
	if err != nil {
		return edge.Config{}, err
	}
	for _, s := range settings {
		if !strings.HasPrefix(s.Key, "edge.") {
			return edge.Config{}, fmt.Errorf("--set %s: a PoP alone has the keys of [edge] only", s.Key)
		}
		if slices.ContainsFunc(worldOnly, func(key string) bool { return s.Key == key || strings.HasPrefix(s.Key, key+".") }) {
			return edge.Config{}, fmt.Errorf("--set %s: it means something in a scenario's world only, and nothing to a PoP alone", s.Key)
		}
	}
	if p.from == "" {
		c, err := scenarios.EdgeAlone(settings...)
		return c, blame(err, settings, nil)
	}
	x, err := open(p.from, settings...)
	if err != nil {
		return edge.Config{}, blame(err, settings, nil)
	}
	return x.Base.Edge.Config, nil
}

// parent returns how to connect to the origin.
func (p *lonePoP) parent() (func() (net.Conn, error), error) {
	u, err := url.Parse(p.origin)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("cdnlab node edge: --origin %s: want http://HOST:PORT or https://HOST:PORT, without a path", p.origin)
	}
	host, port := u.Hostname(), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	all, err := p.addresses("--origin", net.JoinHostPort(host, port), p.remote)
	if err != nil {
		return nil, err
	}
	plain := func() (nc net.Conn, err error) {
		for _, at := range all {
			if nc, err = net.DialTimeout("tcp", at.String(), originPatience); err == nil {
				break
			}
		}
		return nc, err
	}
	if u.Scheme == "http" {
		return plain, nil
	}
	return func() (net.Conn, error) {
		nc, err := plain()
		if err != nil {
			return nil, err
		}
		secure := tls.Client(nc, &tls.Config{ServerName: host, NextProtos: []string{"http/1.1"}})
		ctx, cancel := context.WithTimeout(context.Background(), originPatience)
		defer cancel()
		if err := secure.HandshakeContext(ctx); err != nil {
			nc.Close()
			return nil, err
		}
		return secure, nil
	}, nil
}

// originIdle is how long a connection to the origin is kept without use: less than
// the 5 s after which Node.js and Apache close it, and Go, nginx and others later.
const originIdle = 4 * time.Second

// originPatience bounds a connection attempt to the origin, as a link's does.
const originPatience = 10 * time.Second

func (p *lonePoP) cannotListen(at netip.AddrPort, err error) error {
	text := fmt.Sprintf("%s: cannot listen on %v: %v", p.placed, at, err)
	if why := listening(err); why != "" {
		text += "; " + why
	}
	return broken(errors.New(text))
}

// served sums up what a PoP has done.
func served(counters []sim.Counter) string {
	var b strings.Builder
	for _, c := range counters {
		if c.N > 0 {
			fmt.Fprintf(&b, "%-24s %d\n", c.Name, c.N)
		}
	}
	if b.Len() == 0 {
		return "no requests\n"
	}
	return b.String()
}
