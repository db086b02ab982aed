// CSV: a line for each request, with named columns.
package replay

import (
	"bufio"
	encoding "encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// Columns says which column is what, by number from 0; -1: there is none.
type Columns struct{ Time, ID, Size, Client, Pop, Method, Status int }

// names are what columns are called in the traces that there are.
var names = struct{ time, id, size, client, pop, method, status []string }{
	time: []string{"time", "timestamp", "unix_time", "ts"},
	id:   []string{"id", "key", "object", "obj_id", "object_id", "url", "path"},
	size: []string{"size", "bytes", "obj_size", "object_size", "length", "value_size"},

	client: []string{"client", "client_id", "client_ip", "ip", "c-ip", "remote_addr", "user", "user_id"},
	pop:    []string{"pop", "pop_id", "edge", "colo", "datacenter", "location", "x-edge-location"},

	method: []string{"method", "http_method", "cs-method"},
	status: []string{"status", "status_code", "http_status", "sc-status"},
}

// ParseColumns reads a header line, or "time,id,size,client,pop,method,status" as a user
// writes it.
func ParseColumns(head []string) (Columns, error) {
	find := func(known []string) int {
		return slices.IndexFunc(head, func(s string) bool { return slices.Contains(known, strings.ToLower(strings.TrimSpace(s))) })
	}
	c := Columns{find(names.time), find(names.id), find(names.size), find(names.client), find(names.pop), find(names.method), find(names.status)}
	if c.ID < 0 {
		return c, fmt.Errorf("no column says which object: one of %s; there are %s", strings.Join(names.id, ", "), strings.Join(head, ", "))
	}
	return c, nil
}

// lines reads a text line by line.
type lines struct {
	scan  *bufio.Scanner
	again bool // the line scanned last is still to be taken
	notes Problems
	callers
	called called
}

func (l *lines) keepNames() { l.called.keep = true }

// Names implements Namer.
func (l *lines) Names() []string { return l.called.names }

// longestLine bounds a line, in bytes.
const longestLine = 1 << 20

func newLines(from io.Reader) lines {
	l := lines{scan: bufio.NewScanner(from)}
	l.scan.Buffer(make([]byte, 1<<16), longestLine)
	return l
}

func (l *lines) Problems() *Problems { return &l.notes }

// read fills a batch with what take makes of each line; nil: nothing.
func (l *lines) read(batch []Request, take func(line string) (Request, bool)) (int, error) {
	n := 0
	l.batch, l.called.names = l.batch[:0], l.called.names[:0]
	for n < len(batch) {
		if !l.again && !l.scan.Scan() {
			if err := l.scan.Err(); err != nil {
				if errors.Is(err, bufio.ErrTooLong) {
					err = fmt.Errorf("line %d is longer than %d bytes: is it of another format?", l.notes.Lines+1, longestLine)
				}
				return n, err
			}
			return n, l.notes.end()
		}
		l.again = false
		l.notes.Lines++
		if r, ok := take(l.scan.Text()); ok {
			batch[n] = r
			n++
			if l.by != "" {
				l.batch = append(l.batch, l.who)
			}
			if l.called.keep {
				l.called.names = append(l.called.names, l.called.name)
			}
		}
		if l.wrong != nil {
			return n, l.wrong
		}
	}
	return n, nil
}

type csv struct {
	lines
	columns   Columns
	contents  contents // where methods or statuses stand
	caller    int      // the column that says who asked; -1: nobody wants to know
	separator string   // "": blanks
}

// newCSV returns a Reader of lines whose first says what the columns are, unless
// columns does: then it is a request like the others.
func newCSV(from io.Reader, columns *Columns) (*csv, error) {
	c := &csv{lines: newLines(from), contents: contents{}, caller: -1, separator: ","}
	if !c.scan.Scan() {
		return nil, errors.New("it is empty")
	}
	first := c.scan.Text()
	if !strings.Contains(first, ",") {
		c.separator = ""
	}
	head := c.split(first)
	if columns != nil {
		c.columns, c.again = *columns, true
		return c, nil
	}
	c.notes.Lines++
	if _, _, counts := arrivalColumns(first); counts {
		return nil, errors.New("it says how many requests came, and not what for: no cache can be played with that, but it can be a scenario's load (load.trace)")
	}
	var err error
	c.columns, err = ParseColumns(head)
	return c, err
}

func (c *csv) split(line string) []string {
	if c.separator == "" {
		return strings.Fields(line)
	}
	if strings.Contains(line, `"`) {
		if fields, err := encoding.NewReader(strings.NewReader(line)).Read(); err == nil {
			return fields
		}
	}
	return strings.Split(line, c.separator)
}

func (c *csv) Read(batch []Request) (int, error) { return c.read(batch, c.take) }

func (c *csv) take(line string) (Request, bool) {
	r := Request{Size: 1, Next: Unknown}
	fields := c.split(line)
	if need := max(c.columns.Time, c.columns.ID, c.columns.Size, c.columns.Method, c.columns.Status, c.caller); need >= len(fields) {
		c.notes.bad(fmt.Sprintf("has %d columns, not %d", len(fields), need+1))
		return r, false
	}
	c.called.name = strings.TrimSpace(fields[c.columns.ID])
	r.ID = idOf(c.called.name)
	if c.columns.Time >= 0 {
		at, err := strconv.ParseFloat(strings.TrimSpace(fields[c.columns.Time]), 64)
		if err != nil || math.IsNaN(at) || math.IsInf(at, 0) {
			c.notes.bad(fmt.Sprintf("%q is no time in seconds", fields[c.columns.Time]))
			return r, false
		}
		r.At = at
	}
	if c.columns.Size >= 0 {
		size, err := strconv.ParseInt(strings.TrimSpace(fields[c.columns.Size]), 10, 64)
		if err != nil || size < 0 {
			c.notes.bad(fmt.Sprintf("%q is no size in bytes", fields[c.columns.Size]))
			return r, false
		}
		r.Size = size
	}
	if !c.answered(&r, fields) {
		return r, false
	}
	if r.Size == 0 {
		c.notes.Empty++
		return r, false
	}
	if c.caller >= 0 {
		c.name(strings.TrimSpace(fields[c.caller]))
	}
	return r, true
}

// answered reports whether a cache could have had the answer, by the rule of web logs,
// where the columns tell.
func (c *csv) answered(r *Request, fields []string) bool {
	if c.columns.Method < 0 && c.columns.Status < 0 {
		return true
	}
	method, status := "GET", 200
	if c.columns.Method >= 0 {
		method = strings.TrimSpace(fields[c.columns.Method])
	}
	if c.columns.Status >= 0 {
		n, err := strconv.Atoi(strings.TrimSpace(fields[c.columns.Status]))
		if err != nil {
			c.notes.bad(fmt.Sprintf("%q is no status", fields[c.columns.Status]))
			return false
		}
		status = n
	}
	return c.contents.counts(r, method, status, &c.notes)
}

// idOf makes a number of a name; a number is itself.
func idOf(name string) uint64 {
	if n, err := strconv.ParseUint(name, 10, 64); err == nil {
		return n
	}
	return xxhash.Sum64String(name)
}
