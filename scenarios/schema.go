// Package scenarios is the user's language: the TOML schema, the built-in
// scenarios, and what plays them in either world and judges what they expect.
package scenarios

import (
	"time"

	"cdnlab/edge"
	"cdnlab/edge/browser"
	"cdnlab/origin"
	"cdnlab/origin/autoscale"
	"cdnlab/origin/balance"
	"cdnlab/origin/pair"
	"cdnlab/sim"
	"cdnlab/sim/cpu"
	"cdnlab/sim/fault"
	"cdnlab/sim/inject"
	"cdnlab/sim/load"
	"cdnlab/sim/network"
)

// Scenario is one experiment: a small internet, who asks it for what, what goes
// wrong, and what is expected. Every key has a default but those marked
// required; Resolve fills them in.
type Scenario struct {
	Name     string        `toml:"name" json:"name" jsonschema:"description=what the scenario is called; if not given the file's name"`
	Question string        `toml:"question" json:"question" jsonschema:"description=the question that it answers; if not given none"`
	Columns  []string      `toml:"columns" json:"-" jsonschema:"description=the metrics that its tables show\\, in order: 'cdnlab list metrics'; if not given the usual ones that have something to show"`
	Duration time.Duration `toml:"duration" json:"duration" jsonschema:"default=20s,description=how long the load lasts"`
	Warmup   time.Duration `toml:"warmup" json:"warmup,omitempty" jsonschema:"minimum=0s,default=0s,description=the start of the load that is played but not measured\\, in no window; 0s measures everything\\, as a cold start is often the question"`
	Speed    float64       `toml:"speed" json:"-" jsonschema:"minimum=0.001,maximum=1000,default=1,description=scenario seconds that pass in a second of the live world; 0.1 gives this machine ten times the power\\, and the cores of virtual time too"`
	Seed     uint64        `toml:"seed" json:"seed" jsonschema:"default=1,description=of all dice; the same seed gives the same virtual run to the byte"`

	Places  []Place      `toml:"place" json:"place,omitempty" jsonschema:"description=places of your own beside the known cities and cloud regions"`
	Links   []LinkSpec   `toml:"link" json:"link,omitempty" jsonschema:"description=what paths are like\\, where they are not as the atlas has them"`
	Clients []Clients    `toml:"clients" json:"clients" jsonschema:"description=groups of users"`
	Load    load.Config  `toml:"load" json:"load" jsonschema:"description=how many requests come and when"`
	Catalog []load.Entry `toml:"catalog" json:"catalog" jsonschema:"description=what can be asked for"`

	Journeys []load.Journey `toml:"journey" json:"journey,omitempty" jsonschema:"description=what people do on the site\\, where the load is people"`

	Edge         Edge                       `toml:"edge" json:"edge" jsonschema:"description=what every PoP and shield does"`
	PoPs         []PoP                      `toml:"pop" json:"pop,omitempty" jsonschema:"description=the CDN's points of presence; without any there is no CDN"`
	Shields      []Shield                   `toml:"shield" json:"shield,omitempty" jsonschema:"description=caches between the PoPs and the origin: a PoP fetches through the nearest"`
	Origin       Origin                     `toml:"origin" json:"origin" jsonschema:"description=where the site itself runs"`
	Balancer     Balancer                   `toml:"balancer" json:"balancer" jsonschema:"description=the load balancer before the servers"`
	Proxy        origin.ProxyConfig         `toml:"proxy" json:"proxy" jsonschema:"description=the reverse proxy behind the balancer's address"`
	App          origin.AppConfig           `toml:"app" json:"app" jsonschema:"description=what every app server is like"`
	Autoscale    *autoscale.Config          `toml:"autoscale" json:"autoscale,omitempty" jsonschema:"description=who adds and removes app servers during the run; without this table nobody does but events"`
	Servers      []Server                   `toml:"server" json:"server,omitempty" jsonschema:"description=app servers that differ from the rest"`
	Database     *origin.DatabaseConfig     `toml:"database" json:"database,omitempty" jsonschema:"description=the database behind the app servers; without this table there is none"`
	SessionStore *origin.SessionStoreConfig `toml:"session-store" json:"session-store,omitempty" jsonschema:"description=the node that keeps sessions for app.sessions.store = \"store\"; without this table there is none"`
	CPU          cpu.Config                 `toml:"cpu" json:"cpu" jsonschema:"description=how strong the nodes are in virtual time; real processes are as strong as this machine"`

	Events   []fault.Config `toml:"event" json:"event,omitempty" jsonschema:"description=what goes wrong or what somebody does\\, and when"`
	Variants []Variant      `toml:"variant" json:"variant,omitempty" jsonschema:"description=the same experiment with some keys changed"`
	Expect   []Expect       `toml:"expect" json:"expect,omitempty" jsonschema:"description=what should come out"`
	Regress  []Regression   `toml:"regression" json:"regression,omitempty" jsonschema:"description=what must not get worse from one result to the next: for cdnlab diff"`

	// What only people read stays out of the hash and of what nodes are told.
	Lesson *Lesson `toml:"lesson" json:"-" jsonschema:"description=what 'cdnlab explain' tells about it"`

	// Deploys are the times, on the nodes' clocks, at which the site was deployed
	// anew so far, and Begun when the load begins, 0 until that is known or where no
	// node needs to know: state of a run, no keys.
	Deploys []sim.Time `toml:"-" json:"deploys,omitempty"`
	Begun   sim.Time   `toml:"-" json:"begun,omitempty"`
	// Holder is the balancer that the network was last told to have the address of several;
	// "" before the load: state of a run, too.
	Holder string `toml:"-" json:"holder,omitempty"`
	// Injected are the rules of the HTTP faults that last: state of a run, too.
	Injected []inject.Rule `toml:"-" json:"injected,omitempty"`

	given   load.Config // the load as written: its shape says which keys may be
	trace   *trace      // that the load plays; nil: none
	moments []moment    // the scenario later in the run, as its settings have it
}

