// The lab's own words on the wire: who asks, and the marks of the hops.
package live

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unique"

	"cdnlab/sim"
)

// headerClient tells the first node who asks, with the run's token in front:
// without it nobody is believed.
const headerClient = "Cdnlab-Client"

const (
	headerCacheStatus  = "Cache-Status"  // RFC 9211
	headerServerTiming = "Server-Timing" // W3C Server Timing
	headerVia          = "Via"           // RFC 9110 7.6.3
	headerAge          = "Age"           // RFC 9111 5.1
	headerDate         = "Date"
	headerSetCookie    = "Set-Cookie"  // RFC 6265 4.1
	headerRetryAfter   = "Retry-After" // RFC 9110 10.2.3
)

// traceMarks stand before a traced request's number: who has the run's token, and
// nobody else, can have a request traced.
var traceMarks = [...]string{sim.Untraced: "", sim.Traced: "+", sim.TracedBehind: "*"}

// schemeTLS is how a user asked who asked over TLS; each hop has its own.
const schemeTLS = "https"

func scheme(secure bool) string {
	if secure {
		return schemeTLS
	}
	return "http"
}

// appendClient writes who asks.
func appendClient(b []byte, token string, r *sim.Request) []byte {
	b = append(b, token...)
	if r.Control {
		b = append(b, " control"...)
	}
	if r.Scheme == schemeTLS {
		b = append(b, " https"...)
	}
	b = append(append(b, ' '), traceMarks[r.Trace]...)
	b = strconv.AppendUint(b, r.ID, 10)
	for _, n := range [...]uint64{uint64(r.Attempt), r.Client, r.Conn} {
		b = append(b, ' ')
		b = strconv.AppendUint(b, n, 10)
	}
	b = append(b, ' ')
	if r.Addr.IsValid() {
		b = r.Addr.AppendTo(b)
	} else {
		b = append(b, '-')
	}
	b = append(b, ' ')
	return append(b, r.Place...)
}

// readClient reads what appendClient wrote, but for the token. What is wrong
// changes nothing.
func readClient(s string, r *sim.Request) bool {
	s, control := strings.CutPrefix(s, "control ")
	s, secure := strings.CutPrefix(s, schemeTLS+" ")
	trace := sim.Untraced
	if mark := slices.Index(traceMarks[1:], s[:min(1, len(s))]); mark >= 0 {
		trace, s = sim.Trace(1+mark), s[1:]
	}
	var n [4]uint64
	for i := range n {
		word, rest, _ := strings.Cut(s, " ")
		bits := 64
		if i == 1 {
			bits = 31 // an attempt's number is an int
		}
		v, err := strconv.ParseUint(word, 10, bits)
		if err != nil {
			return false
		}
		n[i], s = v, rest
	}
	addr, place, _ := strings.Cut(s, " ") // a field's value ends without blanks, so an empty place is not there
	var a netip.Addr
	if addr != "-" {
		var err error
		if a, err = netip.ParseAddr(addr); err != nil {
			return false
		}
	}
	r.ID, r.Attempt, r.Client, r.Conn, r.Addr, r.Place, r.Trace = n[0], int(n[1]), n[2], n[3], a, place, trace
	r.Control, r.Scheme = control, scheme(secure)
	return true
}

var hopNames = [...]string{"", "cache", "balancer", "proxy", "app", "database", "browser", "store"}

// writeMarks sends the marks: every hop in Server-Timing with its time, caches
// in Cache-Status, what forwards in Via. The hop nearest the origin comes first.
func writeMarks(h http.Header, hops *sim.Hops) {
	var timing, status, via []byte
	for i := range hops.Len() {
		m := hops.At(i)
		timing = appendTiming(separate(timing), m)
		if m.Hop == sim.HopCache {
			status = appendCacheStatus(separate(status), m)
		}
		if forwards(m) {
			via = appendVia(separate(via), m)
		}
	}
	set(h, headerServerTiming, timing)
	set(h, headerCacheStatus, status)
	set(h, headerVia, via)
}

// forwards reports whether a hop is an intermediary in HTTP's terms (RFC 9110
// 3.7).
func forwards(m *sim.Mark) bool { return m.Hop == sim.HopCache || m.Hop == sim.HopProxy }

func appendVia(b []byte, m *sim.Mark) []byte { return append(append(b, "1.1 "...), m.Node...) }

func separate(b []byte) []byte {
	if len(b) == 0 {
		return b
	}
	return append(b, ", "...)
}

// set appends a line to those that a server nearer the origin wrote.
func set(h http.Header, name string, value []byte) {
	if len(value) > 0 {
		lines := h[name]
		h[name] = append(lines[:len(lines):len(lines)], string(value))
	}
}

func appendTiming(b []byte, m *sim.Mark) []byte {
	b = append(append(b, m.Node...), ";dur="...)
	b = appendMS(b, m.Took)
	b = append(append(b, `;desc="`...), hopNames[m.Hop]...)
	if m.Queue > 0 {
		b = appendMS(append(b, " queue="...), m.Queue)
	}
	if m.Peer != "" && m.Hop != sim.HopCache {
		b = append(append(b, " peer="...), m.Peer...)
	}
	if m.Tries > 0 {
		b = strconv.AppendUint(append(b, " tries="...), uint64(m.Tries), 10)
	}
	if m.Cause != sim.OK {
		b = append(append(b, " cause="...), m.Cause.String()...)
	}
	return append(b, '"')
}

