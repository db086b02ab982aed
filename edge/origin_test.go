// The origin of the scripts: pages that say how they answer.
package edge

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// origin answers by page, and says what it was asked.
type origin struct {
	name  string
	down  bool // it refuses
	env   *sim.Env
	paths map[string]page
	say   func(format string, args ...any)
	open  int
}

// page is how a path answers: after delay, with a body that ends body later,
// after only some of its bytes if truncate is set.
type page struct {
	status      int
	size        int64
	delay, body time.Duration
	truncate    int64
	chunked     bool // nobody knows the size before the body ends
	ranges      bool // answers requests for one
	cause       sim.Cause
	header      http.Header
}

func keyAt(path string) cache.Key { return cache.Key{Scheme: "https", Host: "example.com", Path: path} }

// be makes a shield down, or up, or answer at a path as said.
func (o *origin) be(words []string, h http.Header) {
	if o.down = words[0] == "down"; len(words) > 1 {
		o.set(words, h)
	}
}

func (o *origin) set(words []string, h http.Header) {
	p := page{header: h, delay: 100 * time.Millisecond}
	p.status, _ = strconv.Atoi(words[1])
	for _, w := range words[2:] {
		key, value, _ := strings.Cut(w, "=")
		d, _ := time.ParseDuration(value)
		n, _ := strconv.ParseInt(value, 10, 64)
		switch key {
		case "size":
			p.size = n
		case "delay":
			p.delay = d
		case "body":
			p.body = d
		case "truncate":
			p.truncate = n
		case "chunked":
			p.chunked = value == "true"
		case "ranges":
			p.ranges = value == "true"
		case "cause":
			p.cause, _ = sim.CauseOf(value)
		}
	}
	o.paths[words[0]] = p
}

func (o *origin) Serve(req *sim.Request, reply func(*sim.Response)) {
	p := o.paths[req.Path]
	if o.down {
		o.say("  %s refuses %s", o.name, req.Path)
		reply(sim.Fail(sim.Refused))
		return
	}
	o.say("  %s: %s %s%s", o.name, req.Method, req.Path, fields(req.Header))
	o.open++
	answer := func(r *sim.Response) {
		if reply == nil {
			return
		}
		f := reply
		reply = nil
		o.open--
		f(r)
	}
	timer := o.env.After(p.delay, func() { answer(o.make(p, req)) })
	req.Scope.OnCancel(func(c sim.Cause) {
		o.say("  %s: %s cancelled, %v", o.name, req.Path, c)
		timer.Stop()
		answer(sim.Fail(c))
	})
}

func (o *origin) make(p page, req *sim.Request) *sim.Response {
	if p.cause != sim.OK && p.status == 0 {
		return sim.Fail(p.cause)
	}
	r := sim.Answer(p.status, p.header, p.size)
	r.Date = o.env.Now()
	if tag := p.header.Get("Etag"); tag != "" && req.Header.Get("If-None-Match") == tag {
		r.Status, r.Size = http.StatusNotModified, 0
		return r
	}
	if p.ranges {
		o.cut(r, req)
	}
	if p.body > 0 {
		size := r.Size
		if p.chunked {
			r.Size = -1
		}
		t := &sim.Transfer{Length: r.Size}
		t.Abandoned = func(c sim.Cause) { o.say("  origin: nobody reads %s, %v", req.Path, c) }
		r.Body = t
		o.env.After(p.body, func() {
			if p.truncate > 0 {
				t.End(sim.Truncated, p.truncate)
			} else {
				t.End(sim.OK, size)
			}
		})
	}
	return r
}

// cut makes an answer one to a range, if the request is for one.
func (o *origin) cut(r *sim.Response, req *sim.Request) {
	first, last := int64(0), r.Size-1
	asks, v := req.Header.Get("Range"), req.Header.Get("If-Range")
	if v != "" && v != r.Header.Get("Etag") && v != r.Header.Get("Last-Modified") {
		return
	}
	if n, _ := fmt.Sscanf(asks, "bytes=-%d", &first); n == 1 {
		first = r.Size - first
	} else if n, _ = fmt.Sscanf(asks, "bytes=%d-%d", &first, &last); n == 0 {
		return
	}
	r.Header = r.Header.Clone()
	if first > last || first >= r.Size {
		r.Header.Set("Content-Range", fmt.Sprintf("bytes */%d", r.Size))
		r.Status, r.Size = http.StatusRequestedRangeNotSatisfiable, 0
		return
	}
	last = min(last, r.Size-1)
	r.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, r.Size))
	r.Status, r.Size = http.StatusPartialContent, last-first+1
}
