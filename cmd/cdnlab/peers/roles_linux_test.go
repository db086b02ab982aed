// Roles: the servers that are nothing but a front end, each a process of its own.
package peers

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/debug"

	"cdnlab/sim"
	"cdnlab/sim/live"
)

// roles are what the test binary can be, by its first argument.
var roles = map[string]func(args []string) error{
	"front":    beFront,
	"net-http": beNetHTTP,
	"generate": beGenerator,
	"pop":      beProfiled,
	"app":      beApp,
}

// contentSize is that of the one object.
const contentSize = 1000

// nodeGC is how rarely a node of the lab collects garbage (live.RunNode).
const nodeGC = 400

// beFront is the lab's front end, whose handler has one answer.
func beFront(args []string) error {
	debug.SetGCPercent(nodeGC)
	wall, _ := live.StartWall()
	node := live.NewNode(wall)
	header := http.Header{"Cache-Control": {"public, max-age=3600"}, "Content-Type": {"text/plain"}}
	var answers sim.Answers
	l, err := net.Listen("tcp", args[0])
	if err != nil {
		return err
	}
	front := live.NewFront(live.NewServer(node, sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
		answer := answers.New()
		answer.Status, answer.Header, answer.Size = 200, header, contentSize
		reply(answer)
	}), "", sim.Epoch))
	go untilStdinCloses()
	return front.Serve(l)
}

// beNetHTTP is Go's own server with one answer.
func beNetHTTP(args []string) error {
	go untilStdinCloses()
	return http.ListenAndServe(args[0], object())
}

// untilStdinCloses ends the program when whoever started it is gone.
func untilStdinCloses() {
	_, _ = io.Copy(io.Discard, os.Stdin) // any end will do
	os.Exit(0)
}

// object is the site: one object that may be stored for an hour.
func object() http.Handler {
	content := make([]byte, contentSize)
	for i := range content {
		content[i] = "0123456789abcdef"[i%16]
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Content-Length", fmt.Sprint(contentSize))
		_, _ = w.Write(content) // who is gone needs no answer
	})
}
