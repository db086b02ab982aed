// Tests: the counts of libCacheSim, to the last miss.
package replay

import (
	stdcsv "encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"cdnlab/edge/cache"
)

const traces = "../../testdata/traces"

// load reads a trace of testdata whole.
func load(t testing.TB, pattern string) []Request {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(traces, pattern))
	if len(files) != 1 {
		t.Fatalf("%s: %d files", pattern, len(files))
	}
	file, err := os.Open(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := Open(file, files[0], FormatAuto, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all []Request
	for batch := make([]Request, 1000); ; {
		n, err := r.Read(batch)
		all = append(all, batch[:n]...)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// foresee fills in Next.
func foresee(requests []Request) {
	last := map[uint64]int{}
	for i := range requests {
		requests[i].Next = Never
		if before, known := last[requests[i].ID]; known {
			requests[before].Next = int64(i)
		}
		last[requests[i].ID] = i
	}
}

// TestCounts replays the shipped traces and counts as libCacheSim does: every policy of
// its that is here, with sizes and without.
func TestCounts(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(traces, "libcachesim.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := stdcsv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	loaded := map[string][]Request{}
	for _, row := range rows[1:] {
		requests := loaded[row[0]]
		if requests == nil {
			requests = load(t, row[0]+".*")
			foresee(requests)
			loaded[row[0]] = requests
		}
		var want [3]int64
		for i := range want {
			if want[i], err = strconv.ParseInt(row[3+i], 10, 64); err != nil {
				t.Fatal(err)
			}
		}
		misses, bytes := play(t, requests, row[2], want[0], row[1] == "ignored", true)
		if misses != want[1] || bytes != want[2] {
			t.Errorf("%s: %d misses, %d bytes", strings.Join(row, ","), misses, bytes)
		}
	}
}

// play counts what a policy misses.
func play(t testing.TB, requests []Request, name string, capacity int64, ignored, compat bool) (misses, bytes int64) {
	t.Helper()
	belady, policy := NewBelady()
	if name != "belady" {
		var err error
		if policy, err = cache.Evictions.Get(name); err != nil {
			t.Fatal(err)
		}
	}
	c := NewCache(policy.With(dice()), capacity, compat)
	for i := range requests {
		size := requests[i].Size
		if ignored {
			size = 1
		}
		belady.Sees(requests[i].Next)
		if !c.Ask(requests[i].ID, size) {
			misses++
			bytes += size
		}
	}
	return misses, bytes
}
