// requestScan: where each request of a connection begins and ends, and whether it is
// one. It is the lab's own reading of RFC 9112, stricter than net/http's, which gets
// to see only what has passed here.
package live

import (
	"bytes"
	"strings"
)

const (
	maxRequestLine = 8 << 10 // RFC 9112 3 wants 8,000 at least
	maxMethod      = 32      // the longest in IANA's registry has 17
)

// scanStage is what a requestScan expects next.
type scanStage uint8

const (
	scanRequest  scanStage = iota // a request line
	scanFields                    // a line of the header
	scanContent                   // content whose length is known
	scanChunk                     // a chunk's line
	scanData                      // a chunk's data
	scanDataEnd                   // the line's end behind it
	scanTrailers                  // a line of the trailer section
)

// requestScan follows one connection's requests, line by line.
type requestScan struct {
	stage scanStage
	left  int64 // of the content or the chunk: bytes that pass unread
	size  int   // of the head, or the trailer section, so far
	extra int   // of chunk extensions

	method    string
	authority string // the target's
	old       bool   // HTTP/1.0
	hosts     int
	host      string
	lengths   int
	length    int64
	codings   int
	coding    string
}

// holds reports whether a request's head is under way: nobody may see it yet.
func (s *requestScan) holds() bool { return s.stage <= scanFields }

// passes reports whether the next bytes are content, whatever they are.
func (s *requestScan) passes() bool { return s.left > 0 }

// passed takes content in.
func (s *requestScan) passed(n int64) {
	if s.left -= n; s.left > 0 {
		return
	}
	if s.stage == scanData {
		s.stage = scanDataEnd
		return
	}
	*s = requestScan{}
}

// room is how long the line under way may be.
func (s *requestScan) room() int {
	switch s.stage {
	case scanRequest:
		return maxRequestLine
	case scanChunk, scanDataEnd:
		return maxChunkLine
	default:
		return max(0, maxHeaderBytes-s.size)
	}
}

// tooLong is what a line is that has more than room says.
func (s *requestScan) tooLong(line []byte) *refusal {
	switch s.stage {
	case scanRequest:
		if bytes.IndexByte(line[:maxMethod+1], ' ') < 0 {
			return badMethod
		}
		return badLong
	case scanChunk, scanDataEnd:
		return bad("a chunk's line is longer than anybody needs (RFC 9112 7.1.1)")
	default:
		return badHuge
	}
}

// begins checks the first bytes of a line that has not come whole: what cannot
// become one needs no waiting for.
func (s *requestScan) begins(line []byte) *refusal {
	if s.stage == scanRequest && len(line) > 0 && line[0] != '\r' && !isToken(line[:1]) {
		return bad("this is not HTTP")
	}
	return nil
}

// line takes a line in, its end included.
func (s *requestScan) line(raw []byte) *refusal {
	line, ok := endsRight(raw)
	if !ok {
		return bad(badEnd)
	}
	s.size += len(raw)
	switch s.stage {
	case scanRequest:
		return s.requestLine(line)
	case scanFields:
		if len(line) == 0 {
			return s.headEnds()
		}
		return s.field(line)
	case scanChunk:
		return s.chunk(line)
	case scanDataEnd:
		if len(line) > 0 {
			return bad("a chunk is longer than its size says (RFC 9112 7.1)")
		}
		s.stage = scanChunk
	case scanTrailers:
		if len(line) == 0 {
			*s = requestScan{}
		} else if why := checkTrailer(line); why != "" {
			return bad(why)
		}
	}
	return nil
}

