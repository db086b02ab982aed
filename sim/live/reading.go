// Reading an answer of any form off a connection, by the lab's own rules: where it
// ends, two readers must not disagree about (RFC 9112 6.3, 11.1).
package live

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"strings"
)

// reading is what decides about an answer while its head is read.
type reading struct {
	hr      *http.Response
	old     bool // HTTP/1.0
	lengths int
	length  int64
	codings int
	coding  string
}

// readAnswer reads the head of an answer to a method; its content is read from the
// same reader. What is wrong with it is in the error, unless the connection broke.
func readAnswer(br *bufio.Reader, method string) (*http.Response, error) {
	h := &reading{hr: &http.Response{Header: http.Header{}}}
	line, err := answerLine(br)
	if err != nil {
		return nil, err
	}
	if why := h.status(line); why != "" {
		return nil, errors.New("live: an answer: " + why)
	}
	for {
		if line, err = answerLine(br); err != nil {
			return nil, err
		}
		if len(line) == 0 {
			break
		}
		if why := h.field(line); why != "" {
			return nil, errors.New("live: an answer: " + why)
		}
	}
	if why := h.content(br, method); why != "" {
		return nil, errors.New("live: an answer: " + why)
	}
	return h.hr, nil
}

// answerLine reads a line; the connection bounds a head as a whole.
func answerLine(br *bufio.Reader) ([]byte, error) {
	line, err := br.ReadBytes('\n')
	if err != nil {
		return nil, unexpected(err)
	}
	text, ok := endsRight(line)
	if !ok {
		return nil, errors.New("live: an answer: " + badEnd)
	}
	return text, nil
}

// status reads the status line (RFC 9112 4). The blank before the reason, which many
// leave out with it, may be missing.
func (h *reading) status(line []byte) string {
	version, rest, _ := strings.Cut(string(line), " ")
	code, reason, _ := strings.Cut(rest, " ")
	switch {
	case len(version) != 8 || !strings.HasPrefix(version, "HTTP/1.") || !digit(version[7]):
		return "it does not begin with HTTP/1.1"
	case len(code) != 3 || code[0] < '1' || !digit(code[0]) || !digit(code[1]) || !digit(code[2]):
		return "its status has not three digits"
	case !isText([]byte(reason)):
		return "a control character in its reason phrase"
	}
	h.old = version[7] == '0'
	h.hr.StatusCode = int(code[0]-'0')*100 + int(code[1]-'0')*10 + int(code[2]-'0')
	h.hr.ProtoMajor, h.hr.ProtoMinor = 1, int(version[7]-'0')
	return ""
}

func (h *reading) field(line []byte) string {
	name, value, why := splitField(line)
	if why != "" {
		return why
	}
	switch {
	case is(name, "Content-Length"):
		n, ok := contentLength(value)
		if !ok {
			return "Content-Length is no number (RFC 9110 8.6)"
		}
		h.lengths++
		h.length = n
	case is(name, "Transfer-Encoding"):
		h.codings++
		h.coding = string(value)
		return ""
	}
	h.hr.Header.Add(textproto.CanonicalMIMEHeaderKey(string(name)), string(value))
	return ""
}

// content decides where the content ends (RFC 9112 6.3). An answer that says so
// twice, or in a way that nobody here can follow, is none.
func (h *reading) content(br *bufio.Reader, method string) string {
	hr := h.hr
	switch {
	case h.codings > 0 && h.lengths > 0:
		return "both Content-Length and Transfer-Encoding (RFC 9112 6.3)"
	case h.codings > 0 && h.old:
		return "Transfer-Encoding in HTTP/1.0 (RFC 9112 6.1)"
	case h.codings > 1 || h.codings == 1 && !strings.EqualFold(h.coding, "chunked"):
		return "a Transfer-Encoding that is not chunked alone (RFC 9112 6.1)"
	case h.lengths > 1:
		return "more than one Content-Length (RFC 9110 8.6)"
	}
	connection := hr.Header["Connection"]
	hr.Close = lists(connection, "close") || h.old && !lists(connection, "keep-alive")
	if len(hr.Header["Pragma"]) > 0 && hr.Header["Pragma"][0] == "no-cache" && hr.Header["Cache-Control"] == nil {
		hr.Header["Cache-Control"] = []string{"no-cache"} // as net/http has it
	}
	hr.Body = http.NoBody
	switch {
	case hr.StatusCode < 200 || bodiless(hr.StatusCode):
		hr.Close = hr.Close || hr.StatusCode == http.StatusSwitchingProtocols // what follows is no HTTP
	case method == http.MethodHead:
		hr.ContentLength = -1
		if h.lengths > 0 {
			hr.ContentLength = h.length
		}
	case h.codings > 0:
		hr.ContentLength, hr.Body = -1, &chunked{br: br}
	case h.lengths == 0:
		hr.ContentLength, hr.Body, hr.Close = -1, io.NopCloser(br), true
	case h.length > 0:
		hr.ContentLength, hr.Body = h.length, &lengthed{br, h.length}
	}
	return ""
}

// lengthed is a content of a known length.
type lengthed struct {
	br   *bufio.Reader
	left int64
}

// Read implements io.Reader.
func (m *lengthed) Read(p []byte) (int, error) {
	if m.left == 0 {
		return 0, io.EOF
	}
	n, err := m.br.Read(p[:min(int64(len(p)), m.left)])
	if m.left -= int64(n); m.left == 0 {
		return n, io.EOF
	}
	return n, unexpected(err)
}

// Close implements io.Closer.
func (m *lengthed) Close() error { return nil }

// lists reports whether a word is a member of a list field (RFC 9110 5.6.1).
func lists(lines []string, word string) bool {
	for _, line := range lines {
		for member := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.Trim(member, " \t"), word) {
				return true
			}
		}
	}
	return false
}