func appendMS(b []byte, d time.Duration) []byte {
	return strconv.AppendFloat(b, float64(d)/1e6, 'f', -1, 64)
}

func appendCacheStatus(b []byte, m *sim.Mark) []byte {
	b = append(b, m.Node...)
	if m.Fwd == sim.FwdNone {
		b = append(b, "; hit"...)
	} else {
		b = append(append(b, "; fwd="...), m.Fwd.String()...)
	}
	if m.FwdStatus != 0 {
		b = strconv.AppendUint(append(b, "; fwd-status="...), uint64(m.FwdStatus), 10)
	}
	if m.Fwd == sim.FwdNone || m.Stored || m.TTL != 0 {
		b = strconv.AppendInt(append(b, "; ttl="...), int64(m.TTL), 10)
	}
	if m.Stored {
		b = append(b, "; stored"...)
	}
	if m.Collapsed {
		b = append(b, "; collapsed"...)
	}
	if m.Peer != "" {
		b = appendKey(append(b, "; key="...), m.Peer)
	}
	if m.Verdict != sim.VerdictNone {
		b = append(append(b, "; detail="...), m.Verdict.String()...)
		if m.Detail != sim.DetailNone {
			b = append(append(b, '/'), m.Detail.String()...) // a Token may have it (RFC 9651 3.3.4)
		}
	}
	return b
}

// appendKey writes a key as a String (RFC 9651 4.1.6). What can stand in none, and in no
// URI either, is escaped as in one.
func appendKey(b []byte, key string) []byte {
	b = append(b, '"')
	for i := range len(key) {
		switch c := key[i]; {
		case c <= ' ' || c >= 0x7f || c == '"' || c == '\\':
			b = fmt.Appendf(b, "%%%02X", c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// readMarks takes the marks of one of our nodes out of an answer's header.
func readMarks(h http.Header, hops *sim.Hops) {
	for _, line := range h[headerServerTiming] {
		readTimings(line, hops)
	}
	for _, line := range h[headerCacheStatus] {
		readCacheStatuses(line, hops)
	}
	delete(h, headerServerTiming)
	delete(h, headerCacheStatus)
	delete(h, headerVia)
}

// readTimings reads a line of which nothing is kept: names are told once for all
// marks that have them.
func readTimings(line string, hops *sim.Hops) {
	for item := range strings.SplitSeq(line, ", ") {
		if m, ok := readTiming(item); ok {
			hops.Add(m)
		}
	}
}

// readCacheStatuses completes the marks of caches, which Server-Timing has
// named before.
func readCacheStatuses(line string, hops *sim.Hops) {
	for item := range strings.SplitSeq(line, ", ") {
		readCacheStatus(item, hops)
	}
}

func readTiming(item string) (m sim.Mark, ok bool) {
	node, rest, _ := strings.Cut(item, ";dur=")
	dur, desc, found := strings.Cut(rest, `;desc="`)
	if !found {
		return m, false
	}
	m.Node, m.Took = nameOf(node), readMS(dur)
	for word := range strings.SplitSeq(strings.TrimSuffix(desc, `"`), " ") {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "queue":
			m.Queue = readMS(value)
		case "peer":
			m.Peer = nameOf(value)
		case "tries":
			n, _ := strconv.ParseUint(value, 10, 8)
			m.Tries = uint8(n)
		case "cause":
			m.Cause, _ = sim.CauseOf(value)
		default:
			for i, name := range hopNames {
				if name == key {
					m.Hop = sim.Hop(i)
				}
			}
		}
	}
	return m, m.Hop != sim.HopNone
}

func nameOf(s string) string { return unique.Make(s).Value() }

func readMS(s string) time.Duration {
	ms, err := strconv.ParseFloat(s, 64)
	if err != nil || ms < 0 || ms > 1e12 {
		return 0
	}
	return time.Duration(ms*1e6 + 0.5)
}

func readCacheStatus(item string, hops *sim.Hops) {
	node, rest, _ := strings.Cut(item, "; ")
	var m *sim.Mark
	for i := range hops.Len() {
		if c := hops.At(i); c.Hop == sim.HopCache && c.Node == node {
			m = c
		}
	}
	if m == nil {
		return
	}
	for word := range strings.SplitSeq(rest, "; ") {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "fwd":
			m.Fwd = sim.FwdOf(value)
		case "fwd-status":
			n, _ := strconv.ParseUint(value, 10, 16)
			m.FwdStatus = uint16(n)
		case "ttl":
			n, _ := strconv.ParseInt(value, 10, 32)
			m.TTL = int32(n)
		case "stored":
			m.Stored = true
		case "collapsed":
			m.Collapsed = true
		case "detail":
			verdict, detail, _ := strings.Cut(value, "/")
			m.Verdict, m.Detail = sim.VerdictOf(verdict), sim.DetailOf(detail)
		case "key":
			m.Peer = nameOf(strings.Trim(value, `"`))
		}
	}
}
