// cdnlab link: a link in front of anything, played by a relay.
package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"cdnlab/sim/check"
	"cdnlab/sim/live/fabric"
)

// linkage is what the command line asks for.
type linkage struct {
	*app
	placed
	listen, to, control, token string
	path                       fabric.Path
	remote                     bool
	limit                      int
	seed                       uint64
	lasts                      fabric.Duration
}

func (a *app) linkCommand() *cobra.Command {
	l := &linkage{app: a, placed: "cdnlab link"}
	c := &cobra.Command{
		Use:   "link --listen ADDRESS [--to ADDRESS] --rtt TIME",
		Short: "Put a link of your own before any server: round-trip time, rate, losses, faults",
		Long: `Listen at one address, connect to another for each connection that comes, and let
bytes pass between the two as a real path would: with its round-trip time, jitter, rate
and queue, losses (as retransmissions and smaller windows) and TCP's slow start. It
stands in front of anything that speaks TCP: a web server, Redis, Postgres.

A connection to --listen is accepted by the system at once, which no program can
prevent, so its first bytes wait for the round trip that connecting would have taken:
what a request takes in all is right. Without --to, --listen is an HTTP CONNECT proxy,
and there even connecting takes its round trip.

--control takes requests that change the link while it runs (GET / says which). Those
from this machine need no token; for --control on another address give --token. All
else stays on this machine's loopback unless --remote is given. Ctrl-C ends it with a
summary.`,
		Example: `  cdnlab link --listen 127.0.0.1:8080 --to 127.0.0.1:80 --rtt 150ms --rate 100Mbit
  cdnlab link --listen localhost:6380 --to localhost:6379 --rtt 80ms --jitter 5ms --loss 1%
  cdnlab link --listen 127.0.0.1:3128 --rtt 150ms   # then: curl --proxytunnel -x 127.0.0.1:3128 http://127.0.0.1/
  cdnlab link --listen 127.0.0.1:8080 --to 127.0.0.1:80 --rtt 20ms --control 127.0.0.1:8474
  curl -X PATCH 127.0.0.1:8474/link -d '{"rtt": "300ms"}'
  curl -X PUT 127.0.0.1:8474/fault -d '{"cut": "both"}' ; curl -X DELETE 127.0.0.1:8474/fault`,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(c *cobra.Command, _ []string) error { return l.run(c) },
	}
	l.flags(c)
	return c
}

func (l *linkage) flags(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&l.listen, "listen", "", "the `ADDRESS` to listen at, as 127.0.0.1:8080; port 0 is any that is free")
	f.StringVar(&l.to, "to", "", "the `ADDRESS` to connect to; without it, clients say by HTTP CONNECT")
	f.TextVar(&l.path.RTT, "rtt", fabric.Duration(0), "round-trip `TIME`, as 150ms")
	f.TextVar(&l.path.Jitter, "jitter", fabric.Duration(0), "standard deviation of the `TIME` of a travel in one direction")
	f.StringVar(&l.path.JitterShape, "jitter-shape", "normal", "its `DISTRIBUTION`: normal, uniform, exponential or pareto")
	f.TextVar(&l.path.Rate, "rate", l.path.Rate, "the `RATE` that it carries, as 100Mbit or 56kbit (default without limit)")
	f.TextVar(&l.path.RateBack, "rate-back", l.path.RateBack, "the `RATE` towards who connects (default as --rate)")
	f.TextVar(&l.path.Queue, "queue", l.path.Queue, "the `SIZE` of what may wait before it (default 1500000B, 1000 packets)")
	f.TextVar(&l.path.Loss, "loss", l.path.Loss, "the `SHARE` of packets lost in each direction, as 1%")
	f.Float64Var(&l.path.Burst, "loss-burst", 1, "how many `PACKETS` in a row are lost in the mean")
	f.StringVar(&l.control, "control", "", "the `ADDRESS` for requests that change the link")
	f.StringVar(&l.token, "token", "", "the `TOKEN` that requests from elsewhere than this machine must carry")
	f.BoolVar(&l.remote, "remote", false, "listen, and connect, beyond this machine's loopback")
	f.IntVar(&l.limit, "max-connections", 0, "so `MANY` at a time; more wait (default 10000, or what the file limit allows)")
	f.Uint64Var(&l.seed, "seed", 1, "`NUMBER` that jitter and losses follow from")
	f.TextVar(&l.lasts, "for", fabric.Duration(0), "end after that `TIME` (default at Ctrl-C)")
	for _, name := range []string{"rtt", "jitter", "rate", "rate-back", "queue", "loss", "for"} {
		f.Lookup(name).DefValue = "" // the text says it, or it is none
	}
	complete(c, "jitter-shape", completeWords([]string{"normal", "uniform", "exponential", "pareto"}))
}

