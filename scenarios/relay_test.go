// Tests: what an L4 balancer cannot do is said before a run.
package scenarios

import "testing"

func TestRelayMistakes(t *testing.T) {
	const text = `
name = "wrong"
duration = "2s"
[load]
rate = 1
[[clients]]
id = "a"
place = "London"
[clients.limits]
http = "3"
[[catalog]]
path = "/"
[origin]
place = "London"
[[server]]
name = "app-1"
[[server]]
name = "app-2"
pool = "other"
[[proxy.route]]
prefix = "/"
to = "app"
[balancer]
mode = "l4"
count = 2
sticky = { by = "cookie" }
hash-by = "uri"
retry-on = [503]
connections = { tls = "1.3" }
[[pop]]
place = "London"
[edge]
connections = { http = "3" }
[[event]]
at = "1s"
fault = "status"
status = 503
node = "balancer"
[[event]]
at = "1s"
do = "set"
set = { balancer.mode = "l7" }
[[variant]]
name = "l7"
set = { balancer.mode = "l7", balancer.proxy-protocol = "v2", balancer.hash-by = "uri" }
`
	holdWrongs(t, wrongs(t, text),
		`clients[0].limits.http: HTTP/3 comes over UDP`,
		`server[1].pool: an L4 balancer has one pool`,
		`proxy.route: an L4 balancer reads no path`,
		`balancer.count: is 2, but an L4 balancer stands alone`,
		`balancer.sticky.by: a cookie stands in requests`,
		`balancer.hash-by: "uri" stands in requests`,
		`balancer.retry-on: lists statuses`,
		`balancer.connections: an L4 balancer passes on what users speak`,
		`edge.connections.http: HTTP/3 comes over UDP`,
		`event[0].node: an L4 balancer answers no request`,
		`event[1].set.balancer.mode: cannot change while a run lasts`,
		`variant[0].set.balancer.proxy-protocol: is of an L4 balancer`,
	)
}

func TestSocketMistakes(t *testing.T) {
	const text = `
name = "wrong"
duration = "2s"
[load]
rate = 1
unit = "people"
[[journey]]
name = "visit"
[[journey.step]]
page = "/"
[[clients]]
id = "a"
place = "London"
[clients.limits]
http = "2"
[[catalog]]
path = "/"
[[catalog]]
path = "/chat"
websocket = { every = "1us" }
[origin]
place = "London"
servers = 2
[balancer]
connections = { http = "2" }
`
	holdWrongs(t, wrongs(t, text),
		`clients[0].limits.http: is HTTP/2 or 3`,
		`catalog[1].websocket: people go along pages`,
		`catalog[1].websocket.every: must be at least 1ms`,
		`balancer.connections.http: is HTTP/2 or 3`,
	)
}

func TestTCPMistakes(t *testing.T) {
	const text = `
name = "wrong"
duration = "2s"
[load]
rate = 1
[[clients]]
id = "a"
place = "London"
[clients.limits]
http = "2"
[[catalog]]
path = "/"
[[catalog]]
path = "/game"
tcp = {}
[origin]
place = "London"
servers = 2
[[pop]]
place = "London"
[[variant]]
name = "right"
set = { balancer.mode = "l4", edge.on = false, clients.0.limits.http = "1.1" }
`
	holdWrongs(t, wrongs(t, text),
		`clients[0].limits.http: is HTTP/2 or 3, and a connection`,
		`catalog[1].tcp: is no HTTP, and PoPs read HTTP alone`,
		`catalog[1].tcp: is no HTTP, which is what an L7 balancer reads`,
	)
}

func TestDatagramMistakes(t *testing.T) {
	const text = `
name = "wrong"
duration = "2s"
[load]
rate = 1
unit = "people"
[[journey]]
name = "visit"
[[journey.step]]
page = "/"
[[clients]]
id = "a"
place = "London"
[[catalog]]
path = "/"
[[catalog]]
path = "/state"
size = "2KB"
udp = {}
[origin]
place = "London"
servers = 2
[balancer]
hash-by = "flow"
flows = { limit = 10 }
[[pop]]
place = "London"
`
	holdWrongs(t, wrongs(t, text),
		`catalog[1].size: must be given and at most 1472B`,
		`catalog[1].udp: is no HTTP, and PoPs read HTTP alone`,
		`catalog[1].udp: is no HTTP, which is what an L7 balancer reads`,
		`catalog[1].udp: people go along pages`,
		`balancer.hash-by: is of an L4 balancer`,
		`balancer.flows: are of an L4 balancer`,
	)
}
