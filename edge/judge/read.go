// Package judge says what a cache makes of one answer: stored or not, under which
// key, for how long, and what a request gets then, by the very deciders of
// edge/cache. It is for people who look at headers, so every decision comes with
// its reason, and what other caches do otherwise with its source.
package judge

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Given is one request and what came for it, as they stood in the input.
type Given struct {
	Method, Scheme, Host, Path string // Method is "" when the input has no request
	Asked                      http.Header

	Status int
	Header http.Header
	Before int // answers in the input before this one, which is the last
}

// The bounds of the input. What follows MaxInput is a body, or too much.
const (
	MaxInput  = 1 << 20
	maxHead   = 256 << 10 // of one head: four times what servers accept at the most
	maxFields = 1000      // in one head
)

// Read finds the last answer in what curl printed: a head as -i and -D have it,
// or the heads of request and answer as -v has them, each line after "> " or "< ".
// Bodies, and what curl says of the connection ("* "), are passed over.
func Read(text []byte) (Given, error) {
	r := reader{verbose: hasMarked(string(text))}
	for line := range strings.Lines(string(text)) {
		r.number++
		if err := r.line(strings.TrimRight(line, "\r\n")); err != nil {
			return Given{}, fmt.Errorf("line %d: %w", r.number, err)
		}
		if r.ended {
			break
		}
	}
	return r.last()
}

// hasMarked reports whether an answer's lines are marked, as -v has them.
func hasMarked(text string) bool {
	return strings.HasPrefix(text, "< HTTP/") || strings.Contains(text, "\n< HTTP/")
}

// reader is a pass over the input's lines.
type reader struct {
	verbose bool // answers stand after "< ", and lines without a mark are a body
	number  int
	secure  bool // the last request went over TLS
	ended   bool // only a body follows

	asked, came head
	request     Given // the last whole request
	found       Given // the last whole answer, with its request
	answers     int
	interim     int // the status of the last answer when it was none to keep
}

// head is one head on its way in.
type head struct {
	open   bool
	fields http.Header
	name   string // of the field that a line may go on with
	size   int
	n      int
}

// line takes one line in.
func (r *reader) line(text string) error {
	mark, rest := byte(0), text
	if text == ">" || text == "<" || strings.HasPrefix(text, "> ") || strings.HasPrefix(text, "< ") {
		mark, rest = text[0], strings.TrimPrefix(text[1:], " ")
	}
	switch {
	case mark == '>' && (r.asked.open || requestLine(rest)):
		return r.ask(rest)
	case mark == '<' && r.verbose && (r.came.open || statusLine(rest)):
		return r.answer(rest)
	case strings.HasPrefix(text, "* "):
		r.remark(text)
	case r.verbose || mark != 0: // a body, or curl's progress
	case r.came.open || text != "":
		return r.plain(text)
	}
	return nil
}

// remark learns from what curl says of the connection whether it is TLS, which a
// request's head does not say.
func (r *reader) remark(text string) {
	switch {
	case strings.HasPrefix(text, "* SSL connection using "), strings.Contains(text, "[:scheme: https]"):
		r.secure = true
	case strings.HasPrefix(text, "*   Trying "): // a new connection
		r.secure = false
	}
}

// plain takes in a line without a mark: of an answer's head, or of its body, at
// which the input ends.
func (r *reader) plain(text string) error {
	switch {
	case r.came.open || statusLine(text):
		return r.answer(text)
	case r.answers > 0:
		r.ended = true
		return nil
	}
	return fmt.Errorf("%q: want a status line, as \"HTTP/1.1 200 OK\", at the head of the answer: give what curl -i or curl -v prints", shorten(text))
}

func (r *reader) ask(text string) (err error) {
	switch {
	case !r.asked.open:
		r.asked = head{open: true, fields: http.Header{}}
		words := strings.Fields(text)
		r.request = Given{Method: words[0], Path: words[1]}
		return nil
	case text != "":
		return r.asked.field(text)
	}
	r.asked.open = false
	r.request.Asked = r.asked.fields
	return r.request.locate(r.secure)
}

// locate finds out what a request is for: its target is a path, with the Host
// beside it, or a whole URL, as to a proxy.
func (g *Given) locate(secure bool) error {
	g.Scheme, g.Host = "http", g.Asked.Get("Host")
	if secure {
		g.Scheme = "https"
	}
	if g.Method == http.MethodConnect || g.Path == "*" || strings.HasPrefix(g.Path, "/") {
		return nil
	}
	return g.SetURL(g.Path)
}