func (s *requestScan) requestLine(line []byte) *refusal {
	method, rest, _ := bytes.Cut(line, []byte(" "))
	target, version, found := bytes.Cut(rest, []byte(" "))
	switch {
	case !found || !isToken(method):
		return bad("the request line is not METHOD TARGET HTTP/1.1 (RFC 9112 3)")
	case len(method) > maxMethod:
		return badMethod
	case len(version) != 8 || !bytes.HasPrefix(version, []byte("HTTP/")) || version[6] != '.' || !digit(version[5]) || !digit(version[7]):
		return bad("the request line does not end in HTTP/1.1 (RFC 9112 2.3)")
	case version[5] != '1':
		return badVersion
	case string(method) == "CONNECT":
		return badConnect
	}
	s.method, s.old = string(method), version[7] == '0'
	authority, why := checkTarget(s.method, passing(target))
	s.authority, s.stage = strings.Clone(authority), scanFields
	return why
}

func digit(b byte) bool { return b >= '0' && b <= '9' }

func (s *requestScan) field(line []byte) *refusal {
	name, value, why := splitField(line)
	if why != "" {
		return bad(why)
	}
	switch {
	case is(name, "Host"):
		s.hosts++
		s.host = string(value)
	case is(name, "Content-Length"):
		n, ok := contentLength(value)
		if !ok {
			return bad("Content-Length is no number (RFC 9110 8.6)")
		}
		s.lengths++
		s.length = n
	case is(name, "Transfer-Encoding"):
		s.codings++
		s.coding = string(value)
	case is(name, headerRefused):
		return bad(headerRefused + " is this server's own word")
	}
	return nil
}

// headEnds decides what follows the head (RFC 9112 6.3).
func (s *requestScan) headEnds() *refusal {
	if why := s.checkHost(); why != nil {
		return why
	}
	switch {
	case s.codings > 0 && s.lengths > 0:
		return bad("both Content-Length and Transfer-Encoding (RFC 9112 6.1)")
	case s.codings > 0 && s.old:
		return bad("Transfer-Encoding in HTTP/1.0 (RFC 9112 6.1)")
	case s.codings > 1:
		return bad("more than one Transfer-Encoding (RFC 9112 6.1)")
	case s.lengths > 1:
		return bad("more than one Content-Length (RFC 9110 8.6)")
	case s.codings > 0:
		if why := checkCoding(s.coding); why != nil {
			return why
		}
		s.stage, s.size = scanChunk, 0
	case s.length > 0:
		s.stage, s.left = scanContent, s.length
	default:
		*s = requestScan{}
	}
	return nil
}

// checkHost holds RFC 9112 3.2: one Host, and the target's own is no other.
func (s *requestScan) checkHost() *refusal {
	switch {
	case s.hosts > 1:
		return bad("more than one Host (RFC 9112 3.2)")
	case s.hosts == 0 && s.old:
	case s.hosts == 0:
		return bad("no Host (RFC 9112 3.2)")
	case !isHost(s.host):
		return bad("Host is none (RFC 9112 3.2)")
	case s.authority != "" && !strings.EqualFold(s.authority, s.host):
		return bad("the target's host is not that of Host (RFC 9112 3.2.2)")
	}
	return nil
}

// checkCoding takes chunked alone. What is not chunked in the end has no end (RFC
// 9112 6.3); a coding before that is one that nobody here can undo (6.1).
func checkCoding(list string) *refusal {
	if strings.EqualFold(list, "chunked") {
		return nil
	}
	all := strings.Split(list, ",")
	for i, one := range all {
		one = strings.Trim(one, " \t")
		if !isToken([]byte(one)) || strings.EqualFold(one, "chunked") != (i == len(all)-1) {
			return bad("Transfer-Encoding is not chunked, once and last (RFC 9112 6.3)")
		}
	}
	return badCoding
}

func (s *requestScan) chunk(line []byte) *refusal {
	size, extensions, why := chunkLine(line)
	if why != "" {
		return bad(why)
	}
	if s.extra += extensions; s.extra > maxExtensions {
		return bad("more chunk extensions than anybody needs (RFC 9112 7.1.1)")
	}
	if s.stage, s.left = scanData, size; size == 0 {
		s.stage, s.size = scanTrailers, 0
	}
	return nil
}