func (l *linkage) run(c *cobra.Command) error {
	if err := l.check(c); err != nil {
		return err
	}
	listen, err := l.addresses("--listen", l.listen, l.remote)
	if err != nil {
		return err
	}
	if err := l.files(); err != nil {
		return err
	}
	config := fabric.Config{Listen: listen[0], Remote: l.remote, Path: l.path.Spec(), Seed: l.seed, Limit: l.limit}
	if l.to != "" {
		if config.Target, err = l.addresses("--to", l.to, l.remote); err != nil {
			return err
		}
	}
	var control netip.AddrPort
	if l.control != "" {
		if control, err = l.controlAddress(); err != nil {
			return err
		}
	}
	return l.play(config, control)
}

// check returns all that is wrong with the flags themselves.
func (l *linkage) check(c *cobra.Command) error {
	problems := l.path.Check()
	if l.limit < 1 && c.Flags().Changed("max-connections") {
		problems = append(problems, check.Problem{Key: "max-connections", Says: fmt.Sprintf("must be at least 1, not %d", l.limit)})
	}
	if l.lasts < 0 {
		problems = append(problems, check.Problem{Key: "for", Says: "must not be negative"})
	}
	var all []error
	if l.listen == "" {
		all = append(all, errors.New("cdnlab link: give --listen, as 127.0.0.1:8080\nfor example:\n"+c.Example))
	}
	for _, p := range problems {
		all = append(all, fmt.Errorf("cdnlab link: --%v", p))
	}
	if !c.Flags().Changed("rtt") && l.listen != "" {
		all = append(all, errors.New("cdnlab link: give --rtt, the round-trip time, as 150ms (0s for none)"))
	}
	return errors.Join(all...)
}

func (l *linkage) controlAddress() (netip.AddrPort, error) {
	all, err := l.addresses("--control", l.control, true)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if !all[0].Addr().IsLoopback() && l.token == "" {
		return netip.AddrPort{}, fmt.Errorf("cdnlab link: --control %s: %v is not on this machine's loopback, where anybody could "+
			"change the link; add --token TOKEN", l.control, all[0].Addr())
	}
	return all[0], nil
}

// mostConnections is the default limit: far below the ephemeral ports that there
// are for connections to one target (28,000 on Linux).
const mostConnections = 10_000

// files sees to it that the system allows that many connections, of two sockets
// each.
func (l *linkage) files() error {
	most, known := fileLimit()
	can := (most - spare) / 2
	if l.limit == 0 {
		l.limit = mostConnections
		if known {
			l.limit = max(1, min(l.limit, can))
		}
	}
	if known && l.limit > can {
		return broken(fmt.Errorf("cdnlab link: %d connections need %d open files, and this system allows %d: "+
			"raise the limit (ulimit -n %[2]d), or lower --max-connections to %[4]d", l.limit, 2*l.limit+spare, most, can))
	}
	return nil
}

// play runs the link until it is told to end.
func (l *linkage) play(config fabric.Config, control netip.AddrPort) error {
	loop, err := fabric.Start()
	if err != nil {
		return linkBroken(err)
	}
	defer loop.Close()
	if config.Base, err = fabric.Calibrate(loop); err != nil {
		return linkBroken(err)
	}
	trouble := newTroubles(l.err)
	defer trouble.close()
	config.Trouble = trouble.tell
	relay, err := fabric.NewRelay(loop, config)
	if err != nil {
		return linkBroken(err)
	}
	defer relay.Close()
	if control.IsValid() {
		server, err := l.serve(relay, control)
		if err != nil {
			return err
		}
		defer server.Close()
	}
	l.tell(relay, config)
	l.wait()
	return l.print([]byte(carried(relay.State())))
}