// Place is a place that the atlas does not have.
type Place struct {
	Name string  `toml:"name" json:"name" jsonschema:"required,description=what links and clients call it"`
	Lat  float64 `toml:"lat" json:"lat" jsonschema:"required,minimum=-90,maximum=90,description=degrees north"`
	Lon  float64 `toml:"lon" json:"lon" jsonschema:"required,minimum=-180,maximum=180,description=degrees east"`
}

// LinkSpec says what a path is like, in place of what the atlas says. The path out
// is from From to To.
type LinkSpec struct {
	From string `toml:"from" json:"from" jsonschema:"required,description=a place or a node"`
	To   string `toml:"to" json:"to" jsonschema:"required,description=a place or a node"`
	network.Leg
}

// Clients is a group of users in one place.
type Clients struct {
	ID          string        `toml:"id" json:"id" jsonschema:"required,description=the group's name"`
	Place       string        `toml:"place" json:"place" jsonschema:"required,description=where they are"`
	Access      string        `toml:"access" json:"access,omitempty" jsonschema:"description=the last mile that each has for themselves before the path: 'cdnlab list access'; if not given none"`
	Share       float64       `toml:"share" json:"share" jsonschema:"minimum=0,default=1,description=their part of the load against the other groups"`
	Users       int           `toml:"users" json:"users" jsonschema:"minimum=1,maximum=10000000,default=1000,description=how many different users they are; of people the load says how many"`
	Addresses   int           `toml:"addresses" json:"addresses" jsonschema:"minimum=1,maximum=1000,default=8,description=IP addresses they share: fewer than users is a NAT; never more than users by default"`
	Connections string        `toml:"connections" json:"connections" jsonschema:"enum=pooled,enum=per-user,default=pooled,description=pooled is warm ones shared by the place's users; per-user is some for each of them; people always have their own"`
	New         float64       `toml:"new" json:"new" jsonschema:"minimum=0,maximum=1,default=0,description=of per-user: share of requests that come on a new connection"`
	Timeout     time.Duration `toml:"timeout" json:"timeout" jsonschema:"minimum=1ms,default=30s,description=how long a user waits before they give up"`
	// RetryAfter is on by default: it tells nothing until a server says it.
	RetryAfter *bool          `toml:"heed-retry-after" json:"heed-retry-after,omitempty" jsonschema:"default=true,description=whether they wait as long as Retry-After of a 429 or 503 says before they ask anything more: users of a closed loop and people; of requests that come at their rate nobody comes again"`
	Conns      network.Config `toml:"limits" json:"limits" jsonschema:"description=limits on the connections"`
	// Headers are what they send.
	Headers load.FieldValues `toml:"headers" json:"headers,omitempty" jsonschema:"description=header fields that they send: for each a list of values\\, of which each user has one; {user} in it is the user's number and {1-9} one of the numbers 1 to 9"`
	Cookies bool             `toml:"cookies" json:"cookies,omitempty" jsonschema:"default=false,description=whether each user keeps the cookies that the site and its balancers set\\, and sends them; people always do"`
	browser.Config
}

