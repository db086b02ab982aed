// Between net/http's types and the contract's.
package live

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cdnlab/sim"
)

// response makes an answer of what arrived. The lab's typed fields are taken
// out of the header.
func response(hr *http.Response) *sim.Response {
	r := &sim.Response{Status: hr.StatusCode, Header: hr.Header}
	readMarks(hr.Header, &r.Via)
	if date := hr.Header.Get(headerDate); date != "" {
		if t, err := http.ParseTime(date); err == nil {
			r.Date = sim.Time(t.Sub(sim.Epoch))
		}
		delete(hr.Header, headerDate)
	}
	if age := hr.Header.Get(headerAge); age != "" {
		if s, err := strconv.ParseUint(age, 10, 31); err == nil {
			r.Aged, r.Age = true, sim.Time(s)*sim.Time(time.Second)
		}
		delete(hr.Header, headerAge)
	}
	delete(hr.Header, "Content-Length")
	return r
}

// foreign makes an answer of what came from a server that is none of the lab's: its
// fields are its own, whatever they are called.
func foreign(hr *http.Response) *sim.Response {
	delete(hr.Header, "Content-Length") // it is Size
	return &sim.Response{Status: hr.StatusCode, Header: hr.Header}
}

// writeHeader sends an answer's status and fields.
func writeHeader(w http.ResponseWriter, r *sim.Response, epoch time.Time) {
	setFields(w.Header(), r, epoch)
	w.WriteHeader(r.Status)
}

// WireHeader returns the fields of a message that a step tells of, as they stand
// on the wire.
func WireHeader(s *sim.Step) http.Header {
	h := http.Header{}
	if s.Status != 0 {
		r := &sim.Response{Status: s.Status, Header: s.Header, Size: s.Size, Date: s.Date, Aged: s.Aged, Age: s.Age}
		for _, m := range s.Via {
			r.Via.Add(m)
		}
		setFields(h, r, sim.Epoch)
		return h
	}
	for name, values := range s.Header { // a map into a map: any order will do
		h[name] = values
	}
	if s.Host != "" {
		h["Host"] = []string{s.Host}
	}
	if s.Size > 0 {
		h["Content-Length"] = []string{strconv.FormatInt(s.Size, 10)}
	}
	return h
}

func setFields(h http.Header, r *sim.Response, epoch time.Time) {
	for name, values := range r.Header { // a map into a map: any order will do
		h[name] = values
	}
	h[headerDate] = []string{httpDate(epoch, r.Date)}
	if r.Aged {
		h[headerAge] = []string{strconv.FormatInt(int64(r.Age/sim.Time(time.Second)), 10)}
	}
	if hasLength(r) {
		h["Content-Length"] = []string{strconv.FormatInt(r.Size, 10)}
	}
	writeMarks(h, &r.Via)
}

func httpDate(epoch time.Time, t sim.Time) string {
	return epoch.Add(time.Duration(t)).UTC().Format(http.TimeFormat)
}

// filler is what a content is made of whose size alone the scenario knows.
var filler = []byte(strings.Repeat("cdnlab serves these bytes in the place of content.\n", chunkSize/51+1))[:chunkSize]

// copyBody writes a content: the bytes behind body, or size bytes of filler
// when there are none behind it. flush, when not nil, is called before a wait
// for more, and before a content that was cut short takes its connection down:
// what came of it, if only the header, was sent.
func copyBody(n *Node, w io.Writer, body sim.Body, size int64, flush func()) error {
	return copyFeed(w, open(n, body, sim.Stamp{}, size), flush)
}

func copyFeed(w io.Writer, from feed, flush func()) error {
	defer from.close()
	for {
		data, err := from.next(flush)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			if flush != nil {
				flush()
			}
			return err
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
	}
}
