// Grouping: equal boxes become one, and too many become a few and a rest.
package picture

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Grouped returns the picture with neighbouring boxes that differ only in their
// names drawn as one: "app-1 … app-10".
func (p Picture) Grouped() Picture {
	into := map[string]string{} // ID of a box to that of the box that stands for it
	for i, l := range p.Layers {
		var boxes []Box
		var members []string
		flush := func() {
			if len(members) > 1 {
				last := &boxes[len(boxes)-1]
				last.Count, last.Name = len(members), span(members)
			}
		}
		for _, b := range l.Boxes {
			if n := len(boxes); n > 0 && p.equal(boxes[n-1], b) {
				into[b.ID] = boxes[n-1].ID
				members = append(members, b.Name)
				continue
			}
			flush()
			boxes, members = append(boxes, b), []string{b.Name}
			into[b.ID] = b.ID
		}
		flush()
		p.Layers = slices.Clone(p.Layers)
		p.Layers[i].Boxes = boxes
	}
	return p.moved(into)
}

// equal reports whether two boxes differ in nothing but their names.
func (p Picture) equal(a, b Box) bool {
	return a.Place == b.Place && slices.Equal(a.Notes, b.Notes) && slices.Equal(p.ends(a.ID), p.ends(b.ID))
}

// ends are a box's ways without its own ID.
func (p Picture) ends(id string) []Way {
	var ways []Way
	for _, w := range p.Ways {
		switch id {
		case w.From:
			w.From = ""
		case w.To:
			w.To = ""
		default:
			continue
		}
		ways = append(ways, w)
	}
	return ways
}

// moved returns the picture with its ways between the boxes that stand for
// their ends, each once.
func (p Picture) moved(into map[string]string) Picture {
	type ends struct{ from, to string }
	at := map[ends]int{}
	var ways []Way
	for _, w := range p.Ways {
		w.From, w.To = into[w.From], into[w.To]
		w.Most = max(w.Most, w.RTT)
		i, known := at[ends{w.From, w.To}]
		if !known {
			at[ends{w.From, w.To}] = len(ways)
			ways = append(ways, w)
			continue
		}
		ways[i].merge(w)
	}
	for i := range ways {
		if ways[i].Most == ways[i].RTT {
			ways[i].Most = 0
		}
	}
	p.Ways = ways
	return p
}

func (w *Way) merge(o Way) {
	w.RTT, w.Most = min(w.RTT, o.RTT), max(w.Most, o.Most)
	if w.Known != o.Known {
		w.Known, w.How = "various", ""
	} else if w.How != o.How {
		w.How = ""
	}
	if w.Like != o.Like {
		w.Like = "various"
	}
}

// span names several boxes: "a, b" or "app-1 … app-10" or "a … z".
func span(names []string) string {
	if len(names) == 2 {
		return names[0] + ", " + names[1]
	}
	return names[0] + " … " + names[len(names)-1]
}

// maxListed bounds the names that a folded box lists.
const maxListed = 6

// Folded returns the picture with at most so many boxes in a layer: the rest of
// a longer one is one box that says how many it stands for.
func (p Picture) Folded(most int) Picture {
	into := map[string]string{}
	p.Layers = slices.Clone(p.Layers)
	for i, l := range p.Layers {
		if len(l.Boxes) <= most {
			for _, b := range l.Boxes {
				into[b.ID] = b.ID
			}
			continue
		}
		kept, rest := l.Boxes[:most-1:most-1], l.Boxes[most-1:]
		for _, b := range kept {
			into[b.ID] = b.ID
		}
		fold := Box{ID: rest[0].ID, Name: fmt.Sprintf("and %d more", total(rest)), Count: total(rest), Notes: []string{listed(rest)}}
		for _, b := range rest {
			into[b.ID] = fold.ID
		}
		p.Layers[i].Boxes = append(kept, fold)
	}
	return p.moved(into)
}

func total(boxes []Box) int {
	n := 0
	for _, b := range boxes {
		n += max(b.Count, 1)
	}
	return n
}

// listed names the first of many boxes.
func listed(boxes []Box) string {
	var names []string
	for _, b := range boxes {
		names = append(names, b.Name)
	}
	if left := len(names) - maxListed; left > 1 {
		return strings.Join(names[:maxListed], ", ") + " and " + strconv.Itoa(left) + " others"
	}
	return strings.Join(names, ", ")
}
