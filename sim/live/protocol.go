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
	Token  string          `json:"token"`  // of the run
	Listen string          `json:"listen"` // address and port, reserved by the driver
	Cores  int             `json:"cores"`  // to run on at once; 0: all
	Local  string          `json:"local"`  // address to dial from; "" leaves it to the system
	Peers  []PeerConfig    `json:"peers"`
	TLS    *Identity       `json:"tls,omitempty"` // nil: nobody in the run speaks TLS
	Spec   json.RawMessage `json:"spec"`          // what the scenario says of the node
}

// PeerConfig is a node that another may dial.
type PeerConfig struct {
	Name    string         `json:"name"`
	Address string         `json:"address"`
	Path    network.Spec   `json:"path"`
	Conns   network.Config `json:"conns"`
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
}

// Lateness is how late a link's flights were, in ns.
type Lateness struct {
	Peer   string `json:"peer"`
	Median int64  `json:"median"`
	P99    int64  `json:"p99"`
	Max    int64  `json:"max"`
	Count  int64  `json:"count"`
	Late   int64  `json:"late"`            // of them by more than LateAfter
	Local  int64  `json:"local,omitempty"` // connections that failed on this side
}

// LateAfter is how late a flight may be and still count as on time.
const LateAfter = 5 * time.Millisecond

// snapshotEvery is how often a node tells its counters: what a SIGKILL loses.
const snapshotEvery = 100 * time.Millisecond
