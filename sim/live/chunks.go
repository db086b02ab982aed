// Chunked content (RFC 9112 7.1): its lines, and the content of an answer that came so.
package live

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
)

// maxExtensions bounds what the chunk extensions of a content may take in all (RFC
// 9112 7.1.1).
const maxExtensions = 16 << 10

// maxChunkLine bounds a chunk's line: net/http's own bound.
const maxChunkLine = 4 << 10

// maxSizeDigits bounds a chunk's size, zeros in front included: net/http's bound.
const maxSizeDigits = 16

const badChunk = "a chunk's size is no hexadecimal number (RFC 9112 7.1)"

// chunkLine reads a chunk's line: its size, and how many bytes its extensions have.
func chunkLine(line []byte) (size int64, extensions int, why string) {
	digits := len(line)
	for i, b := range line {
		if !hexDigit(b) {
			digits = i
			break
		}
	}
	n, err := strconv.ParseUint(string(line[:digits]), 16, 63)
	if err != nil || digits > maxSizeDigits {
		return 0, 0, badChunk
	}
	if !chunkExtensions(line[digits:]) {
		return 0, 0, "what stands behind a chunk's size is no extension (RFC 9112 7.1.1)"
	}
	return int64(n), len(line) - digits, ""
}

// chunkExtensions reports whether what stands behind a chunk's size is a list of
// extensions.
func chunkExtensions(s []byte) bool {
	for len(s) > 0 {
		rest, ok := bytes.CutPrefix(bytes.TrimLeft(s, " \t"), []byte(";"))
		if !ok {
			return false
		}
		if s, ok = word(bytes.TrimLeft(rest, " \t")); !ok {
			return false
		}
		value, ok := bytes.CutPrefix(bytes.TrimLeft(s, " \t"), []byte("="))
		if !ok {
			continue
		}
		value = bytes.TrimLeft(value, " \t")
		if bytes.HasPrefix(value, []byte(`"`)) {
			s, ok = quoted(value)
		} else {
			s, ok = word(value)
		}
		if !ok {
			return false
		}
	}
	return true
}

// word takes a token off the front.
func word(s []byte) (rest []byte, ok bool) {
	n := 0
	for n < len(s) && isToken(s[n:n+1]) {
		n++
	}
	return s[n:], n > 0
}

// quoted takes a quoted string off the front (RFC 9110 5.6.4).
func quoted(s []byte) (rest []byte, ok bool) {
	for i := 1; i < len(s); i++ {
		switch b := s[i]; {
		case b == '"':
			return s[i+1:], true
		case b == '\\':
			i++
		case !isText(s[i : i+1]):
			return nil, false
		}
	}
	return nil, false
}

// checkTrailer checks a line of the trailer section. What it says is dropped; what
// would say where the message ends, or whose it is, makes it no message (RFC 9110
// 6.5.1).
func checkTrailer(line []byte) string {
	name, _, why := splitField(line)
	if why != "" {
		return why
	}
	switch strings.ToLower(string(name)) {
	case "transfer-encoding", "content-length", "host", "trailer", "authorization", "content-type", "content-encoding", "content-range":
		return "a field in the trailers that may stand in the header only (RFC 9110 6.5.1)"
	}
	return ""
}

// chunked is the content of an answer that comes in chunks. Read breaks off at what
// is none.
type chunked struct {
	br       *bufio.Reader
	left     int64 // of the chunk under way
	begun    bool  // there was a chunk: its data has an end of its own
	overhead int
	err      error
}

// Read implements io.Reader.
func (c *chunked) Read(p []byte) (int, error) {
	if c.err == nil && c.left == 0 {
		c.err = c.next()
	}
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.br.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	if err != nil {
		c.err = unexpected(err)
	}
	return n, c.err
}

// Close implements io.Closer.
func (c *chunked) Close() error { return nil }

// next reads up to the next chunk's data; io.EOF behind the last.
func (c *chunked) next() error {
	if c.begun {
		if line, err := c.line(); err != nil || len(line) > 0 {
			return errors.Join(err, errors.New("live: a chunk is longer than its size says"))
		}
	}
	line, err := c.line()
	if err != nil {
		return err
	}
	size, extensions, why := chunkLine(line)
	if c.overhead += extensions; why != "" || c.overhead > maxExtensions {
		return errors.New("live: " + why)
	}
	c.left, c.begun = size, true
	if size > 0 {
		return nil
	}
	for total := 0; ; {
		if line, err = c.line(); err != nil {
			return err
		}
		if len(line) == 0 {
			return io.EOF
		}
		if total += len(line); total > maxHeaderBytes || checkTrailer(line) != "" {
			return errors.New("live: trailers that are none")
		}
	}
}

// line reads a line, which must fit into the buffer.
func (c *chunked) line() ([]byte, error) {
	line, err := c.br.ReadSlice('\n')
	if err != nil {
		return nil, unexpected(err)
	}
	text, ok := endsRight(line)
	if !ok || len(text) > maxChunkLine {
		return nil, errors.New("live: " + badEnd)
	}
	return text, nil
}

// unexpected is an end where there must be none.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
