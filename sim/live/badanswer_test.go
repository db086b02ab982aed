// Answers that are none: what a server behind may say, and what comes of it.
package live

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// badAnswers are taken for none: the asker is told so, and the connection is done
// with.
var badAnswers = map[string]string{
	"CL and TE":                  says200("Content-Length: 4\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
	"TE and CL":                  says200("Transfer-Encoding: chunked\r\nContent-Length: 4", "0\r\n\r\n"),
	"two lengths":                says200("Content-Length: 5\r\nContent-Length: 2", "hello"),
	"two lengths, the same":      says200("Content-Length: 5\r\nContent-Length: 5", "hello"),
	"length: list":               says200("Content-Length: 5, 5", "hello"),
	"length: +":                  says200("Content-Length: +5", "hello"),
	"length: -":                  says200("Content-Length: -1", ""),
	"length: empty":              says200("Content-Length:", ""),
	"length: octal":              says200("Content-Length: 05", "hello"),
	"length: too large":          says200("Content-Length: 99999999999999999999", "hello"),
	"TE: xchunked":               says200("Transfer-Encoding: xchunked", "0\r\n\r\n"),
	"TE: gzip, chunked":          says200("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"),
	"TE: twice":                  says200("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
	"TE: blank before the colon": says200("Transfer-Encoding : chunked", "0\r\n\r\n"),
	"TE: folded":                 says200("Transfer-Encoding:\r\n chunked", "0\r\n\r\n"),
	"TE: in HTTP/1.0":            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"folded":                     says200("X: y\r\n z\r\nContent-Length: 0", ""),
	"white space before":         "HTTP/1.1 200 OK\r\n X: y\r\nContent-Length: 0\r\n\r\n",
	"NUL in a value":             says200("X: a\x00b\r\nContent-Length: 0", ""),
	"NUL in a name":              says200("X\x00: a\r\nContent-Length: 0", ""),
	"bare CR in a value":         says200("X: a\rSet-Cookie: b\r\nContent-Length: 0", ""),
	"bare LF in a value":         says200("X: a\nContent-Length: 5\r\nContent-Length: 0", "hello"),
	"bare LF in the reason":      "HTTP/1.1 200 OK\nX: y\r\nContent-Length: 0\r\n\r\n",
	"bare LF":                    "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
	"no colon":                   says200("nonsense\r\nContent-Length: 0", ""),
	"header too long":            says200("X: "+strings.Repeat("x", 100<<10)+"\r\nContent-Length: 0", ""),
	"header without an end":      "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 20_000),
	"status of two digits":       "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
	"status of four digits":      "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
	"status +20":                 "HTTP/1.1 +20 OK\r\nContent-Length: 0\r\n\r\n",
	"status 000":                 "HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n",
	"HTTP/0.9":                   "<html>hello</html>\r\n\r\n",
	"HTTP/2":                     "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
	"another protocol":           "ICY 200 OK\r\n\r\n",
	"empty line before":          "\r\n" + says200("Content-Length: 0", ""),
}

// badAnswerContents are cut short where they are wrong.
var badAnswerContents = map[string]string{
	"chunk: no number":            "5\r\nhello\r\nx\r\n\r\n0\r\n\r\n",
	"chunk: too large":            "5\r\nhello\r\nffffffffffffffff\r\nhello",
	"chunk: longer than its size": "5\r\nhello!\r\n0\r\n\r\n",
	"chunk: bare LF":              "5\r\nhello\r\n1\nx\r\n0\r\n\r\n",
	"chunk: bare LF in extension": "5\r\nhello\r\n1;a\nx\r\n0\r\n\r\n",
	"chunk: long extension":       "5\r\nhello\r\n1;a=" + strings.Repeat("x", 100<<10) + "\r\nx\r\n0\r\n\r\n",
	"trailers: bare LF":           "5\r\nhello\r\n0\r\n\n",
	"trailers: no colon":          "5\r\nhello\r\n0\r\nHTTP/1.1 200 OK\r\n\r\n",
	"trailers: length":            "5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n",
	"no end":                      "5\r\nhello\r\n0\r\n",
}

func says200(fields, content string) string {
	return "HTTP/1.1 200 OK\r\n" + fields + "\r\n\r\n" + content
}

// askBoth asks such a server by a link to one of the lab's and to a stranger.
func askBoth(t *testing.T, what, text string, check func(o outcome, what string) (fresh bool)) {
	t.Helper()
	asked := make(chan string, 10)
	address := misbehave(t, func(c net.Conn, i int) {
		br := bufio.NewReader(c)
		for {
			r, err := http.ReadRequest(br)
			if err != nil {
				return
			}
			asked <- fmt.Sprint(i, " ", r.URL.Path)
			if r.URL.Path == "/next" {
				_, _ = io.WriteString(c, says200("Content-Length: 2", "ok"))
				continue
			}
			_, _ = io.WriteString(c, text)
			if !strings.Contains(text, "no end") && strings.HasSuffix(text, "0\r\n") {
				return
			}
		}
	})
	for _, stranger := range []bool{false, true} {
		for _, discard := range []bool{false, true} {
			a := newAsker(t, 0, network.Config{}, Dialer("", address))
			a.link.discard, a.link.stranger = discard, stranger
			where := fmt.Sprintf("%s (stranger %v, discard %v)", what, stranger, discard)
			fresh := check(a.get("/"), where)
			first := strings.Fields(receive(t, asked, "the request"))[0]
			if o := a.get("/next"); o.status != 200 || o.cause != sim.OK {
				t.Errorf("%s: then %+v", where, o)
			}
			if next := strings.Fields(receive(t, asked, "the next request"))[0]; next == first && fresh {
				t.Errorf("%s: the connection was used again", where)
			}
		}
	}
}

func TestBadAnswers(t *testing.T) {
	for what, text := range badAnswers { // any order
		askBoth(t, what, text, func(o outcome, where string) bool {
			if strings.HasSuffix(where, "(stranger false, discard true)") && (strings.HasPrefix(what, "NUL") || strings.HasPrefix(what, "bare CR")) {
				return false // who wants to know only how it went reads no values
			}
			if o.status != 0 || o.cause != sim.Malformed {
				t.Errorf("%s: %+v", where, o)
			}
			return true
		})
	}
}

func TestBadAnswerContents(t *testing.T) {
	for what, content := range badAnswerContents { // any order
		askBoth(t, what, says200("Transfer-Encoding: chunked", content), func(o outcome, where string) bool {
			if o.status != 200 || o.cause != sim.Truncated {
				t.Errorf("%s: %+v", where, o)
			}
			return true
		})
	}
}

// TestGoodAnswers: odd, but right, and to net/http the same.
func TestGoodAnswers(t *testing.T) {
	for what, text := range map[string]string{ // any order
		"no reason":           "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
		"empty reason":        "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello",
		"reason beyond ASCII": "HTTP/1.1 200 \xc3\xa0 la carte\r\nContent-Length: 5\r\n\r\nhello",
		"unknown status":      "HTTP/1.1 299 What\r\nContent-Length: 5\r\n\r\nhello",
		"no content":          "HTTP/1.1 204 No Content\r\n\r\n",
		"304 with a length":   "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
		"to the end":          "HTTP/1.1 200 OK\r\n\r\nhello",
		"HTTP/1.0":            "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.0, kept":      "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 5\r\n\r\nhello",
		"close among others":  "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 5\r\n\r\nhello",
		"chunks":              "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nX: y\r\n\r\n",
		"pragma":              "HTTP/1.1 200 OK\r\nPragma: no-cache\r\nContent-Length: 5\r\n\r\nhello",
		"two of a field":      "HTTP/1.1 200 OK\r\nset-cookie: a\r\nSet-Cookie:b\r\nContent-Length: 5\r\n\r\nhello",
	} {
		if ours, theirs := readTwice([]byte(text), http.MethodGet); ours != theirs {
			t.Errorf("%s: read as\n%s\nby net/http as\n%s", what, ours, theirs)
		}
	}
}

// readTwice reads an answer by the lab's rules and by net/http's. What the lab does
// not take is the same as anything.
func readTwice(text []byte, method string) (ours, theirs string) {
	br := bufio.NewReader(strings.NewReader(string(text)))
	hr, err := readAnswer(br, method)
	if err != nil {
		return "", ""
	}
	ours, ok := tellAnswer(hr, br)
	if !ok {
		return "", ""
	}
	br = bufio.NewReader(strings.NewReader(string(text)))
	hr, err = http.ReadResponse(br, &http.Request{Method: method})
	if err != nil {
		return ours, err.Error()
	}
	theirs, _ = tellAnswer(hr, br)
	return ours, theirs
}

func tellAnswer(hr *http.Response, br *bufio.Reader) (string, bool) {
	delete(hr.Header, "Trailer")    // nobody passes trailers on
	delete(hr.Header, "Connection") // net/http does, when it says close
	if hr.StatusCode < 200 || bodiless(hr.StatusCode) {
		hr.ContentLength = 0 // net/http has -1 for some
	}
	content, err := io.ReadAll(hr.Body)
	rest, _ := io.ReadAll(br)
	if err != nil {
		rest = nil // how far a reader came does not matter: the connection is done with
	}
	return fmt.Sprintf("%d %v %d %v %q %v, then %q", hr.StatusCode, hr.Header, hr.ContentLength, hr.Close, content, err == nil, rest),
		err == nil || errors.Is(err, io.ErrUnexpectedEOF)
}

// TestSwitchedProtocols: what follows such an answer is no HTTP, so the connection is
// nobody else's.
func TestSwitchedProtocols(t *testing.T) {
	askBoth(t, "101", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n", func(o outcome, where string) bool {
		if o.status != 101 {
			t.Errorf("%s: %+v", where, o)
		}
		return true
	})
}

// TestManyAnswers: what a server says beyond its answer is not the next one's.
func TestManyAnswers(t *testing.T) {
	split := says200("Content-Length: 0\r\nLocation: /", "") + says200("Content-Length: 4", "evil")
	askBoth(t, "split", split, func(o outcome, where string) bool {
		if o.status != 200 || o.size != 0 {
			t.Errorf("%s: %+v", where, o)
		}
		return true
	})
}
