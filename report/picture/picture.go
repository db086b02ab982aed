// Package picture draws a topology: layers from the users to the database, the
// nodes in each, and the ways between them with their round-trip times. One
// drawing is rendered as text for a terminal, as a Mermaid flowchart or as SVG.
//
// Everything here is pure: the same picture gives the same bytes.
package picture

import (
	"strconv"
	"strings"
	"time"
)

// Picture is what is drawn.
type Picture struct {
	Title    string
	Subtitle string   // a question, a sentence; may be empty
	Layers   []Layer  // the users' end first
	Ways     []Way    // between boxes of neighbouring layers
	Foot     []string // what stands below: events, variants
}

// Layer is nodes that do the same thing.
type Layer struct {
	Title    string // "users", "edge"
	Boxes    []Box
	Policies []string // what holds for all of them
}

// Box is one node, or several equal ones.
type Box struct {
	ID    string // unique in the picture; ways name it
	Name  string
	Place string
	Notes []string // what is its own
	Count int      // of equal nodes it stands for; 0 is 1
}

// Way is how one box reaches another.
type Way struct {
	From, To string // IDs of boxes
	RTT      time.Duration
	Most     time.Duration // of ways drawn as one; 0: all have RTT
	Known    string        // in a word: measured, modelled, own link …
	How      string        // more exactly; may be empty
	Like     string        // what else there is to the way; may be empty
}

// time writes the way's round-trip time: "70.12 ms", "2 to 190 ms".
func (w Way) time() string {
	if w.Most > w.RTT {
		return milliseconds(w.RTT) + " to " + milliseconds(w.Most) + " ms"
	}
	return milliseconds(w.RTT) + " ms"
}

// rounded is time with three digits: a drawing is for the eye.
func (w Way) rounded() string {
	w.RTT, w.Most = threeDigits(w.RTT), threeDigits(w.Most)
	return w.time()
}

func threeDigits(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d >= 1000*unit {
		unit *= 10
	}
	return d.Round(unit)
}

func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', -1, 64)
}

// known says how the time is known, as exactly as is known.
func (w Way) known() string {
	if w.How == "" {
		return w.Known
	}
	return w.Known + " (" + w.How + ")"
}

// marked is how the time is known, in a word, and what else there is to the way.
func (w Way) marked() string {
	if w.Like == "" {
		return w.Known
	}
	return w.Known + "; " + w.Like
}

// words are all that is said of the way beside its time.
func (w Way) words() string {
	if w.Like == "" {
		return w.known()
	}
	return w.known() + "; " + w.Like
}

// names returns each box's name, by its ID.
func (p Picture) names() map[string]string {
	of := map[string]string{}
	for _, l := range p.Layers {
		for _, b := range l.Boxes {
			of[b.ID] = b.Name
		}
	}
	return of
}

// leaving returns the ways that start in a layer, in the order of its boxes.
func (p Picture) leaving(layer int) []Way {
	var ways []Way
	for _, b := range p.Layers[layer].Boxes {
		for _, w := range p.Ways {
			if w.From == b.ID {
				ways = append(ways, w)
			}
		}
	}
	return ways
}

// wrap breaks a text at blanks into lines of at most so many characters; a
// longer word gets a line of its own, cut in none.
func wrap(text string, most int, width func(string) int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case width(line)+1+width(word) <= most:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