// SetURL takes scheme, host and path from a URL.
func (g *Given) SetURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q: want a URL, as http://example.com/page", shorten(text))
	}
	g.Scheme, g.Host, g.Path = u.Scheme, u.Host, u.RequestURI()
	return nil
}

func (r *reader) answer(text string) error {
	switch {
	case !r.came.open:
		if r.asked.open { // curl prints an empty line between them
			return fmt.Errorf("the answer begins within the request's head: an empty \"> \" line ends it")
		}
		r.came = head{open: true, fields: http.Header{}}
		r.interim, _ = strconv.Atoi(strings.Fields(text)[1])
		return nil
	case text != "":
		return r.came.field(text)
	}
	r.close()
	return nil
}

// close ends an answer's head. 1xx come before an answer (RFC 9110 15.2), and a
// CONNECT's is that of a tunnel.
func (r *reader) close() {
	r.came.open = false
	if r.interim < 200 || r.request.Method == http.MethodConnect {
		return
	}
	before := r.answers
	r.answers++
	r.found = r.request
	r.found.Status, r.found.Header, r.found.Before = r.interim, r.came.fields, before
	r.interim = 0
}

// last ends the input.
func (r *reader) last() (Given, error) {
	if r.came.open { // without the empty line, which is easily lost in copying
		r.close()
	}
	switch {
	case r.answers > 0:
		return r.found, nil
	case r.interim != 0 && r.interim < 200:
		return Given{}, fmt.Errorf("%d is an interim answer: the final one must follow it (RFC 9110 15.2)", r.interim)
	case r.number == 0:
		return Given{}, fmt.Errorf("nothing there: give what curl -i or curl -v prints")
	}
	return Given{}, fmt.Errorf("no answer in %d lines: want a status line, as \"HTTP/1.1 200 OK\", and fields below it", r.number)
}

// field takes in a line of a head.
func (h *head) field(line string) error {
	if h.size += len(line); h.size > maxHead {
		return fmt.Errorf("the head is larger than %d KiB", maxHead>>10)
	}
	if line[0] == ' ' || line[0] == '\t' {
		return h.fold(line)
	}
	name, value, found := strings.Cut(line, ":")
	value = strings.Trim(value, " \t")
	switch {
	case !found:
		return fmt.Errorf("%q: want NAME: VALUE, or an empty line where the head ends", shorten(line))
	case !token(name):
		return fmt.Errorf("%q: is no field's name: letters, digits and hyphens, and the colon right behind it", shorten(name))
	case control(value):
		return fmt.Errorf("%s: its value has a control character", name)
	}
	if h.n++; h.n > maxFields {
		return fmt.Errorf("more than %d fields", maxFields)
	}
	h.name = http.CanonicalHeaderKey(name)
	h.fields[h.name] = append(h.fields[h.name], value)
	return nil
}

// fold goes on with a field on the next line, which is read as a space (RFC 9112
// 5.2).
func (h *head) fold(line string) error {
	lines := h.fields[h.name]
	switch {
	case len(lines) == 0:
		return fmt.Errorf("%q: a line that begins with a space goes on with a field, and there is none before it", shorten(line))
	case control(line):
		return fmt.Errorf("%s: its value has a control character", h.name)
	}
	lines[len(lines)-1] += " " + strings.Trim(line, " \t")
	return nil
}

// statusLine reports whether a line is one: HTTP/1.1 200 OK, HTTP/2 200.
func statusLine(line string) bool {
	words := strings.Fields(line)
	if len(words) < 2 || !strings.HasPrefix(line, "HTTP/") || len(words[1]) != 3 {
		return false
	}
	status, err := strconv.Atoi(words[1])
	return err == nil && status >= 100 && status <= 599
}

// requestLine reports whether a line is one: GET / HTTP/1.1.
func requestLine(line string) bool {
	words := strings.Fields(line)
	return len(words) == 3 && token(words[0]) && strings.HasPrefix(words[2], "HTTP/")
}

// token reports whether a name is one (RFC 9110 5.6.2).
func token(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

func control(value string) bool {
	return strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// shorten keeps an error's quotation to a line.
func shorten(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + "..."
	}
	return text
}
