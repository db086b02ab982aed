// The fleet: which servers there are from the start, and which an event brings.
package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cdnlab/sim/fault"
)

// happening is the beginning or the end of an event.
type happening struct {
	at     time.Duration
	event  int // its place in the scenario
	begins bool
}

// happenings returns when those events begin and end within the run, in the order
// in which they are played: at one time ends come first.
func (s *Scenario) happenings(those func(fault.Config) bool) []happening {
	var all []happening
	for i, e := range s.Events {
		if !those(e) {
			continue
		}
		all = append(all, happening{e.At, i, true})
		if e.For > 0 && e.At+e.For < s.Duration {
			all = append(all, happening{e.At + e.For, i, false})
		}
	}
	slices.SortStableFunc(all, func(a, b happening) int {
		if a.at == b.at && a.begins != b.begins {
			if b.begins {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.at, b.at)
	})
	return all
}

// moves reports whether an event changes who is in the fleet.
func moves(e fault.Config) bool { return e.Do == "add-server" || e.Do == "remove-server" }

// apart returns the servers that [[server]] describes without those that come by
// an event, and those that do: whoever is added before anyone removes it.
func (s *Scenario) apart() (own, late []Server) {
	added := map[string]bool{}
	seen := map[string]bool{}
	for _, h := range s.happenings(moves) {
		e := s.Events[h.event]
		if !seen[e.Node] && e.Do == "add-server" {
			added[e.Node] = true
		}
		seen[e.Node] = true
	}
	for _, v := range s.Servers {
		if added[v.Name] {
			late = append(late, v)
		}
		if n, numbered := appNumber(v.Name); !added[v.Name] || numbered && n <= s.Origin.Servers {
			own = append(own, v)
		}
	}
	return own, late
}

// appNumber returns N of app-N.
func appNumber(name string) (int, bool) {
	digits, found := strings.CutPrefix(name, "app-")
	n, err := strconv.Atoi(digits)
	return n, found && err == nil && strconv.Itoa(n) == digits
}

// withLate adds the servers that events bring, in their order of coming. One
// without a name gets the next app-N.
func (s *Scenario) withLate(all, described []Server) []Server {
	last := 0
	highest := func(name string) {
		if n, numbered := appNumber(name); numbered {
			last = max(last, n)
		}
	}
	for _, v := range all {
		highest(v.Name)
	}
	for _, e := range s.Events {
		if e.Do == "add-server" {
			highest(e.Node)
		}
	}
	for _, h := range s.happenings(moves) {
		e := &s.Events[h.event]
		if e.Do != "add-server" || !h.begins {
			continue
		}
		if e.Node == "" {
			last++
			e.Node = fmt.Sprintf("app-%d", last)
		}
		if slices.ContainsFunc(all, func(v Server) bool { return v.Name == e.Node }) {
			continue
		}
		v := Server{Name: e.Node}
		if i := slices.IndexFunc(described, func(v Server) bool { return v.Name == e.Node }); i >= 0 {
			v = described[i]
		}
		v.Absent = true
		all = append(all, v)
	}
	return all
}

// server returns the server of a name; nil when there is none.
func (s *Scenario) server(name string) *Server {
	if i := slices.IndexFunc(s.Servers, func(v Server) bool { return v.Name == name }); i >= 0 {
		return &s.Servers[i]
	}
	return nil
}
