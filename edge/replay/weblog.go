// Web server logs: common and combined, as nginx and Apache write them.
package replay

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// weblog reads lines like
//
//	203.0.113.7 - - [17/May/2015:10:05:03 +0000] "GET /a.css HTTP/1.1" 200 1024 "-" "…"
//
// as what a cache before the server would have been asked for.
type weblog struct {
	lines
	contents contents
}

func newWeblog(from io.Reader) *weblog {
	return &weblog{lines: newLines(from), contents: contents{}}
}

// contents are the sizes of contents that lines have told so far, by object.
type contents map[uint64]int64

// counts reports whether a cache before the server could have had the answer: that of a
// GET with the whole content, 200, or 304 for one whose size an earlier line told, which
// is the request's then. Of other lines it could have spared the server nothing.
func (c contents) counts(r *Request, method string, status int, notes *Problems) bool {
	switch {
	case method != "GET" || status != 200 && status != 304:
		notes.Skipped++
		return false
	case status == 304:
		r.Size = c[r.ID]
	case r.Size > 0:
		c[r.ID] = r.Size
	}
	return true
}

func (w *weblog) Read(batch []Request) (int, error) { return w.read(batch, w.take) }

func (w *weblog) take(line string) (Request, bool) {
	x, err := parseLog(line)
	if err != nil {
		w.notes.bad(err.Error())
		return Request{}, false
	}
	w.called.name = x.path
	r := Request{At: x.at, ID: idOf(x.path), Size: x.size, Next: Unknown}
	if !w.contents.counts(&r, x.method, x.status, &w.notes) {
		return r, false
	}
	if r.Size == 0 {
		w.notes.Empty++
		return r, false
	}
	if w.by != "" {
		client, _, _ := strings.Cut(line, " ")
		w.name(client)
	}
	return r, true
}

// logLine is what a line says.
type logLine struct {
	at           float64
	method, path string
	status       int
	size         int64
}

const logTime = "02/Jan/2006:15:04:05 -0700"

func parseLog(line string) (x logLine, err error) {
	_, rest, found := strings.Cut(line, " [")
	when, rest, found2 := strings.Cut(rest, `] "`)
	request, rest, found3 := strings.Cut(rest, `" `)
	if !found || !found2 || !found3 {
		return x, fmt.Errorf("is no line of a web server's log")
	}
	at, err := time.Parse(logTime, when)
	if err != nil {
		return x, fmt.Errorf("%q is no time as in a web server's log", when)
	}
	x.at = float64(at.Unix())
	x.method, request, _ = strings.Cut(request, " ")
	x.path, _, _ = strings.Cut(request, " ")
	numbers := strings.Fields(rest)
	if len(numbers) < 2 {
		return x, fmt.Errorf("has no status and size")
	}
	if x.status, err = strconv.Atoi(numbers[0]); err != nil {
		return x, fmt.Errorf("%q is no status", numbers[0])
	}
	if numbers[1] == "-" { // Apache's for nothing
		return x, nil
	}
	if x.size, err = strconv.ParseInt(numbers[1], 10, 64); err != nil || x.size < 0 {
		return x, fmt.Errorf("%q is no size in bytes", numbers[1])
	}
	return x, nil
}
