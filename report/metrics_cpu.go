// Metrics of the nodes' cores: how busy they were, and with what.
package report

import "cdnlab/sim"

// cpuCounter is the nodes' counter of the time that their cores have worked.
const cpuCounter = "cpu-busy-ns"

func init() {
	register(Metric{Name: "cpu" + perNode, Unit: UnitRatio, Better: Lower,
		Definition: "CPU time of one node / time: 100 % is one core at work, 250 % two and a half, as top shows it",
		More: "In virtual time it is what the work costs by [cpu], on as many cores as cpu.cores says; in the live world the process's CPU time as the kernel counts it, " +
			"its runtime and the lab's own book-keeping included. A node whose cores are all busy makes its users wait.",
		Knows: nodeNames,
		Value: func(v View, node string) (float64, bool) {
			busy, known := v.series(node + "." + cpuCounter)
			return busy / float64(max(v.Window.To.Sub(v.Window.From), 1)), known
		}})
	register(Metric{Name: "cpu-per-request" + perNode, Unit: UnitTime, Better: Lower,
		Definition: "CPU time of one node / requests that reached it: all its work, health checks and purges included",
		Knows:      nodeNames,
		Value: func(v View, node string) (float64, bool) {
			busy, known := v.Window.Counters[node+"."+cpuCounter]
			n := v.Window.Counters[node+"."+requestsCounter]
			return float64(busy) / float64(max(n, 1)), known && n > 0
		}})
}

// series adds up what a series has within the window: unlike a count of the
// window, not what came of its requests after its end. Of a step that the window
// has a part of, it takes that part.
func (v View) series(name string) (sum float64, known bool) {
	points, known := v.Run.Series[name]
	for i, n := range points {
		from := sim.Time(i) * sim.Time(v.Run.Step)
		part := min(v.Window.To, from.Add(v.Run.Step)).Sub(max(v.Window.From, from))
		sum += float64(n) * float64(max(part, 0)) / float64(v.Run.Step)
	}
	return sum, known
}