// Edge says what every PoP does, and every shield.
type Edge struct {
	On      *bool `toml:"on" json:"on,omitempty" jsonschema:"default=true,description=whether the CDN is used at all; without any [[pop]] there is none"`
	Shields *bool `toml:"shields" json:"shields,omitempty" jsonschema:"description=whether PoPs fetch through shields; if not given they do when there is a [[shield]]"`
	edge.Config
	Cluster  Cluster        `toml:"cluster" json:"cluster" jsonschema:"description=of PoPs with several cache servers: how they share the work"`
	Failover edge.Failover  `toml:"failover" json:"failover" jsonschema:"description=how PoPs go past a shield that is down"`
	Conns    network.Config `toml:"connections" json:"connections" jsonschema:"description=a PoP's connections to its parent"`
}

// PoP is one point of presence.
type PoP struct {
	Name    string `toml:"name" json:"name" jsonschema:"description=its name; if not given made of the place: tokyo-pop"`
	Place   string `toml:"place" json:"place" jsonschema:"required,description=where it is"`
	Servers int    `toml:"servers" json:"servers,omitempty" jsonschema:"minimum=1,maximum=64,description=its cache servers; if not given as [edge.cluster] says"`
	// Shield is NoShield where it fetches from the origin itself.
	Shield string `toml:"shield" json:"shield,omitempty" jsonschema:"description=the shield that it fetches through; none is the origin itself; if not given the nearest by round-trip time"`
	Backup string `toml:"backup-shield" json:"backup-shield,omitempty" jsonschema:"description=the shield that it turns to when its own is down; if not given none: it goes to the origin"`
	Cores  int    `toml:"cores" json:"cores,omitempty" jsonschema:"minimum=0,maximum=512,description=its cores in virtual time; if not given as [cpu] says"`
}

// Shield is a cache between PoPs and origin: a PoP that PoPs ask, and no user. It
// does what [edge] says.
type Shield struct {
	Name      string    `toml:"name" json:"name" jsonschema:"description=its name; if not given made of the place: london-shield"`
	Place     string    `toml:"place" json:"place" jsonschema:"required,description=where it is"`
	CacheSize sim.Bytes `toml:"cache-size" json:"cache-size,omitempty" jsonschema:"description=what its cache may hold; if not given as [edge] says"`
	Cores     int       `toml:"cores" json:"cores,omitempty" jsonschema:"minimum=0,maximum=512,description=its cores in virtual time; if not given as [cpu] says"`
}

// Origin says where the site runs and on how many servers.
type Origin struct {
	ZoneRTT *time.Duration `toml:"zone-rtt" json:"zone-rtt,omitempty" jsonschema:"default=1ms,minimum=0s,description=round-trip time between two zones of it: those that servers and balancers name"`
	Place   string         `toml:"place" json:"place" jsonschema:"default=New York,description=where its balancer and servers and database are"`
	Servers int            `toml:"servers" json:"servers" jsonschema:"minimum=0,maximum=1000,description=how many app servers: app-1 and so on; if not given as many as [[server]] lists or else 1"`
}

