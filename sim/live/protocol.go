// The protocol between the driver and a node's process: lines of JSON.
package live

import (
	"encoding/json"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// NodeConfig is line 1 of a node's standard input: all it needs to know.
type NodeConfig struct {
	Name   string          `json:"name"`
	Seed   uint64          `json:"seed"`
	Epoch  int64           `json:"epoch"`  // of the run, on the system's monotonic clock, in ns
	Speed  float64         `json:"speed"`  // of the run: scenario seconds per second; 0: 1
	Token  string          `json:"token"`  // of the run
	Base   Base            `json:"base"`   // what an exchange costs by itself
	Listen string          `json:"listen"` // address and port, reserved by the driver
	Cores  int             `json:"cores"`  // to run on at once; 0: all
	Local  string          `json:"local"`  // address to dial from; "" leaves it to the system
	Peers  []PeerConfig    `json:"peers"`
	Passed Passed          `json:"passed"`        // how connections come that are passed on
	TLS    *Identity       `json:"tls,omitempty"` // nil: nobody in the run speaks TLS
	Spec   json.RawMessage `json:"spec"`          // what the scenario says of the node

	Datagrams bool `json:"datagrams,omitempty"` // somebody in the run sends some
}

// PeerConfig is a node that another may dial.
type PeerConfig struct {
	Name    string         `json:"name"`
	Address string         `json:"address"`
	Path    network.Spec   `json:"path"`
	Conns   network.Config `json:"conns"`
	Relays  bool           `json:"relays,omitempty"`  // it passes connections on
	Reveals bool           `json:"reveals,omitempty"` // it is told whose connections are passed on to it
}

// Command is a further line of a node's standard input.
type Command struct {
	Slow float64     `json:"slow,omitempty"` // the factor of a brown-out
	Link *LinkChange `json:"link,omitempty"`
	// Spec is what the scenario says of the node from now on, and Peers how it
	// reaches the others.
	Spec  json.RawMessage `json:"spec,omitempty"`
	Peers []PeerConfig    `json:"peers,omitempty"`
}

// LinkChange is what is wrong with a node's link to a peer from now on.
type LinkChange struct {
	To string `json:"to"`
	network.Change
}

// Line is a line of a node's standard output.
type Line struct {
	Ready  bool             `json:"ready,omitempty"`
	Event  *sim.Event       `json:"event,omitempty"`
	Step   *sim.Step        `json:"step,omitempty"`   // of a traced request
	At     sim.Time         `json:"at,omitempty"`     // of Counts
	Counts map[string]int64 `json:"counts,omitempty"` // cumulative
	Links  []Lateness       `json:"links,omitempty"`  // at exit
	Work   *Work            `json:"work,omitempty"`   // likewise
}

// Lateness is how late a link's flights were, in ns of the scenario's time: that
// is what the run's numbers are off by.
type Lateness struct {
	Peer   string `json:"peer"`
	Median int64  `json:"median"`
	P99    int64  `json:"p99"`
	Max    int64  `json:"max"`
	Count  int64  `json:"count"`
	Late   int64  `json:"late"`            // of them by more than LateAfter
	Local  int64  `json:"local,omitempty"` // connections that failed on this side
}

// Work is how long a node's workers worked, in ns of the scenario's time.
type Work struct {
	Node   string `json:"-"` // the World fills it in
	Count  int64  `json:"count"`
	Asked  int64  `json:"asked"`  // in all, as the dice had it
	Took   int64  `json:"took"`   // in all, as it was measured
	Median int64  `json:"median"` // of what one took more than asked
	P99    int64  `json:"p99"`
	Burnt  bool   `json:"burnt,omitempty"` // it was a processor's time
}

// LateAfter is how late a flight may be and still count as on time, in the
// scenario's time.
const LateAfter = 5 * time.Millisecond

// A node tells its counters every snapshotEvery of the scenario's time, which is
// what a SIGKILL loses, but at a high speed no more often than every leastSnapshot
// of real time: a scenario's nodes may be many, and one process reads them all.
const (
	snapshotEvery = 100 * time.Millisecond
	leastSnapshot = 20 * time.Millisecond
)

// SnapshotEvery returns how much of the scenario's time passes between two
// snapshots of a node's counters.
func (w Wall) SnapshotEvery() time.Duration { return max(snapshotEvery, w.Scenario(leastSnapshot)) }
