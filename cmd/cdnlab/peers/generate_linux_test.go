// The lab's generator alone: its engine, its pacer and its client's end of a link.
package peers

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"cdnlab/sim"
	"cdnlab/sim/live"
	"cdnlab/sim/network"
)

// generated is what the generator says when it is done.
type generated struct {
	Answers int64         `json:"answers"`
	Failed  int64         `json:"failed"`
	LateP50 time.Duration `json:"late_p50_ns"`
	LateP99 time.Duration `json:"late_p99_ns"`
}

// pacedConns bounds the connections of who sends at a rate: as many as a place's
// users share.
const pacedConns = 2048

// generator asks one server over and over.
type generator struct {
	node *live.Node
	link *live.Link
	end  sim.Time
	open int  // requests under way
	all  bool // no more are to be sent

	due   sim.Time // of who sends at a rate
	step  time.Duration
	onDue func()
	spare []*shot

	over chan struct{}
	said generated
	late *hdrhistogram.Histogram
}

// beGenerator takes an address, how many requests are under way at once (0: as
// many as it takes), how many are sent a second (0: the next when one is
// answered), and for how many seconds.
func beGenerator(args []string) error {
	debug.SetGCPercent(nodeGC)
	numbers := make([]int, 3)
	for i := range numbers {
		n, err := strconv.Atoi(args[1+i])
		if err != nil {
			return err
		}
		numbers[i] = n
	}
	wall, _ := live.StartWall()
	g := &generator{node: live.NewNode(wall), over: make(chan struct{}), late: hdrhistogram.New(1000, int64(time.Minute), 2)}
	g.node.Do(func() {
		g.link = live.NewLink(g.node, live.LinkConfig{Path: network.NewLink(1, "driver", "server", network.Plain(0)), Conns: network.Config{Limit: max(numbers[0], pacedConns)},
			Token: "secret", Discard: true, Dial: live.Dialer("", args[0])})
		g.end = g.now().Add(time.Duration(numbers[2]) * time.Second)
		if rate := numbers[1]; rate > 0 {
			g.due, g.step, g.onDue = g.now(), time.Second/time.Duration(rate), g.pace
			g.pace()
			return
		}
		for range numbers[0] {
			g.again(g.newShot(g.again))
		}
	})
	<-g.over
	g.said.LateP50, g.said.LateP99 = time.Duration(g.late.ValueAtQuantile(50)), time.Duration(g.late.ValueAtQuantile(99))
	text, err := json.Marshal(g.said)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(os.Stdout, string(text))
	return err
}

func (g *generator) now() sim.Time { return g.node.Engine().Now() }

// pace sends a request each step, and counts how late.
func (g *generator) pace() {
	_ = g.late.RecordValue(int64(g.node.Wall().Now().Sub(g.due))) // what is out of its range shows in the rate
	if n := len(g.spare); n > 0 {
		s := g.spare[n-1]
		g.spare = g.spare[:n-1]
		s.send()
	} else {
		g.newShot(func(s *shot) { g.spare = append(g.spare, s) }).send()
	}
	g.due = g.due.Add(g.step)
	if g.due < g.end {
		g.node.Engine().At(g.due, g.onDue)
		return
	}
	g.all = true
	g.finish()
}

// again sends the next request when one is answered.
func (g *generator) again(s *shot) {
	if g.now() < g.end {
		s.send()
		return
	}
	g.all = true
	g.finish()
}

// shot is the memory of a request, used again as the driver uses its own.
type shot struct {
	g        *generator
	req      sim.Request
	resp     *sim.Response
	then     func(*shot)
	onAnswer func(*sim.Response)
	onEnd    func(sim.Cause, int64)
}

func (g *generator) newShot(then func(*shot)) *shot {
	s := &shot{g: g, then: then}
	s.req = sim.Request{Method: "GET", Scheme: "http", Host: "localhost", Path: "/"}
	s.onAnswer, s.onEnd = s.answered, s.ended
	return s
}

func (s *shot) send() {
	s.g.open++
	s.g.link.Serve(&s.req, s.onAnswer)
}

func (s *shot) answered(resp *sim.Response) {
	s.resp = resp
	resp.OnEnd(s.onEnd)
}

func (s *shot) ended(c sim.Cause, _ int64) {
	g := s.g
	g.open--
	g.said.Answers++
	if s.resp.Status != 200 || c != sim.OK {
		g.said.Failed++
	}
	s.resp.Done()
	s.then(s)
	g.finish()
}

// finish ends when all were sent and all are answered.
func (g *generator) finish() {
	if g.all && g.open == 0 {
		g.all = false // once
		g.node.Later(func() { close(g.over) })
	}
}