// Balancer is the load balancer, with the reverse proxy behind its address.
type Balancer struct {
	On *bool `toml:"on" json:"on,omitempty" jsonschema:"description=whether there is one; if not given there is when there is more than one server"`
	pair.Config
	Zones []string `toml:"zones" json:"zones,omitempty" jsonschema:"description=of each balancer the zone that it is in; if not given none"`
	// Mode "" is l7, and Proxy "" is off.
	Mode  string              `toml:"mode" json:"mode,omitempty" jsonschema:"enum=l7,enum=l4,default=l7,description=what it balances: l7 picks a server for each request; l4 for each TCP connection\\, whose bytes it passes on unread: TLS ends at the server\\, and there are no routes\\, headers\\, cookies nor retries once a server has the connection"`
	Proxy string              `toml:"proxy-protocol" json:"proxy-protocol,omitempty" jsonschema:"enum=off,enum=v2,default=off,description=of l4: whether servers are told who has connected\\, by a PROXY protocol header in front of each connection; without it they see the balancer's address"`
	Flows balance.FlowsConfig `toml:"flows" json:"flows,omitzero" jsonschema:"description=of l4: which server the datagrams of a flow go to; a flow is what comes from one address and port"`
	balance.PoolConfig
	Conns network.Config `toml:"connections" json:"connections" jsonschema:"description=its connections to each server; of l4 connect-timeout alone counts"`
	Cores int            `toml:"cores" json:"cores,omitempty" jsonschema:"minimum=0,maximum=512,description=its cores in virtual time; if not given as [cpu] says"`
}

// Server is an app server that differs from what [app] says.
type Server struct {
	Name           string        `toml:"name" json:"name" jsonschema:"required,description=app-1 or a name of its own"`
	Place          string        `toml:"place" json:"place" jsonschema:"description=where it is; if not given at the origin's place"`
	Zone           string        `toml:"zone" json:"zone,omitempty" jsonschema:"description=the zone of its place that it is in: a data centre with power and network of its own; if not given none"`
	Pool           string        `toml:"pool" json:"pool" jsonschema:"default=app,description=the pool that it belongs to; the proxy's routes name pools"`
	Weight         int           `toml:"weight" json:"weight" jsonschema:"minimum=0,maximum=65535,default=1,description=its part of the work in weighted algorithms"`
	Priority       int           `toml:"priority" json:"priority,omitempty" jsonschema:"default=0,minimum=0,maximum=100,description=a server of a greater one stands by: it is asked when all of a lesser one are out or full\\, or as balancer.spill-over says"`
	MaxConnections int           `toml:"max-connections" json:"max-connections" jsonschema:"default=0,minimum=0,description=requests it takes at a time; 0 is no limit"`
	Workers        int           `toml:"workers" json:"workers" jsonschema:"minimum=0,description=requests worked on at the same time; if not given as [app] says"`
	ServiceTime    time.Duration `toml:"service-time" json:"service-time" jsonschema:"minimum=0s,description=mean time a worker needs for a request; if not given as [app] says"`
	Cores          int           `toml:"cores" json:"cores,omitempty" jsonschema:"minimum=0,maximum=512,description=its cores in virtual time; if not given as [cpu] says"`

	// How it stands in the pool: state of a run, no keys.
	Absent  bool `toml:"-" json:"absent,omitempty"`  // not yet in it, or no more
	Drained bool `toml:"-" json:"drained,omitempty"` // in it, but gets no new requests
	Behind  int  `toml:"-" json:"behind,omitempty"`  // how many of the latest releases it does not have
}

// Variant is the scenario with some keys changed: any dotted key.
type Variant struct {
	Name string         `toml:"name" json:"name" jsonschema:"required,description=what the tables call it"`
	Set  map[string]any `toml:"set" json:"-" jsonschema:"description=the keys that differ; if not given none; for example { edge.on = false }"`
}

// Expect compares a metric with a number or with another variant.
type Expect struct {
	Metric  string        `toml:"metric" json:"metric" jsonschema:"required,description=a name from 'cdnlab list metrics'"`
	Variant string        `toml:"variant" json:"variant" jsonschema:"description=the variant it is about; if not given every one"`
	Is      string        `toml:"is" json:"is" jsonschema:"required,description=what it should be: an operator and a bound\\, such as '< 10ms'; 'cdnlab list expectations' has all forms"`
	From    time.Duration `toml:"from" json:"from" jsonschema:"default=0s,minimum=0s,description=start of the time looked at"`
	To      time.Duration `toml:"to" json:"to" jsonschema:"minimum=0s,description=end of the time looked at; if not given the end of the run"`
	World   string        `toml:"world" json:"world" jsonschema:"enum=virtual,enum=live,description=the only world it is about; if not given both"`
	Says    string        `toml:"says" json:"says" jsonschema:"description=what it means in plain words; if not given the metric and the bound"`
}