// serve starts the control API.
func (l *linkage) serve(relay *fabric.Relay, at netip.AddrPort) (io.Closer, error) {
	server, err := fabric.NewControl(relay, l.token)
	if err != nil {
		return nil, fmt.Errorf("cdnlab link: --token: %s", strings.TrimPrefix(err.Error(), "fabric: "))
	}
	ln, err := net.Listen("tcp", at.String())
	if err != nil {
		return nil, linkBroken(fmt.Errorf("cannot listen on --control %v: %w", at, err))
	}
	fmt.Fprintf(l.err, "control: http://%v/\n", ln.Addr())
	go func() { _ = server.Serve(fabric.Few(ln)) }() // until it is closed
	return server, nil
}

// linkBroken says what to do about an error that ends a link.
func linkBroken(err error) error {
	text := "cdnlab link: " + strings.ReplaceAll(err.Error(), "fabric: ", "")
	if why := listening(err); why != "" {
		text += "; " + why
	}
	return broken(errors.New(text))
}

// tell says what was started.
func (l *linkage) tell(relay *fabric.Relay, config fabric.Config) {
	s := relay.State()
	if len(config.Target) > 0 {
		fmt.Fprintf(l.err, "link: %v -> %v: %v\n", relay.Addr(), l.to, s.Link)
		fmt.Fprintln(l.err, "a connection is accepted at once, and its first bytes wait for the round trip that connecting would take")
	} else {
		fmt.Fprintf(l.err, "link: %v, an HTTP CONNECT proxy: %v\n", relay.Addr(), s.Link)
	}
	base := time.Duration(s.Base)
	fmt.Fprintf(l.err, "delays: by %s; an exchange costs %v on this machine, which is taken off\n", s.Delays, base.Round(time.Microsecond))
	if rtt := time.Duration(s.Link.RTT); rtt < base {
		fmt.Fprintf(l.err, "warning: a round trip of %v cannot be had here, it takes %v at the least\n", rtt, base.Round(time.Microsecond))
	}
}

// wait waits for a signal, or for as long as was asked for.
func (l *linkage) wait() {
	ctx, stop := until(time.Duration(l.lasts))
	defer stop()
	<-ctx.Done()
}

// carried says what a link has carried, and how late.
func carried(s fabric.State) string {
	n := s.Stats
	text := fmt.Sprintf("%s: %d still open, %d failed, %d reset; %d bytes out, %d bytes back\n", plural(int(n.Accepted), "connection"),
		n.Open, n.Failed, n.Reset, n.BytesOut, n.BytesBack)
	if n.Messages == 0 {
		return text
	}
	brief := func(d fabric.Duration) string { return time.Duration(d).Round(time.Microsecond).String() }
	return text + fmt.Sprintf("%d deliveries, late by: median %s, p99 %s, most %s\n", n.Messages, brief(s.Late.Median), brief(s.Late.P99), brief(s.Late.Max))
}

// troubles prints what goes wrong and goes on, a line a second at the most: it is
// told of by the loop, which must not wait for a terminal.
type troubles struct {
	lines chan string
	more  atomic.Int64 // not printed
	done  chan struct{}
}

func newTroubles(w io.Writer) *troubles {
	t := &troubles{lines: make(chan string, 1), done: make(chan struct{})}
	go t.print(w)
	return t
}

func (t *troubles) print(w io.Writer) {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case line := <-t.lines:
			if more := t.more.Swap(0); more > 0 {
				line += fmt.Sprintf(" (and %d more)", more)
			}
			fmt.Fprintln(w, line)
		case <-t.done:
			return
		}
		select {
		case <-second.C:
		case <-t.done:
			return
		}
	}
}

func (t *troubles) tell(err error) {
	select {
	case t.lines <- strings.TrimPrefix(err.Error(), "fabric: "):
	default:
		t.more.Add(1)
	}
}

func (t *troubles) close() { close(t.done) }
