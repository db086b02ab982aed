// Who asked: the client that a trace names, or the PoP that it came to.
package replay

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// What requests are told apart by.
const (
	ByClient = "client"
	ByPop    = "pop"
)

// Bys lists what requests can be told apart by.
func Bys() []string { return []string{ByClient, ByPop} }

// maxPops bounds the PoPs of a trace: a column with more is one of something else.
const maxPops = 256

// Callers is a Reader that can say of each request who asked.
type Callers interface {
	Reader
	// Tell has one that has read nothing yet tell requests apart by their client or by
	// the PoP that they came to, or says why it cannot.
	Tell(by string) error
	// From returns who asked for what the last Read returned, in its order: of clients a
	// hash of what they are called, of PoPs their number from 0. The next Read writes
	// over it.
	From() []uint64
	// Pops are the names of the PoPs so far, by their number; none where clients are
	// told apart.
	Pops() []string
}

// CallersOf returns a Reader that tells requests apart.
func CallersOf(r Reader, by string) (Callers, error) {
	if !slices.Contains(Bys(), by) {
		return nil, fmt.Errorf("%q is nothing that requests are told apart by; known: %s", by, strings.Join(Bys(), ", "))
	}
	c, can := r.(Callers)
	if !can {
		return nil, fmt.Errorf("an oracleGeneral trace does not say which %s asked: a CSV with such a column, or the log of a web server does", by)
	}
	return c, c.Tell(by)
}

// Tell implements Callers.
func (c *csv) Tell(by string) error {
	column, known := c.columns.Client, names.client
	if by == ByPop {
		column, known = c.columns.Pop, names.pop
	}
	if column < 0 {
		return fmt.Errorf("no column says which %s: one of %s", by, strings.Join(known, ", "))
	}
	c.caller = column
	c.tell(by)
	return nil
}

// Tell implements Callers.
func (w *weblog) Tell(by string) error {
	if by == ByPop {
		return errors.New("the log of a web server has no PoPs: tell its clients apart")
	}
	w.tell(by)
	return nil
}

// callers remembers who asked for a batch. The zero one does not.
type callers struct {
	by      string
	who     uint64 // of the line under way
	batch   []uint64
	pops    []string
	numbers map[string]uint64
	wrong   error
}

func (c *callers) tell(by string) { c.by, c.numbers = by, map[string]uint64{} }

// From implements Callers.
func (c *callers) From() []uint64 { return c.batch }

// Pops implements Callers.
func (c *callers) Pops() []string { return c.pops }

// name says who asked for the line under way.
func (c *callers) name(who string) {
	if c.by == ByClient {
		c.who = xxhash.Sum64String(who)
		return
	}
	n, known := c.numbers[who]
	if !known {
		if len(c.pops) == maxPops {
			c.wrong = fmt.Errorf("it is of more than %d PoPs: is that column one of PoPs?", maxPops)
			return
		}
		who = strings.Clone(who) // not the whole line
		n = uint64(len(c.pops))
		c.numbers[who] = n
		c.pops = append(c.pops, who)
	}
	c.who = n
}
