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
// as what a cache before the server would have been asked for: GETs that were answered
// with a whole content, 200, or with 304 for one whose size an earlier line told. Of
// other lines a cache could have spared the server nothing, and they are skipped.
type weblog struct {
	lines
	sizes map[uint64]int64
}

func newWeblog(from io.Reader) *weblog {
	return &weblog{lines: newLines(from), sizes: map[uint64]int64{}}
}

func (w *weblog) Read(batch []Request) (int, error) { return w.read(batch, w.take) }

func (w *weblog) take(line string) (Request, bool) {
	x, err := parseLog(line)
	switch {
	case err != nil:
		w.notes.bad(err.Error())
		return Request{}, false
	case x.method != "GET" || x.status != 200 && x.status != 304:
		w.notes.Skipped++
		return Request{}, false
	}
	w.called.name = x.path
	r := Request{At: x.at, ID: idOf(x.path), Size: x.size, Next: Unknown}
	if x.status == 304 {
		r.Size = w.sizes[r.ID]
	} else if r.Size > 0 {
		w.sizes[r.ID] = r.Size
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
