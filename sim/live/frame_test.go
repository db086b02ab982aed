// Tests: what messages are on the wire.
package live

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestFrames(t *testing.T) {
	for _, n := range []int{0, 1, 125, 126, 1<<16 - 1, 1 << 16, maxFrame} {
		payload := bytes.Repeat([]byte("x"), n)
		for _, masked := range []bool{false, true} {
			text := appendFrame(nil, frameBinary, payload, masked)
			r := bufio.NewReader(strings.NewReader(string(text) + "next"))
			f, err := readFrame(r)
			rest, _ := io.ReadAll(r) // of a string
			if err != nil || f.op != frameBinary || !bytes.Equal(f.data, payload) || string(rest) != "next" {
				t.Errorf("a frame of %d bytes, masked %v, is read as one of %d: %v", n, masked, len(f.data), err)
			}
		}
	}
	// RFC 6455 5.7: a single-frame masked text message, and a ping.
	for text, want := range map[string]string{ // any order
		"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58": "Hello",
		"\x89\x05\x48\x65\x6c\x6c\x6f":                 "Hello",
	} {
		if f, err := readFrame(bufio.NewReader(strings.NewReader(text))); err != nil || string(f.data) != want {
			t.Errorf("%q is read as %q, %v", text, f.data, err)
		}
	}
	for _, text := range []string{"", "\x81", "\x82\x7f\x00\x00\x00\x00\x00\x20\x00\x00", "\x89\x7e\x00\x7e" + strings.Repeat("x", 126), "\x82\x05abc"} {
		if f, err := readFrame(bufio.NewReader(strings.NewReader(text))); err == nil {
			t.Errorf("%q is read as %+v", text, f)
		}
	}
	if got := acceptKey("dGhlIHNhbXBsZSBub25jZQ=="); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" { // RFC 6455 1.3
		t.Errorf("the key is accepted with %s", got)
	}
	f, err := readFrame(bufio.NewReader(bytes.NewReader(webSocket.message(7, true, 100, true))))
	if id, failed := f.message(); id != 7 || !failed || len(f.data) != 100 || err != nil {
		t.Errorf("message 7 is read as %d, %v, %d bytes, %v", id, failed, len(f.data), err)
	}
}

// Whatever comes, a frame is no longer than it may be, and is written the same again.
func FuzzReadFrame(f *testing.F) {
	f.Add(appendFrame(nil, frameBinary, []byte("x"), true))
	f.Add(appendFrame(nil, framePing, nil, false))
	f.Add([]byte("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := readFrame(bufio.NewReader(bytes.NewReader(text)))
		if err != nil {
			return
		}
		if len(got.data) > maxFrame || len(got.data) > len(text) {
			t.Fatalf("%d bytes of payload in %d", len(got.data), len(text))
		}
		again, err := readFrame(bufio.NewReader(bytes.NewReader(appendFrame(nil, got.op, got.data, false))))
		if err != nil || again.op != got.op || !bytes.Equal(again.data, got.data) {
			t.Fatalf("%+v is written as %+v, %v", got, again, err)
		}
	})
}
