// Metrics of the nodes' cores: how busy they were, and with what.
package report

// cpuCounter is the nodes' counter of the time that their cores have worked.
const cpuCounter = "cpu-busy-ns"

func init() {
	register(Metric{Name: "cpu" + perNode, Unit: UnitRatio, Better: Lower,
		Definition: "CPU time of one node / time: 100 % is one core at work, 250 % two and a half, as top shows it",
		More: "In virtual time it is what the work costs by [cpu], on as many cores as cpu.cores says; in the live world the process's CPU time as the kernel counts it, " +
			"its runtime and the lab's own book-keeping included. A node whose cores are all busy makes its users wait.",
		Knows: nodeNames,
		Value: func(v View, node string) (float64, bool) {
			busy, known := v.Window.Counters[node+"."+cpuCounter]
			return float64(busy) / float64(max(v.Window.To.Sub(v.Window.From), 1)), known
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
