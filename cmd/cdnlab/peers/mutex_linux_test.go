// How long a PoP waits for its own mutex.
package peers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"testing"
	"time"

	"cdnlab/scenarios"
	"cdnlab/sim/live"
)

// mutexRate is a load of which two cores still carry both ends.
const mutexRate = 20_000

// beProfiled is a node that tells at its end, on standard error, how long its
// goroutines have waited for mutexes.
func beProfiled([]string) error {
	runtime.SetMutexProfileFraction(1)
	err := live.RunNode(os.Stdin, os.Stdout, scenarios.BlueprintOf)
	fmt.Fprintf(os.Stderr, "\nwaited %d ns\n", mutexWait())
	return err
}

// mutexWait sums up the mutex profile, in its text form, whose unit is told with
// it. The end of the front aside, where each connection waits once for all that
// are closed before it: that is no part of a hit.
func mutexWait() int64 {
	var text bytes.Buffer
	_ = pprof.Lookup("mutex").WriteTo(&text, 1) // into memory
	var perSecond, all int64
	for record := range strings.SplitSeq(text.String(), "\n\n") {
		ending := strings.Contains(record, "live.(*Front).Close+") || strings.Contains(record, "live.(*Front).leave+")
		for line := range strings.Lines(record) {
			if rate, found := strings.CutPrefix(line, "cycles/second="); found {
				perSecond, _ = strconv.ParseInt(strings.TrimSpace(rate), 10, 64)
			}
			if cycles, _, found := strings.Cut(line, " "); found && !ending {
				n, _ := strconv.ParseInt(cycles, 10, 64) // other lines begin with words
				all += n
			}
		}
	}
	if perSecond == 0 {
		return 0
	}
	return int64(float64(all) / float64(perSecond) * float64(time.Second))
}

// BenchmarkMutex gives a PoP on all cores hits at 20,000/s.
func BenchmarkMutex(b *testing.B) {
	s := startSite(b)
	listen := freeAddress(b)
	p := pop(b, s, listen, "", os.Args[0], "pop")
	p.serving(b, listen)
	before := p.cpu(b)
	said, err := exec.Command(os.Args[0], "generate", listen, "0", strconv.Itoa(mutexRate), "5").Output()
	if err != nil {
		b.Fatal(err)
	}
	used := p.cpu(b) - before
	var g generated
	if err := json.Unmarshal(said, &g); err != nil || g.Answers == 0 {
		b.Fatalf("%v: %s", err, said)
	}
	_, told, found := strings.Cut(p.finish(b), "waited ")
	if !found {
		b.Fatal("the PoP told nothing of its mutex")
	}
	waited, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(told), " ns"), 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(used.Microseconds())/float64(g.Answers), "µs/hit")
	b.ReportMetric(100*float64(waited)/float64(used), "%-waiting")
	b.ReportMetric(float64(g.LateP99)/1e6, "ms-late-p99")
	b.ReportMetric(float64(g.Failed), "failed")
}
