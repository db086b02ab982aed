// The fault zone-outage.
package fault

func init() {
	Faults.Add("zone-outage", "every node of a zone is killed, as when a data centre loses its power, and, with `for`, restarted", Kind{
		Needs: []string{"zone"},
		Make:  func(c Config) Fault { return zoneOutage{c.Zone} },
		Tell:  func(c Config) string { return "zone " + c.Zone + " is lost" },
		Until: func(c Config) string { return ", comes back after " + span(c.For) },
	})
}

type zoneOutage struct{ zone string }

func (f zoneOutage) Begin(w World) {
	for _, node := range w.Zone(f.zone) {
		w.Crash(node)
	}
}

func (f zoneOutage) End(w World) {
	for _, node := range w.Zone(f.zone) {
		w.Restart(node)
	}
}
