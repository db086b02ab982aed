// Headers as text and back, once for all answers that share one.
package live

import (
	"bytes"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"unsafe"
)

// headerLimit bounds what is remembered; beyond it everything is forgotten.
const headerLimit = 1024

// headerTexts remembers the text of headers. A header is immutable once handed
// on, so the map itself is the key. It is safe for concurrent use.
type headerTexts struct {
	mu    sync.Mutex
	known map[unsafe.Pointer]headerText
}

type headerText struct {
	of   http.Header // keeps the map alive, and its address its own
	text []byte
}

// of returns a header's lines, sorted by name.
func (t *headerTexts) of(h http.Header) []byte {
	if len(h) == 0 {
		return nil
	}
	key := address(h)
	t.mu.Lock()
	defer t.mu.Unlock()
	if known, ok := t.known[key]; ok {
		return known.text
	}
	if t.known == nil || len(t.known) >= headerLimit {
		t.known = map[unsafe.Pointer]headerText{}
	}
	text := headerLines(h)
	t.known[key] = headerText{h, text}
	return text
}

func headerLines(h http.Header) []byte {
	names := make([]string, 0, len(h))
	for name := range h { // sorted below
		names = append(names, name)
	}
	slices.Sort(names)
	var text []byte
	for _, name := range names {
		for _, v := range h[name] {
			text = appendField(text, name, v)
		}
	}
	return text
}

// headerMaps remembers the header of a text. It is safe for concurrent use.
type headerMaps struct {
	mu    sync.Mutex
	known map[string]http.Header
}

// of returns the header of lines, each with its end; false when one of them is
// not plain.
func (m *headerMaps) of(lines []byte) (http.Header, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h, ok := m.known[string(lines)]; ok {
		return h, true
	}
	h, text := http.Header{}, string(lines)
	for len(lines) > 0 {
		line, rest, _ := bytes.Cut(lines, []byte("\r\n"))
		name, value, found := strings.Cut(string(line), ":")
		if !found || !plainName(name) || !plainValue(value) {
			return nil, false
		}
		h.Add(name, textproto.TrimString(value))
		lines = rest
	}
	if m.known == nil || len(m.known) >= headerLimit {
		m.known = map[string]http.Header{}
	}
	m.known[text] = h
	return h, true
}
