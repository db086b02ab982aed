// Tests: counts of requests, and what is wrong with them.
package replay

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

func TestReadArrivals(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"minutes in UTC", "utc_minute,requests\n1998-07-07 21:41:00,229426\n1998-07-07 21:42:00,225678\n", "{8.9984766e+08 1m0s [229426 225678]}"},
		{"a gap", "time,count\n0,5\n60,0.5\n180,7\n", "{0 1m0s [5 0.5 0 7]}"},
		{"compressed, other columns among them", zstandard("region,requests,ts\neu,1,10.5\neu,2,11\n"), "{10.5 500ms [1 2]}"},
		{"requests", plainCSV, "no counts"},
		{"of an object each", "time,requests,id\n1,2,3\n", "no counts"},
		{"nothing", "", "no counts"},
		{"one line", "time,requests\n1,2\n", "has fewer than two lines of counts: how long is an interval?"},
		{"no time", "time,requests\n1,2\nnoon,2\n", `line 3: "noon" is no time: seconds, or a moment such as 1998-07-07 21:41:00`},
		{"no count", "time,requests\n1,-2\n", `line 2: "-2" is no count of requests`},
		{"an endless count", "time,requests\n1,Inf\n", `line 2: "Inf" is no count of requests`},
		{"too few columns", "time,requests\n1\n", "line 2: has 1 columns, not 2"},
		{"back in time", "time,requests\n1,2\n2,2\n2,2\n", "line 4: is not later than the line before"},
		{"crooked", "time,requests\n0,2\n10,2\n25,2\n", "line 4: is no whole number of intervals of 10s after the first"},
		{"too fine", "time,requests\n0,2\n0.0001,2\n", "its intervals take 100µs, less than a millisecond"},
		{"too far apart", "time,requests\n0,2\n1,2\n1e9,2\n", "it has 1000000000 intervals of 1s from its first to its last line; the limit is 10000000"},
		{"a long line", "time,requests\n" + strings.Repeat("1", longestLine+1), "line 2: bufio.Scanner: token too long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, ok, err := ReadArrivals(strings.NewReader(c.text))
			got := "no counts"
			switch {
			case err != nil:
				got = err.Error()
			case ok:
				got = fmt.Sprint(*a)
			}
			if got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

// TestWorldCup holds the trace against what its source says of it.
func TestWorldCup(t *testing.T) {
	f, err := os.Open("../../testdata/traces/worldcup98-per-minute.csv.zst")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	a, ok, err := ReadArrivals(f)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	lines, sum, peak := 0, 0.0, 0
	for i, n := range a.Counts {
		sum += n
		if n > 0 {
			lines++
		}
		if n > a.Counts[peak] {
			peak = i
		}
	}
	at := time.Unix(int64(a.Start), 0).UTC().Add(time.Duration(peak) * a.Every).Format(time.DateTime)
	if lines != 125_300 || sum != 1_352_804_107 || a.Counts[peak] != 229_426 || at != "1998-07-07 21:41:00" || a.Every != time.Minute {
		t.Errorf("%d minutes with %.0f requests, at most %.0f at %s, every %v", lines, sum, a.Counts[peak], at, a.Every)
	}
}

func FuzzReadArrivals(f *testing.F) {
	f.Add("utc_minute,requests\n1998-07-07 21:41:00,229426\n1998-07-07 21:42:00,225678\n")
	f.Add("time,count\n0,5\n60,0.5\n180,7\n")
	f.Add("time,count\n-1e11,5\n1e11,0.5\n")
	f.Fuzz(func(t *testing.T, text string) {
		a, ok, err := ReadArrivals(strings.NewReader(text))
		switch {
		case err != nil || !ok:
			return
		case len(a.Counts) < 2 || len(a.Counts) > maxIntervals || a.Every < time.Millisecond:
			t.Errorf("%d intervals of %v", len(a.Counts), a.Every)
		}
		for _, n := range a.Counts {
			if !(n >= 0 && n <= maxCount) || math.IsNaN(a.Start) {
				t.Fatalf("a count of %g, from %g", n, a.Start)
			}
		}
	})
}
